/**
 * What goes into the sessions file, and what is taken out of it when the proxy starts: so that a session finds its key,
 * and an id its account, after a restart as well.
 * @module
 */

import type { Affinity, SavedAffinity } from "../auth/affinity.ts";
import { readAffinity, writeAffinity } from "./affinity_file.ts";
import { KeptFile, type KeptFilePlace, readKeptFile } from "./kept_file.ts";

// Every request may change it. A proxy that is killed loses this much at most.
const SAVE_AFTER_MS = 2000;

/** The sessions and ids that an earlier run saved. */
export async function readSavedAffinity(place: KeptFilePlace): Promise<SavedAffinity> {
  const without = "sessions and ids are learned again";
  const reader = { name: "sessions file", without, read: readAffinity };
  return await readKeptFile(place, reader) ?? { sessions: [], ids: [] };
}

/** Keeps the sessions file up to date, each change within two seconds. */
export function affinityKeeper(place: KeptFilePlace, affinity: Affinity): KeptFile {
  const { clock } = place;
  const text = () => writeAffinity(affinity.saved(clock.nowMs(), clock.wallAheadMs));
  return new KeptFile(place, { text, content: "sessions and ids", delayMs: SAVE_AFTER_MS });
}
