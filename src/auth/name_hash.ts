/**
 * What the proxy remembers of the names that clients and upstreams give to sessions and ids: a hash, never the name
 * itself. It tells whether two names are the same, over a restart as well.
 * @module
 */

import { createHash } from "node:crypto";

/** What is named: two things of different kinds with the same name have different hashes. */
export type NamedKind = "session" | "id";

const HASH_BYTES = 16;
// A session names itself in each of its requests, and an id comes in several events; hashing takes some 10 µs.
const MAX_KNOWN = 1024;
const known = new Map<string, string>();

/** The first 16 bytes of the SHA-256 of kind and name, base64url: 22 characters. */
export function nameHash(kind: NamedKind, name: string): string {
  const text = `${kind}\0${name}`;
  const before = known.get(text);
  if (before !== undefined) return before;
  const hash = createHash("sha256").update(text).digest().subarray(0, HASH_BYTES).toString("base64url");
  // A Map keeps the order of insertion: the first one was added longest ago.
  for (const [oldest] of known) {
    if (known.size < MAX_KNOWN) break;
    known.delete(oldest);
  }
  known.set(text, hash);
  return hash;
}

/** Whether a text has the form of such a hash. */
export function isNameHash(text: string): boolean {
  return /^[\w-]{22}$/.test(text);
}
