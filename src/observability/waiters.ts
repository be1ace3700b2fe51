/**
 * Those who wait for something to change.
 * @module
 */

/** Wakes everybody who waits. */
export class Waiters {
  readonly #waiting = new Set<() => void>();

  /** Ends every wait that has begun. */
  wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves with the next {@link Waiters.wake}, or when `signal` aborts. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake);
    });
  }
}
