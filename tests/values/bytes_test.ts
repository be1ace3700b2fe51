import assert from "node:assert/strict";
import { joined, startsAt } from "../../src/values/bytes.ts";

Deno.test("joined() puts pieces together, and copies no single one", () => {
  const piece = new Uint8Array([1, 2]);
  assert.deepEqual(joined([piece, new Uint8Array(), new Uint8Array([3])]), new Uint8Array([1, 2, 3]));
  assert.deepEqual(joined([]), new Uint8Array());
  assert.equal(joined([piece]), piece);
});

Deno.test("startsAt() compares all of the beginning, and finds none beyond the bytes", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  for (
    const [from, start, expected] of [[0, [1, 2], true], [1, [2, 3], true], [0, [1, 3], false], [
      2,
      [3, 0],
      false,
    ]] as const
  ) {
    assert.equal(startsAt(bytes, from, new Uint8Array(start)), expected);
  }
  assert.ok(startsAt(bytes, 3, new Uint8Array()));
});
