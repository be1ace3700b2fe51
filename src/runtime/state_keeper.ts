/**
 * What goes into the state file, and what is taken out of it when the proxy starts: so that a proxy that was killed still
 * knows which keys have penalties. When it is written, kept_file.ts knows.
 * @module
 */

import { fingerprint } from "../auth/fingerprint.ts";
import { HEALTHY } from "../auth/key_state.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { Secret } from "../values/secret.ts";
import { KeptFile, type KeptFilePlace, type KeptReading, readKeptFile } from "./kept_file.ts";
import type { ServiceRecord } from "./process_record.ts";
import { readSavedKey, type SavedKey } from "./saved_key.ts";
import { readState, writeState } from "./state_file.ts";

/** The penalties that an earlier run saved in the state file. */
export async function readSavedKeys(place: KeptFilePlace): Promise<readonly SavedKey[]> {
  const reader = { name: "state file", without: "all keys start without penalties", read: keysIn };
  return await readKeptFile(place, reader) ?? [];
}

function keysIn(text: string): KeptReading<readonly SavedKey[]> {
  const reading = readState(text);
  if (reading.kind === "unusable") return reading;
  return { kind: "read", value: reading.keys.flatMap((entry) => readSavedKey(entry) ?? []) };
}

/** Gives keys of the pool the health that was saved for the same token. */
export function restoreKeys(
  pool: KeyPool,
  records: readonly AuthRecord[],
  saved: readonly SavedKey[],
  nowMs: number,
): void {
  const byHash = new Map(records.map(({ file, token }) => [fingerprint(token), file]));
  for (const { tokenHash, health } of saved) {
    const file = byHash.get(tokenHash);
    if (file !== undefined) pool.restore(file, health, nowMs);
  }
}

/** What is kept in the state file. */
export interface KeptState {
  /** Who writes it. */
  readonly service: ServiceRecord;
  /** Whose penalties are kept. */
  readonly pool: KeyPool;
}

/** Keeps the state file up to date: a change is written at once, since penalties change rarely. */
export function stateKeeper(place: KeptFilePlace, { service, pool }: KeptState): KeptFile {
  const hashes = new WeakMap<Secret, string>();
  const text = () => {
    const reports = pool.wall.describe(place.clock.nowMs());
    const marked = reports.filter(({ health }) => health !== HEALTHY);
    const keys = marked.map(({ record: { file, token }, health }) => {
      const tokenHash = hashes.get(token) ?? fingerprint(token);
      hashes.set(token, tokenHash);
      return { file, tokenHash, health };
    });
    return writeState({ service, keys });
  };
  return new KeptFile(place, { text, content: "penalties", delayMs: 0 });
}
