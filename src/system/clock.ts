/**
 * Time, as a port: code that reads the time or waits is given a Clock, so that a test can stop it.
 * @module
 */

/** Cancels what was planned with {@link Clock.after}; a late or second call does nothing. */
export type Cancel = () => void;

/** The time, and how to wait for it. */
export interface Clock {
  /**
   * The time in epoch milliseconds. In the proxy it never goes back and counts sleeps of the computer ({@link OwnClock}), so that
   * own durations are measured with it; in commands it is the wall clock.
   */
  nowMs(): number;
  /**
   * How far the wall clock is ahead of `nowMs`; negative when it shows less. 0 unless somebody has set the wall clock
   * since the proxy started. What people or other programs read is `nowMs` plus this.
   */
  readonly wallAheadMs: number;
  /** Milliseconds since an arbitrary start; never goes back. For latencies. */
  elapsedMs(): number;
  /** Runs `act` once after `delayMs`. A pending timer does not keep the process alive. */
  after(delayMs: number, act: () => void): Cancel;
  /** Resolves after `delayMs`, or at once when `signal` aborts: it never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** What the wall clock shows, epoch milliseconds: for times that the upstream names and for what people read. */
export function wallMs(clock: Clock): number {
  return clock.nowMs() + clock.wallAheadMs;
}

/**
 * How far `nowMs` is ahead of the clock that stands still while the computer sleeps (Linux, macOS; not Windows): what it
 * grows by is the length of a sleep.
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

/** What {@link holdsWithin} waits for. */
export interface Awaited {
  /** Whether it is so. */
  readonly holds: () => boolean;
  /** Resolves at the next change that may have made it so. */
  readonly nextChange: () => Promise<void>;
}

/** Waits until something holds. Resolves with whether it does, after `timeoutMs` at the latest. */
export async function holdsWithin(
  clock: Clock,
  timeoutMs: number,
  { holds, nextChange }: Awaited,
): Promise<boolean> {
  await withDeadline(clock, timeoutMs, async (deadline) => {
    while (!holds() && !deadline.aborted) await nextChange();
  });
  return holds();
}

// Longer delays overflow the timer and would fire at once.
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The wall clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  wallAheadMs: 0,
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

/** The clocks of the system at one moment. */
export interface ClockReading {
  /** Wall-clock time, epoch milliseconds. It jumps when somebody sets it, and when the computer wakes up. */
  readonly wallMs: number;
  /** Never goes back, and stands still while the computer sleeps. */
  readonly elapsedMs: number;
  /** Since the computer was started, its sleeps included; in whole seconds. */
  readonly uptimeMs: number;
}

/** Reads all clocks. */
export function readClocks(): ClockReading {
  return { wallMs: Date.now(), elapsedMs: performance.now(), uptimeMs: Deno.osUptime() * 1000 };
}

/** What happened to the clocks between two readings. */
export interface ClockMove {
  /** How long the computer slept; 0 when it did not. */
  readonly sleptMs: number;
  /** By how much somebody set the wall clock, negative for back; 0 when nobody did. */
  readonly setMs: number;
}

// The uptime counts whole seconds, and the clocks are not read in the same instant.
const NOTICED_MS = 2_000;

/** What happened between two readings; `undefined` when it is not worth a word. */
export function moveBetween(before: ClockReading, after: ClockReading): ClockMove | undefined {
  const passedMs = after.elapsedMs - before.elapsedMs;
  const jumpMs = Math.round(after.wallMs - before.wallMs - passedMs);
  const sleptMs = Math.round(after.uptimeMs - before.uptimeMs - passedMs);
  const hasSlept = sleptMs >= NOTICED_MS;
  // What the sleep explains of the jump is exact by the wall clock.
  if (hasSlept && Math.abs(jumpMs - sleptMs) <= NOTICED_MS) return { sleptMs: jumpMs, setMs: 0 };
  const setMs = jumpMs - (hasSlept ? sleptMs : 0);
  if (!hasSlept && Math.abs(setMs) < NOTICED_MS) return undefined;
  return { sleptMs: hasSlept ? sleptMs : 0, setMs: Math.abs(setMs) < NOTICED_MS ? 0 : setMs };
}

/**
 * The clock of the proxy: it begins with the wall clock, never goes back, and goes on whatever becomes of the wall clock. It
 * is told about sleeps, during which it stands still, and about a wall clock that was set.
 */
export class OwnClock implements Clock {
  /** What `nowMs` is ahead of the clock that never goes back. */
  #offsetMs = Date.now() - performance.now();
  #wallAheadMs = 0;

  get wallAheadMs(): number {
    return this.#wallAheadMs;
  }

  nowMs(): number {
    return Math.floor(performance.now() + this.#offsetMs);
  }

  elapsedMs(): number {
    return performance.now();
  }

  after(delayMs: number, act: () => void): Cancel {
    return systemClock.after(delayMs, act);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(delayMs, signal);
  }

  /** Takes what happened to the clocks. */
  move({ sleptMs, setMs }: ClockMove): void {
    this.#offsetMs += sleptMs;
    this.#wallAheadMs += setMs;
  }
}
