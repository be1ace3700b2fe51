import assert from "node:assert/strict";
import { CREATE_TABLES, SCHEMA_VERSION, TABLES } from "../../../src/observability/usage/schema.ts";

Deno.test("each table has an index over its times, and the version is written last", () => {
  for (const table of TABLES) assert.match(CREATE_TABLES, new RegExp(`ON ${table} \\(at\\)`));
  assert.match(CREATE_TABLES.trim(), new RegExp(`PRAGMA user_version = ${SCHEMA_VERSION};$`));
});
