import assert from "node:assert/strict";
import { headerPairs } from "../../src/values/header_pairs.ts";

Deno.test("headerPairs() are the entries of the headers", () => {
  const headers = new Headers([["set-cookie", "a=1"], ["x-b", "2"], ["set-cookie", "b=2"], ["X-A", "1"], [
    "x-a",
    "3",
  ]]);
  assert.deepEqual(headerPairs(headers), [...headers]);
});
