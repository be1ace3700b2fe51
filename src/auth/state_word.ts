/**
 * The states of a key in the words that users read, the same in every command, log and answer. The wire formats keep
 * names of their own: `OK` and `BLACKLIST` in `/health`, `whitelist` and `blacklist` in `doctor --json`.
 * @module
 */

import { entryOf } from "../values/lookup.ts";

/** The words, in the order in which states are listed; keys that take no turns come last. */
export const STATE_WORDS = [
  "ok",
  "probation",
  "cooldown",
  "blacklisted",
  "expired",
  "disabled",
] as const;

const WORDS: Readonly<Record<string, string>> = { whitelist: "ok", blacklist: "blacklisted" };

/** The word for a state as the code or a wire format names it; a state that a newer proxy names is its own word. */
export function stateWord(state: string): string {
  const name = state.toLowerCase();
  return entryOf(WORDS, name) ?? name;
}
