import assert from "node:assert/strict";
import fc from "fast-check";
import { latin1 } from "../../src/values/latin1.ts";

Deno.test("latin1() gives each byte the character with its number", () => {
  const all = Uint8Array.from({ length: 256 }, (_, at) => at);
  assert.deepEqual([...latin1(all)].map((char) => char.charCodeAt(0)), [...all]);
});

Deno.test("latin1() is as long as the bytes, whatever their number", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 20_000 }), (length) => {
    const text = latin1(new Uint8Array(length).fill(0xe9));
    assert.equal(text, "é".repeat(length));
  }));
});
