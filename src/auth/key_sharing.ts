/**
 * The pool as one of several that know the same keys: it tells what it does to them, and takes what others did. Nothing
 * here waits for anybody.
 * @module
 */

import { healthAt, HEALTHY, type KeyHealth } from "./key_state.ts";
import type { KeyTable } from "./key_table.ts";
import { newestReadings } from "./limits.ts";
import type { KeySharer, SharedKey } from "./shared_key.ts";

/** Whether two healths say the same, whatever way they came here. */
function isSame(one: KeyHealth, other: KeyHealth): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What other machines have to do with the keys of a pool. */
export class KeySharing {
  readonly #keys: KeyTable;

  /** Nobody is told anything yet. */
  constructor(keys: KeyTable) {
    this.#keys = keys;
  }

  /** From now on this one is told of what we, a member with this id, do. Keys without a turn are in an order of our own. */
  connect(sharer: KeySharer, memberId: string): void {
    this.#keys.beginAs(memberId);
    this.#keys.shareWith(sharer);
  }

  /**
   * All machines together know this of a token. Readings of our own that were not worth telling stay, unless there are none any
   * more: somebody had them forgotten.
   */
  adopt(file: string, known: SharedKey, nowMs: number): void {
    const entry = this.#keys.get(file);
    if (!entry) return;
    const windows = known.windows.length === 0 ? [] : newestReadings(entry.windows, known.windows);
    const lastSuccessMs = Math.max(entry.lastSuccessMs, known.lastSuccessMs);
    this.#keys.update(file, (own) => ({ ...own, windows, lastSuccessMs, refusal: known.refusal }));
    const [from, to] = [healthAt(entry.health, nowMs), healthAt(known.health, nowMs)];
    if (isSame(from, to)) return;
    this.#keys.setHealth(file, isSame(to, HEALTHY) ? HEALTHY : to, { from, why: "shared" });
  }
}
