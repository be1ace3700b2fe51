import assert from "node:assert/strict";
import { entryOf } from "../../src/values/lookup.ts";

Deno.test("entryOf() finds what a table has of its own, and nothing that every object has", () => {
  const table = { ok: "all is well", "": "nothing" };
  assert.deepEqual(["ok", "", "no"].map((name) => entryOf(table, name)), [
    "all is well",
    "nothing",
    undefined,
  ]);
  for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
    assert.equal(entryOf(table, name), undefined, name);
  }
});
