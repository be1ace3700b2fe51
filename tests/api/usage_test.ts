import assert from "node:assert/strict";
import * as z from "zod/mini";
import { usage } from "../../src/api/usage.ts";
import { aUsage } from "../support/usage.ts";

Deno.test("the page of /usage has every field that the schema knows, and no other", () => {
  const schema = usage.schema(z);
  assert.deepEqual(schema.parse(aUsage()), aUsage());
  assert.throws(() => schema.parse({ ...aUsage(), more: 1 }));
});
