import assert from "node:assert/strict";
import fc from "fast-check";
import { indexOfByte } from "../../src/values/byte_search.ts";

const QUOTE = 0x22;

Deno.test("indexOfByte() finds what indexOf() finds, at every place of memory and every beginning", () => {
  // Neighbours of the byte, and those that differ from it in the highest bit or by one, are what could be taken for it.
  const near = fc.constantFrom(QUOTE, QUOTE - 1, QUOTE + 1, QUOTE ^ 0x80, 0, 1, 0x80, 0xff);
  const text = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(
      fc.array(near, { maxLength: 120 }),
      text,
      fc.nat(80),
      fc.nat(8),
      (first, second, pad, offset) => {
        const memory = Uint8Array.from([...Array(offset + pad).fill(QUOTE ^ 0x80), ...first, ...second]);
        const bytes = memory.subarray(offset);
        for (let from = 0; from <= bytes.length; from++) {
          for (const byte of [QUOTE, 0, 0x80, 0xff]) {
            if (indexOfByte(bytes, byte, from) !== bytes.indexOf(byte, from)) return false;
          }
        }
        return true;
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("indexOfByte() finds one byte at each place of a long text", () => {
  for (let at = 0; at < 300; at++) {
    const bytes = new Uint8Array(300).fill(0x78);
    bytes[at] = QUOTE;
    assert.equal(indexOfByte(bytes, QUOTE, 0), at);
    assert.equal(indexOfByte(bytes, QUOTE, at), at);
    assert.equal(indexOfByte(bytes, QUOTE, at + 1), -1);
  }
  assert.equal(indexOfByte(new Uint8Array(), QUOTE, 0), -1);
});
