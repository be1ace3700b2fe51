import assert from "node:assert/strict";
import { comparable } from "../../src/values/comparable.ts";

Deno.test("comparable() takes capital letters and accents for the same however they are written", () => {
  assert.equal(comparable("CAFE\u0301"), comparable("caf\u00e9"));
  assert.notEqual(comparable("cafe"), comparable("caf\u00e9"));
});
