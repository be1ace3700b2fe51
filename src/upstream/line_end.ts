/**
 * Finds the ends of lines that end with LF, CR or both. One loop for both bytes: two calls of `indexOf` take twice as long, and one of them may
 * look through all of a chunk for a byte that is not there.
 * @module
 */

const LF = 0x0a;
const CR = 0x0d;

/** Where the line ends that `from` is in: the place of its LF or CR, or the end of the bytes. */
export function lineEnd(bytes: Uint8Array, from: number): number {
  const { length } = bytes;
  for (let at = from; at < length; at++) {
    const byte = bytes[at]!;
    if (byte <= CR && (byte === LF || byte === CR)) return at;
  }
  return length;
}
