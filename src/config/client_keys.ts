/**
 * The keys of clients: who may use the proxy where other machines can reach it. Each client has a name and a key of its
 * own; the file in the auth dir holds hashes, so nobody can read a key from it. Pure.
 * @module
 */

import { createHash } from "node:crypto";
import { isObject, parseJson } from "../values/json.ts";
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
  const json = parseJson(text);
  if (!isObject(json)) return { kind: "unusable", reason: "it is not a JSON object" };
  const { $schema_version: version, clients } = json;
  if (version !== VERSION) return notAsExpected("$schema_version");
  if (!Array.isArray(clients)) return notAsExpected("clients");
  const keys: ClientKey[] = [];
  for (const [index, client] of clients.entries()) {
    if (!isObject(client)) return notAsExpected(`clients.${index}`);
    const { name, sha256, created_at: createdAt } = client;
    if (!isText(name) || !isClientName(name)) return notAsExpected(`clients.${index}.name`);
    if (!isText(sha256) || !/^[0-9a-f]{64}$/.test(sha256)) return notAsExpected(`clients.${index}.sha256`);
    if (!isText(createdAt) || !isTime(createdAt)) return notAsExpected(`clients.${index}.created_at`);
    keys.push({ name, sha256, createdAt });
  }
  return { kind: "keys", keys };
}

function notAsExpected(place: string): ClientKeysReading {
  return { kind: "unusable", reason: `its ${place} is not as expected` };
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Whether it is a time as we write it: ISO 8601, in UTC. */
function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text));
}
