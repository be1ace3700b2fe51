/**
 * Random values, in the two forms that the program needs.
 * @module
 */

/** An id for one client request: `req_` and 20 random hexadecimal digits. */
export function randomRequestId(): string {
  return "req_" + crypto.randomUUID().replaceAll("-", "").slice(0, 20);
}

/** A secret of `byteCount` random bytes, written as base64url without padding. */
export function randomKey(byteCount: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(byteCount));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** `byteCount` random bytes in hexadecimal digits. */
export function randomHex(byteCount: number): string {
  return crypto.getRandomValues(new Uint8Array(byteCount)).toHex();
}

/** A number from 0 up to 1, to spread what would happen at the same time. */
export function randomShare(): number {
  return Math.random();
}
