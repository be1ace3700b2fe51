/**
 * Time, as a port: code that reads the time or waits is given a Clock, so that a test can stop it.
 * @module
 */

/** Cancels what was planned with {@link Clock.after}; a late or second call does nothing. */
export type Cancel = () => void;

/** The time, and how to wait for it. */
export interface Clock {
  /** Wall-clock time in epoch milliseconds. Penalties and reset times are compared with it. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start; never goes back. For latencies. */
  elapsedMs(): number;
  /** Runs `act` once after `delayMs`. A pending timer does not keep the process alive. */
  after(delayMs: number, act: () => void): Cancel;
  /** Resolves after `delayMs`, or at once when `signal` aborts: it never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/**
 * How far the wall clock is ahead of the one that never goes back, which stands still while the computer sleeps (Linux,
 * macOS; not Windows): what it grows by is the length of a sleep, unless somebody has set the wall clock.
 */
export function wallOffsetMs(clock: Clock): number {
  return clock.nowMs() - clock.elapsedMs();
}

/**
 * Runs `act` with a signal that aborts after `timeoutMs`. Resolves with `undefined` at that time at the latest, whatever
 * `act` does then; until then it resolves and rejects as `act` does.
 */
export async function withDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  act: (deadline: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const deadline = new AbortController();
  const late = Promise.withResolvers<undefined>();
  const cancel = clock.after(timeoutMs, () => {
    // First, so that it wins against the rejection that the abort makes.
    late.resolve(undefined);
    deadline.abort();
  });
  try {
    return await Promise.race([late.promise, act(deadline.signal)]);
  } finally {
    cancel();
  }
}

// Longer delays overflow the timer and would fire at once.
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The real clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  after(delayMs, act) {
    const timer = setTimeout(act, Math.min(delayMs, MAX_TIMER_MS));
    Deno.unrefTimer(timer);
    return () => clearTimeout(timer);
  },
  sleep(delayMs, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(delayMs, MAX_TIMER_MS));
      signal?.addEventListener("abort", done, { once: true });
    });
  },
};
