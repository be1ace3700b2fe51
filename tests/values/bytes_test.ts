import assert from "node:assert/strict";
import { free, joined, startsAt } from "../../src/values/bytes.ts";

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

Deno.test("free() gives large memory back, and none of which the bytes are only a part", () => {
  for (
    const [size, from, to, left] of [
      [20_000, 0, 20_000, 0],
      [20_000, 0, 19_999, 19_999],
      [40_000, 20_000, 40_000, 20_000],
      [16, 0, 16, 16],
    ] as const
  ) {
    const bytes = new Uint8Array(size).subarray(from, to);
    free(bytes);
    assert.equal(bytes.length, left);
  }
});
