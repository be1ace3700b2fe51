// A clock that stands still until a test moves it. Timers run in the order in which they are due, each at its own
// time, and promise callbacks finish between them, so that a loop of sleeps goes through as in real life.

import { setImmediate as turn } from "node:timers/promises";
import type { Cancel, Clock, ClockReading } from "../../src/system/clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly act: () => void;
}

export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>();
  #startMs: number;
  #passedMs = 0;

  /** `startMs` is the wall time at which the clock begins; `elapsedMs` begins at 0. */
  constructor(startMs = 1_800_000_000_000) {
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#startMs + this.#passedMs;
  }

  /** How far the wall clock is ahead: somebody has set it. */
  wallAheadMs = 0;
  #sleptMs = 0;

  /** As the system shows them. */
  readClocks(): ClockReading {
    const wallMs = this.nowMs() + this.wallAheadMs;
    return { wallMs, elapsedMs: this.#passedMs, uptimeMs: this.#passedMs + this.#sleptMs };
  }

  elapsedMs(): number {
    return this.#passedMs;
  }

  /** Timers that have neither run nor been cancelled. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  after(delayMs: number, act: () => void): Cancel {
    const timer = { dueMs: this.#passedMs + Math.max(0, delayMs), act };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        cancel();
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const cancel = this.after(delayMs, done);
      signal?.addEventListener("abort", done, { once: true });
    });
  }

  /** The computer sleeps: the wall clock goes on, the other one and the timers stand still. */
  suspend(ms: number): void {
    this.#startMs += ms;
    this.#sleptMs += ms;
  }

  /** This process stands still: time goes on, and what becomes due meanwhile is late. */
  standStill(ms: number): void {
    this.#passedMs += ms;
  }

  /** Moves time by `ms` and runs what is due on the way, also what is planned meanwhile. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#passedMs + ms;
    // A turn of the event loop, not of one promise: everything that can go on without time passing does.
    await turn();
    for (let timer = this.#nextDue(endMs); timer; timer = this.#nextDue(endMs)) {
      this.#timers.delete(timer);
      this.#passedMs = Math.max(this.#passedMs, timer.dueMs);
      timer.act();
      await turn();
    }
    this.#passedMs = endMs;
  }

  // Insertion order settles ties: of two timers due at once, the one planned first runs first.
  #nextDue(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (!next || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }
}
