/**
 * The keys of clients: who may use the proxy where other machines can reach it. Each client has a name and a key of its
 * own; the file in the auth dir holds hashes, so nobody can read a key from it. Pure.
 * @module
 */

import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { parseJson } from "../values/json.ts";
import { isLoopbackHost } from "./address.ts";
import type { Settings } from "./settings_table.ts";

/** A client that may use the proxy. */
export interface ClientKey {
  /** Chosen by the user; one client each. */
  readonly name: string;
  /** SHA-256 of the key's UTF-8 bytes, 64 hexadecimal digits. Keys are random, so nobody can find one by trying. */
  readonly sha256: string;
  /** When the key was made, ISO 8601. */
  readonly createdAt: string;
}

/** What was found in the file. `reason` continues the sentence "the client keys cannot be used: ". */
export type ClientKeysReading =
  | { readonly kind: "keys"; readonly keys: readonly ClientKey[] }
  | { readonly kind: "unusable"; readonly reason: string };

/** What every client key begins with, so that people and secret scanners know what they found. */
export const CLIENT_KEY_PREFIX = "cdx2-";

/** The random part of a client key. */
export const CLIENT_KEY_BYTES = 32;

const VERSION = 1;

/** Whether a client may have this name: it is shown in logs and lists, and typed on command lines. */
export function isClientName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);
}

/** What {@link isClientName} allows, to continue the words "allowed are". */
export const ALLOWED_CLIENT_NAMES = "letters, digits, dots, dashes and underscores, 64 at most";

/** Whether each request needs the key of a client: other machines can reach the proxy, or the user asks for it. */
export function needsClientKey(
  { host, requireClientKey }: Pick<Settings, "host" | "requireClientKey">,
): boolean {
  return requireClientKey || !isLoopbackHost(host);
}

/** The hash under which a key is kept. */
export function hashOfClientKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** The text of the file. */
export function writeClientKeys(keys: readonly ClientKey[]): string {
  const clients = keys.map(({ name, sha256, createdAt }) => ({ name, sha256, created_at: createdAt }));
  return JSON.stringify({ $schema_version: VERSION, clients }, null, 2) + "\n";
}

/** Never throws. A file with one bad entry is unusable as a whole: which client it was about is not known. */
export function readClientKeys(text: string): ClientKeysReading {
  const { data, error } = fileSchema().safeParse(parseJson(text));
  if (data) {
    const keys = data.clients.map(({ name, sha256, created_at }) => ({
      name,
      sha256,
      createdAt: created_at,
    }));
    return { kind: "keys", keys };
  }
  const place = error.issues[0]?.path.join(".");
  return { kind: "unusable", reason: place ? `its ${place} is not as expected` : "it is not a JSON object" };
}

// Made when a file is read: most users have none.
function fileSchema() {
  const client = z.object({
    name: z.string().check(z.refine(isClientName)),
    sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    created_at: z.iso.datetime(),
  });
  return z.object({ $schema_version: z.literal(VERSION), clients: z.array(client) });
}
