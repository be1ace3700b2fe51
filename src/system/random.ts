/**
 * Randomness, in the two shapes that the program needs.
 * @module
 */

/** A fresh id for one client request: `req_` and 20 hexadecimal digits. */
export function randomRequestId(): string {
  return "req_" + crypto.randomUUID().replaceAll("-", "").slice(0, 20);
}

/** A secret of `byteCount` random bytes, written as base64url without padding. */
export function randomKey(byteCount: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(byteCount));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
