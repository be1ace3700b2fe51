/**
 * When another key answers in a session than before. It costs time and money: the new account has no prompt cache.
 * @module
 */

import type { AttemptEntry } from "./entries.ts";

/** Remembers which key answered last in each session. */
export class KeySwitches {
  readonly #maxSessions: number;
  /** The session that was answered longest ago comes first. */
  readonly #lastKeys = new Map<string, string>();
  #newest: string | undefined;

  /** With more than `maxSessions`, the one that was answered longest ago is forgotten. */
  constructor(maxSessions = Infinity) {
    this.#maxSessions = maxSessions;
  }

  /** Notes an answer. Whether another key gave the one before in its session, or tried before where none is known. */
  isSwitch({ session, key, attempt }: Pick<AttemptEntry, "session" | "key" | "attempt">): boolean {
    if (session === "") return attempt > 1;
    const last = this.#lastKeys.get(session);
    // The newest is at its place already, and each removal costs memory that lives on for a while.
    if (session !== this.#newest) this.#lastKeys.delete(session);
    this.#lastKeys.set(session, key);
    this.#newest = session;
    if (this.#lastKeys.size > this.#maxSessions) this.#lastKeys.delete(this.#lastKeys.keys().next().value!);
    return last === undefined ? attempt > 1 : last !== key;
  }
}
