/**
 * What the proxy remembers of the names that clients and upstreams give to sessions and ids: a hash, never the name
 * itself. It tells whether two names are the same, over a restart as well.
 * @module
 */

import { hash } from "node:crypto";
import { remembered } from "../values/remembered.ts";

/** What is named: two things of different kinds with the same name have different hashes. */
export type NamedKind = "session" | "id";

const HASH_BYTES = 16;

/** The first 16 bytes of the SHA-256 of kind and name, base64url: 22 characters. */
export function nameHash(kind: NamedKind, name: string): string {
  return kind === "session" ? sessionHash(name) : hashOf(kind, name);
}

// A session names itself in each of its requests. An id comes once or twice.
const sessionHash = remembered((name) => hashOf("session", name));

function hashOf(kind: NamedKind, name: string): string {
  // As hexadecimal digits, a hash is here in half of the time.
  const digits = hash("sha256", `${kind}\0${name}`, "hex").slice(0, 2 * HASH_BYTES);
  return Uint8Array.fromHex(digits).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Whether a text has the form of such a hash. */
export function isNameHash(text: string): boolean {
  return /^[\w-]{22}$/.test(text);
}
