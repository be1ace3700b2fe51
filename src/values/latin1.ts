/**
 * Bytes as text with one character for each, so that positions in the text are those in the bytes. TextDecoder has no such
 * encoding: what it calls "latin1" is Windows-1252.
 * @module
 */

// More arguments than a call takes everywhere.
const AT_ONCE = 4096;

/** The text of these bytes: each character has the number of its byte. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    // Spread, they would be taken out one by one, which takes nine times as long.
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + AT_ONCE) as unknown as number[]);
  }
  return text;
}
