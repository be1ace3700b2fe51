import assert from "node:assert/strict";
import { joined } from "../../src/values/bytes.ts";

Deno.test("joined() puts pieces together, and copies no single one", () => {
  const piece = new Uint8Array([1, 2]);
  assert.deepEqual(joined([piece, new Uint8Array(), new Uint8Array([3])]), new Uint8Array([1, 2, 3]));
  assert.deepEqual(joined([]), new Uint8Array());
  assert.equal(joined([piece]), piece);
});
