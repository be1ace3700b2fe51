/**
 * Shares the event loop of a thread: work on a large body goes on in short stretches, and what else is due has its turn
 * in between. Reads and writes that need not wait would otherwise follow each other without the event loop ever coming
 * round: sixteen uploads at once then stop every other stream for seconds.
 * @module
 */

/** The most that is worked on in one go. That takes 0.1 ms, with new memory on a slow virtual machine 4 ms. */
export const WORK_BYTES = 256 * 1024;

// Another stream is then hardly late, and a large body still gets most of the thread.
const STRETCH_MS = 2;
// So early the event loop is asked to come round: from then it takes 2 ms, and the work goes on meanwhile. Sockets are looked
// at after each stretch in Deno 2.6, and in 2.9 after each second one.
const ASKED_MS = 0.25;

/** How {@link Turns} measures and waits. */
export interface TurnsOptions {
  /** Milliseconds since an arbitrary start. */
  readonly elapsedMs: () => number;
  /** Resolves once the event loop has come round and has looked at all sockets. */
  readonly comeRound: () => Promise<void>;
}

/** Work on all the large bodies of one thread. */
export class Turns {
  readonly #options: TurnsOptions;
  /** How long was worked since the event loop came round as it was asked to. */
  #busyMs = 0;
  #round: Promise<void> | undefined;

  /** Nothing is under way. */
  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /**
   * Runs `act`, which works on at most {@link WORK_BYTES}, in this turn or a later one: however many bodies there are, the
   * work of one turn ends after a few milliseconds. Resolves and rejects as `act` does; what it waits for does not count.
   */
  async work<T>(act: () => T | Promise<T>): Promise<T> {
    while (this.#busyMs >= STRETCH_MS) await this.#round;
    const begunMs = this.#options.elapsedMs();
    try {
      // Not awaited here: only the work itself counts.
      return act();
    } finally {
      this.#busyMs += this.#options.elapsedMs() - begunMs;
      if (this.#busyMs >= ASKED_MS) this.#round ??= this.#comeRound();
    }
  }

  async #comeRound(): Promise<void> {
    await this.#options.comeRound();
    this.#busyMs = 0;
    this.#round = undefined;
  }
}

/** Those of this thread. */
export const turns = new Turns({
  elapsedMs: () => performance.now(),
  // A timer: what is due at once, as setImmediate is, comes round up to sixty times before sockets are looked at.
  comeRound: () => new Promise((resolve) => setTimeout(resolve, 0)),
});
