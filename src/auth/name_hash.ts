/**
 * What the proxy remembers of the names that clients and upstreams give to sessions and ids: a hash, never the name
 * itself. It tells whether two names are the same, over a restart as well.
 * @module
 */

import { createHash } from "node:crypto";
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
  const digest = createHash("sha256").update(`${kind}\0${name}`).digest();
  return digest.subarray(0, HASH_BYTES).toString("base64url");
}

/** Whether a text has the form of such a hash. */
export function isNameHash(text: string): boolean {
  return /^[\w-]{22}$/.test(text);
}
