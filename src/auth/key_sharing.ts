/**
 * The pool as one of several that know the same keys: it tells what it does to them, and takes what others did. A request
 * waits for others only before the very first attempt with a key, and not for long.
 * @module
 */

import { healthAt, HEALTHY, type KeyHealth } from "./key_state.ts";
import type { KeyTable } from "./key_table.ts";
import { newestReadings } from "./limits.ts";
import type { Chooser } from "./first_tries.ts";
import type { AuthRecord } from "./record.ts";
import {
  firstTryAnswered,
  firstTryBegun,
  isUntested,
  type KeySharer,
  type SharedKey,
  triedElsewhere,
} from "./shared_key.ts";

/** Whether two healths say the same, whatever way they came here. */
function isSame(one: KeyHealth, other: KeyHealth): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * How long a request waits at most before attempts with keys that nobody knows anything of. A refused attempt would take as
 * long.
 */
export const MAX_FIRST_WAIT_MS = 300;

/** What other machines have to do with the keys of a pool. */
export class KeySharing {
  readonly #keys: KeyTable;
  #sharer: KeySharer | undefined;

  /** Nobody is told anything yet. */
  constructor(keys: KeyTable) {
    this.#keys = keys;
  }

  /** From now on this one is told of what we, a member with this id, do. Keys without a turn are in an order of our own. */
  connect(sharer: KeySharer, memberId: string): void {
    this.#keys.beginAs(memberId);
    this.#keys.shareWith(sharer);
    this.#sharer = sharer;
  }

  /** Who chooses; `undefined` where there are no others. */
  chooser(isNewcomer: boolean): Chooser | undefined {
    return this.#sharer && { runId: this.#sharer.runId, isNewcomer };
  }

  /**
   * Before an attempt, by a request that has waited here since `sinceMs`: when nobody knows anything of the key, the others
   * are told that we try it, and an attempt of theirs is waited for. The choice is then to be made again. `undefined`
   * when there is nothing to wait for: always without others, and for every key that has served.
   */
  beforeFirstTry({ file }: AuthRecord, sinceMs: number, nowMs: number): Promise<void> | undefined {
    const [sharer, entry] = [this.#sharer, this.#keys.get(file)];
    const leftMs = sinceMs + MAX_FIRST_WAIT_MS - nowMs;
    if (!sharer || !entry || leftMs <= 0 || !isUntested(entry) || !sharer.isThere()) return undefined;
    const other = triedElsewhere(entry, sharer.runId, nowMs);
    if (other) return sharer.nextNews(Math.min(leftMs, other.untilMs - nowMs));
    if (entry.firstTry && entry.firstTry.untilMs > nowMs) return undefined;
    this.#keys.change(file, firstTryBegun(sharer.runId, nowMs));
    return this.#keys.get(file)?.firstTry?.by === sharer.runId ? sharer.told(entry.record) : undefined;
  }

  /** An attempt with this key is answered, whatever the rest of the answer brings. */
  answered({ file }: Pick<AuthRecord, "file">): void {
    if (this.#sharer) this.#keys.change(file, firstTryAnswered());
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
    this.#keys.update(file, (own) => ({
      ...own,
      windows,
      lastSuccessMs,
      refusal: known.refusal,
      firstTry: known.firstTry,
    }));
    const [from, to] = [healthAt(entry.health, nowMs), healthAt(known.health, nowMs)];
    if (isSame(from, to)) return;
    this.#keys.setHealth(file, isSame(to, HEALTHY) ? HEALTHY : to, { from, why: "shared" });
  }
}
