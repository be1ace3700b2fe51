/**
 * Tells whether two tokens are the same without keeping either: what the state file remembers of a token.
 * @module
 */

import type { Secret } from "../values/secret.ts";

/** SHA-256 of the token, hexadecimal. Tokens are long and random, so it leads nobody back to them. */
export async function fingerprint(token: Secret): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token.reveal()));
  return new Uint8Array(digest).toHex();
}
