/**
 * Waits for what other members know of keys that nobody has used yet. A server of the pool that does not answer in time is
 * not waited for again before it has answered.
 * @module
 */

import { type Clock, holdsWithin, withDeadline } from "../system/clock.ts";

/** How long a request waits for the server of the pool at most. */
export const MAX_TOLD_MS = 100;

/** See above. */
export class FirstTries {
  readonly #clock: Clock;
  #news = Promise.withResolvers<void>();
  #isLate = false;

  /** Nobody waits yet. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the server is so slow that waiting for it makes no sense. */
  get isLate(): boolean {
    return this.#isLate;
  }

  /** Something was told, or another member told something. */
  wake(): void {
    this.#isLate = false;
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }

  /** Resolves once `isTold` holds, or it takes too long. */
  async untilTold(isTold: () => boolean): Promise<void> {
    const nextChange = () => this.#news.promise;
    this.#isLate = !await holdsWithin(this.#clock, MAX_TOLD_MS, { holds: isTold, nextChange });
  }

  /** Resolves with the next news, after `maxMs` at the latest. */
  async nextNews(maxMs: number): Promise<void> {
    await withDeadline(this.#clock, maxMs, () => this.#news.promise);
  }
}
