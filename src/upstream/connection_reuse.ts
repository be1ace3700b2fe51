/**
 * When a connection to the upstream may carry a further request. A connection that is not in use can die without a sign
 * (the computer sleeps, its network changes, a router forgets it), and a request on it waits in vain. So used
 * connections serve only where they are worth it: under load, when new ones would cost a third of the time, and answers
 * that have just arrived prove that the network is there.
 * @module
 */

import { type Clock, wallOffsetMs } from "../system/clock.ts";

// One user with many agents stays below it; a load that does not has dozens of connections that were used just now.
const LOAD = { answers: 50, withinMs: 1000 };
// Clocks that are adjusted while they run differ by less. Dropping connections for nothing costs only new ones.
const SLEEP_MS = 2000;

/** Decides it for all requests to one upstream. */
export class ConnectionReuse {
  readonly #clock: Clock;
  readonly #dropUsed: () => void;
  /** When the last answers began; a ring. */
  readonly #answersMs = new Array<number>(LOAD.answers).fill(-Infinity);
  #next = 0;
  #lastUsedMs = -Infinity;
  #offsetMs: number;

  /** `dropUsed` makes sure that no request is sent on a connection that is open then. */
  constructor(clock: Clock, dropUsed: () => void) {
    this.#clock = clock;
    this.#dropUsed = dropUsed;
    this.#offsetMs = wallOffsetMs(clock);
  }

  /** Whether the next request may go on a used connection. Drops them all when the computer has slept. */
  mayReuse(): boolean {
    const offsetMs = wallOffsetMs(this.#clock);
    if (Math.abs(offsetMs - this.#offsetMs) >= SLEEP_MS) this.drop();
    this.#offsetMs = offsetMs;
    return this.#clock.elapsedMs() - this.#answersMs[this.#next]! <= LOAD.withinMs;
  }

  /** When an answer last came on a connection that may have been used before, on the clock that never goes back. */
  get lastUsedMs(): number {
    return this.#lastUsedMs;
  }

  /** An answer has begun, to a request that was or was not allowed on a used connection. */
  noteAnswer(mayReuse: boolean): void {
    const nowMs = this.#clock.elapsedMs();
    if (mayReuse) this.#lastUsedMs = nowMs;
    this.#answersMs[this.#next] = nowMs;
    this.#next = (this.#next + 1) % LOAD.answers;
  }

  /** A used connection was dead: the others are taken to be so too. */
  drop(): void {
    this.#answersMs.fill(-Infinity);
    this.#dropUsed();
  }
}
