/**
 * Which client a request comes from, by the key that it presents. Pure.
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { type ClientKey, hashOfClientKey } from "../config/client_keys.ts";

/**
 * The name of the client whose key is in `x-api-key` or in `Authorization: Bearer …`; `undefined` when neither holds the
 * key of one. A client that sends its own login upstream has the key in `x-api-key`. Takes the same time whichever key
 * it is, and however much of it is right.
 */
export function clientNameOf(headers: Headers, keys: readonly ClientKey[]): string | undefined {
  const bearer = /^bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return nameOf(headers.get("x-api-key"), keys) ?? nameOf(bearer ?? null, keys);
}

function nameOf(given: string | null, keys: readonly ClientKey[]): string | undefined {
  if (given === null) return undefined;
  const hash = new TextEncoder().encode(hashOfClientKey(given));
  // All are compared, so that the time does not tell which one it is.
  return keys.filter(({ sha256 }) => timingSafeEqual(hash, new TextEncoder().encode(sha256)))[0]?.name;
}
