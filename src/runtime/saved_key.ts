/**
 * One key of the state file. Only the proxy reads it, once, when it starts; the commands need the address of the service
 * and load no schema for it.
 * @module
 */

import { readHealth } from "../auth/health_schema.ts";
import type { KeyHealth } from "../auth/key_state.ts";
import { member } from "../values/json.ts";

/** The health of a key, kept over a restart for as long as its token is the same. */
export interface SavedKey {
  /** The auth file. */
  readonly file: string;
  /** The fingerprint of the token that the health belongs to. */
  readonly tokenHash: string;
  /** The state of the key, its counters and its evidence. */
  readonly health: KeyHealth;
}

/** The key, with the names of its fields in camel case; `undefined` for an entry that cannot be read. */
export function readSavedKey(entry: unknown): SavedKey | undefined {
  const file = member(entry, "file");
  const tokenHash = member(entry, "tokenHash");
  const health = readHealth(member(entry, "health"));
  if (typeof file !== "string" || typeof tokenHash !== "string" || !health) return undefined;
  return { file, tokenHash, health };
}
