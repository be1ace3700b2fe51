import assert from "node:assert/strict";
import fc from "fast-check";
import { ElasticBytes } from "../../src/values/elastic_bytes.ts";
import { joined } from "../../src/values/bytes.ts";

const MIB = 2 ** 20;
/** From here on memory grows. */
const MANY = 17 * MIB;

Deno.test("ElasticBytes holds what was added, as one", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (chunks) => {
    const bytes = new ElasticBytes(300 * chunks.length);
    for (const chunk of chunks) bytes.add(chunk);
    assert.deepEqual([...bytes.bytes], [...joined(chunks)]);
  }));
});

Deno.test("ElasticBytes stays in its place while it grows", () => {
  const bytes = new ElasticBytes(MANY);
  bytes.add(new Uint8Array([1, 2, 3]));
  const before = bytes.bytes;
  bytes.add(new Uint8Array(MIB).fill(4));
  assert.equal(bytes.bytes.buffer, before.buffer);
  assert.deepEqual([...before], [1, 2, 3]);
});

Deno.test("ElasticBytes gives its memory back piece by piece, and has nothing then", () => {
  const bytes = new ElasticBytes(MANY);
  bytes.add(new Uint8Array(MIB));
  const { bytes: view } = bytes;
  let pieces = 1;
  while (bytes.shrink()) pieces++;
  assert.equal(pieces, 4);
  assert.equal(view.length, 0);
  assert.equal(bytes.bytes.length, 0);
  assert.equal(view.buffer.byteLength, 0);
});

Deno.test("ElasticBytes of a few MiB lets go of its memory and leaves it as it is", () => {
  const bytes = new ElasticBytes(MIB);
  bytes.add(new Uint8Array(MIB));
  const { bytes: view } = bytes;
  assert.equal(bytes.shrink(), false);
  assert.deepEqual([view.length, bytes.bytes.length], [MIB, 0]);
});

Deno.test("ElasticBytes takes exactly what it has room for", () => {
  for (const size of [5, MANY]) {
    const bytes = new ElasticBytes(size);
    bytes.add(new Uint8Array(size));
    assert.throws(() => bytes.add(new Uint8Array(1)), RangeError);
    assert.equal(bytes.bytes.length, size);
  }
  assert.equal(new ElasticBytes(5).shrink(), false, "one that has nothing");
});
