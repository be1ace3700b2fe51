/**
 * The connections to upstreams that wait for another request. Each is closed when it has waited for long, or when there
 * are too many.
 * @module
 */

import type { Cancel, Clock } from "./clock.ts";

/** What was unused for longer is not used again: routers forget connections after a minute or so without a sign. */
export const IDLE_MAX_MS = 5000;
/** How many connections to one place may wait. */
export const IDLE_MAX_COUNT = 64;

/** A connection, as far as a pool needs it. */
export interface Poolable {
  /** The other side has not ended it. */
  readonly isOpen: boolean;
  /** Ends it. */
  close(): void;
}

interface Idle<One> {
  readonly connection: One;
  readonly sinceMs: number;
}

/** Keeps connections by the place that they lead to. */
export class HttpPool<One extends Poolable> {
  readonly #clock: Clock;
  /** The longest unused first. */
  readonly #idle = new Map<string, Idle<One>[]>();
  #generation = 0;
  #cancelSweep: Cancel | undefined;

  /** `clock` measures how long they wait. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts the calls of {@link drop}. */
  get generation(): number {
    return this.#generation;
  }

  /** How many wait. */
  get size(): number {
    return [...this.#idle.values()].reduce((sum, list) => sum + list.length, 0);
  }

  /** The one to `place` that was used last; `undefined` when there is none. It waits no longer. */
  take(place: string): One | undefined {
    const list = this.#idle.get(place);
    const oldestMs = this.#clock.elapsedMs() - IDLE_MAX_MS;
    for (let idle = list?.pop(); idle; idle = list?.pop()) {
      if (idle.connection.isOpen && idle.sinceMs >= oldestMs) return idle.connection;
      idle.connection.close();
    }
    return undefined;
  }

  /** Lets a connection wait that was opened in `generation`. */
  give(place: string, connection: One, generation: number): void {
    if (generation !== this.#generation) return connection.close();
    const list = this.#idle.getOrInsertComputed(place, () => []);
    list.push({ connection, sinceMs: this.#clock.elapsedMs() });
    if (list.length > IDLE_MAX_COUNT) list.shift()?.connection.close();
    this.#cancelSweep ??= this.#clock.after(IDLE_MAX_MS, () => this.#sweep());
  }

  /** Closes all that wait, and has those closed that are in use once they are not. */
  drop(): void {
    this.#generation++;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    for (const list of this.#idle.values()) for (const { connection } of list) connection.close();
    this.#idle.clear();
  }

  #sweep(): void {
    this.#cancelSweep = undefined;
    const oldestMs = this.#clock.elapsedMs() - IDLE_MAX_MS;
    for (const [place, list] of this.#idle) {
      const kept: Idle<One>[] = [];
      for (const idle of list) {
        if (idle.connection.isOpen && idle.sinceMs > oldestMs) kept.push(idle);
        else idle.connection.close();
      }
      if (kept.length > 0) this.#idle.set(place, kept);
      else this.#idle.delete(place);
    }
    if (this.#idle.size > 0) this.#cancelSweep = this.#clock.after(IDLE_MAX_MS / 2, () => this.#sweep());
  }
}
