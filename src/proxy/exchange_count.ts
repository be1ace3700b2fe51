/**
 * Counts the exchanges with clients that are under way. One is over when its answer has been sent or its client has left;
 * also when the client takes nothing more of the answer: the runtime cannot close that connection, and nothing waits for it.
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

  /** One begins, which is over when `completed` resolves, or when the function that is returned is called. */
  begin(completed: Promise<void>): () => void {
    this.#count++;
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      if (--this.#count === 0) this.#onNone();
    };
    void completed.then(end);
    return end;
  }

  /** Resolves when none is under way, while no further one begins. */
  allEnded(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onNone = resolve);
  }
}
