/**
 * When another key answers in a session than before. It costs time and money: the new account has no prompt cache.
 * @module
 */

import { RecentMap } from "../../auth/recent_map.ts";
import type { AttemptEntry } from "./entries.ts";

// Sessions are forgotten by their number alone, so that no answer needs a time.
const NOW_MS = 0;

/** Remembers which key answered last in each session. */
export class KeySwitches {
  readonly #lastKeys: RecentMap<string>;

  /** With more than `maxSessions`, the one that was answered longest ago is forgotten. */
  constructor(maxSessions = Infinity) {
    this.#lastKeys = new RecentMap({ maxEntries: maxSessions, ttlMs: Infinity });
  }

  /** Notes an answer. Whether another key gave the one before in its session, or tried before where none is known. */
  isSwitch({ session, key, attempt }: Pick<AttemptEntry, "session" | "key" | "attempt">): boolean {
    if (session === "") return attempt > 1;
    const last = this.#lastKeys.get(session, NOW_MS);
    this.#lastKeys.set(session, key, NOW_MS);
    return last === undefined ? attempt > 1 : last !== key;
  }
}
