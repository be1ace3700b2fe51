/**
 * Looks for one byte in megabytes, as pictures in a request are: thirty-two bytes at a time, two to three times as fast as
 * `indexOf()`.
 * @module
 */

const [IN_EACH_BYTE, HIGHEST_BITS] = [0x01010101, 0x80808080 | 0];
// Bytes in a number, and numbers that are looked at before the next branch.
const [WIDTH, NUMBERS] = [4, 8];

/** As `bytes.indexOf(byte, from)`, for `from` in it or at its end: where the byte comes first, -1 for nowhere. */
export function indexOfByte(bytes: Uint8Array, byte: number, from: number): number {
  const toAligned = -(bytes.byteOffset + from) & (WIDTH - 1);
  const start = Math.min(bytes.length, from + toAligned);
  for (let at = from; at < start; at++) if (bytes[at] === byte) return at;
  if (start === bytes.length) return -1;
  const numbers = new Int32Array(bytes.buffer, bytes.byteOffset + start, (bytes.length - start) >> 2);
  let at = start + WIDTH * withoutByte(numbers, Math.imul(byte, IN_EACH_BYTE));
  for (; at < bytes.length; at++) if (bytes[at] === byte) return at;
  return -1;
}

/** How many of the numbers, in groups of eight, hold no byte of `repeated`. */
function withoutByte(numbers: Int32Array, repeated: number): number {
  let at = 0;
  for (const last = numbers.length - NUMBERS; at <= last; at += NUMBERS) {
    // Each becomes one with a byte 0 where the byte is.
    const a = numbers[at]! ^ repeated;
    const b = numbers[at + 1]! ^ repeated;
    const c = numbers[at + 2]! ^ repeated;
    const d = numbers[at + 3]! ^ repeated;
    const e = numbers[at + 4]! ^ repeated;
    const f = numbers[at + 5]! ^ repeated;
    const g = numbers[at + 6]! ^ repeated;
    const h = numbers[at + 7]! ^ repeated;
    if (
      ((zeros(a) | zeros(b) | zeros(c) | zeros(d) | zeros(e) | zeros(f) | zeros(g) | zeros(h)) &
        HIGHEST_BITS) !== 0
    ) break;
  }
  return at;
}

/** Has one of {@link HIGHEST_BITS} exactly when one of the four bytes is 0. */
function zeros(number: number): number {
  return (number - IN_EACH_BYTE) & ~number;
}
