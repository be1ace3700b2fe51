/**
 * A short proof of a token: it tells whether two tokens are the same, and nobody can read the token from it. The state
 * file and the lists of auth files show it in place of the token.
 * @module
 */

import { createHash } from "node:crypto";
import type { Secret } from "../values/secret.ts";

/**
 * SHA-256 of the token's UTF-8 bytes, as 64 hexadecimal digits. Tokens are long and random, so nobody can find one by
 * trying.
 */
export function fingerprint(token: Secret): string {
  return createHash("sha256").update(token.reveal()).digest("hex");
}
