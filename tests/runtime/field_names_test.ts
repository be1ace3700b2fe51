import assert from "node:assert/strict";
import { camelCased, snakeCased } from "../../src/runtime/field_names.ts";

const CAMEL = { startedAt: "aB", $schemaVersion: 2, keys: [{ tokenHash: null, x: [1] }] };
const SNAKE = { started_at: "aB", $schema_version: 2, keys: [{ token_hash: null, x: [1] }] };

Deno.test("snakeCased() renames fields at every depth, and no values", () => {
  assert.deepEqual(snakeCased(CAMEL), SNAKE);
});

Deno.test("camelCased() is its opposite", () => {
  assert.deepEqual(camelCased(SNAKE), CAMEL);
});
