/**
 * Notices silence with one timer, whatever the number of chunks: it fires, looks how long the present wait has lasted,
 * and sleeps for the rest. Setting a timer for each chunk would cost more than relaying it.
 * @module
 */

import type { Cancel, Clock } from "../system/clock.ts";

/** Watches how long one is waiting for the next chunk. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #onIdle: () => void;
  #waitingSinceMs: number | undefined;
  #cancel: Cancel;

  /** Nobody waits yet. `onIdle` is called once a wait has lasted for `timeoutMs`. */
  constructor(clock: Clock, timeoutMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#onIdle = onIdle;
    this.#cancel = clock.after(timeoutMs, () => this.#look());
  }

  /** A wait begins; one that lasted until now is over. */
  begin(): void {
    this.#waitingSinceMs = this.#clock.elapsedMs();
  }

  /** Ends the watch. */
  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const sinceMs = this.#waitingSinceMs;
    const waitedMs = sinceMs === undefined ? 0 : this.#clock.elapsedMs() - sinceMs;
    if (waitedMs >= this.#timeoutMs) this.#onIdle();
    else this.#cancel = this.#clock.after(this.#timeoutMs - waitedMs, () => this.#look());
  }
}
