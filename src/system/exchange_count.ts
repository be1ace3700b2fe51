/**
 * Counts the exchanges with clients that are under way. One is over when its answer has been sent, its client has left, or its
 * connection was closed.
 * @module
 */

/** The exchanges that are under way. */
export class ExchangeCount {
  #count = 0;
  #onNone = () => {};

  /** How many are under way. */
  get count(): number {
    return this.#count;
  }

  /** One begins, which is over when `completed` resolves. */
  begin(completed: Promise<void>): void {
    this.#count++;
    void completed.then(() => {
      if (--this.#count === 0) this.#onNone();
    });
  }

  /** Resolves when none is under way, while no further one begins. */
  allEnded(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onNone = resolve);
  }
}
