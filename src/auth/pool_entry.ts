/**
 * What the pool knows about one key, and what it is asked about its keys.
 * @module
 */

import type { Candidate } from "./choice.ts";
import { HEALTHY } from "./key_state.ts";
import type { AuthRecord } from "./record.ts";

/** Which keys a reset is about; an empty filter is about all. */
export interface ResetFilter {
  /** Only this file. */
  readonly file?: string;
  /** Only keys in this state. */
  readonly state?: "blacklist" | "cooldown" | "probation";
}

/** A key that was refused a model. */
export interface ModelRefusal {
  /** The file of the key. */
  readonly file: string;
  /** The upstream's name for the refusal. */
  readonly code: string;
}

/** One key in the pool. */
export interface PoolEntry extends Candidate {
  /** Attempts made with it since the start of the proxy. */
  readonly used: number;
  /** Those of them that the upstream rejected or failed. */
  readonly errors: number;
  /** Epoch milliseconds; 0 for never. */
  readonly lastUsedMs: number;
  /** Epoch milliseconds; 0 for never, or not since its token changed. */
  readonly lastSuccessMs: number;
}

/** A key that the pool has not known before. */
export function newEntry(record: AuthRecord): PoolEntry {
  return {
    record,
    health: HEALTHY,
    windows: [],
    turn: 0,
    used: 0,
    errors: 0,
    lastUsedMs: 0,
    lastSuccessMs: 0,
  };
}

/** A known key with what its file holds now: with the same token it keeps everything, with another it starts afresh. */
export function withRecord(known: PoolEntry, record: AuthRecord): PoolEntry {
  if (known.record.token.equals(record.token)) return { ...known, record };
  return { ...known, record, health: HEALTHY, windows: [], lastSuccessMs: 0 };
}
