/**
 * Has memory returned to the system after load: the C library and V8 would keep most of what 500 streams took. Code that
 * was compiled for the load goes with it, so this happens seldom, and never while a request runs.
 * @module
 */

import type { Clock } from "../system/clock.ts";

/** What runs in the proxy. */
export interface Activity {
  /** Requests, and calls on WebSockets; a WebSocket without a call is none. */
  readonly inFlight: number;
  /** How many events were published since the start: each attempt is one when it ends. */
  readonly published: number;
}

/** What one look sees. */
export interface MemoryLook extends Activity {
  /** Never goes back. */
  readonly elapsedMs: number;
  /** The memory that the process takes. */
  readonly bytes: number;
}

/** What is remembered from one look to the next. */
export interface MemoryState {
  /** What the last look saw of it. */
  readonly published: number;
  /** The time of the last look that saw a request run or an event. */
  readonly busyMs: number;
  /** What the process takes when it has returned what it can; before that, what it took at the start. */
  readonly floorBytes: number;
  /** When memory was last to be returned; `undefined`: never. */
  readonly returnedMs: number | undefined;
  /** How many of the two rounds are done: what V8 frees in the first, the C library returns in the second. */
  readonly rounds: 0 | 1 | 2;
}

const LOOK_EVERY_MS = 2_000;
// Two rounds are then over ten seconds after the last request. A turn of Codex often makes its next request sooner.
const QUIET_MS = 4_000;
const PAUSE_MS = 10_000;
// Less is not worth the compiled code.
const WORTHWHILE_GROWTH = 4 / 3;

/** The state before the first request. */
export function memoryAtStart({ published, elapsedMs, bytes }: MemoryLook): MemoryState {
  return { published, busyMs: elapsedMs, floorBytes: bytes, returnedMs: undefined, rounds: 0 };
}

/** The state after a look, and whether memory is to be returned now. */
export function afterLook(
  before: MemoryState,
  { inFlight, published, elapsedMs, bytes }: MemoryLook,
): { readonly state: MemoryState; readonly isDue: boolean } {
  if (inFlight > 0 || published !== before.published) {
    return { state: { ...before, published, busyMs: elapsedMs, rounds: 0 }, isDue: false };
  }
  switch (before.rounds) {
    case 1:
      return { state: { ...before, rounds: 2 }, isDue: true };
    case 2:
      return { state: { ...before, floorBytes: bytes, rounds: 0 }, isDue: false };
  }
  const isDue = elapsedMs - before.busyMs >= QUIET_MS && bytes >= before.floorBytes * WORTHWHILE_GROWTH &&
    elapsedMs - (before.returnedMs ?? -Infinity) >= PAUSE_MS;
  return { state: isDue ? { ...before, returnedMs: elapsedMs, rounds: 1 } : before, isDue };
}

/** What {@link startMemoryWatch} works with. */
export interface MemoryWatchOptions {
  /** Times the looks. */
  readonly clock: Pick<Clock, "elapsedMs" | "sleep">;
  /** Reads what runs. */
  readonly activity: () => Activity;
  /** Reads how much memory the process takes. */
  readonly residentBytes: () => number;
  /** Has memory returned. */
  readonly returnMemory: () => void;
}

/** Looks from now on, before the first request, until it is disposed of. */
export function startMemoryWatch(options: MemoryWatchOptions): Disposable {
  const watching = new AbortController();
  void watch(options, watching.signal);
  return { [Symbol.dispose]: () => watching.abort() };
}

async function watch(
  { clock, activity, residentBytes, returnMemory }: MemoryWatchOptions,
  signal: AbortSignal,
): Promise<void> {
  const look = (): MemoryLook => ({ ...activity(), elapsedMs: clock.elapsedMs(), bytes: residentBytes() });
  for (let state = memoryAtStart(look()); !signal.aborted;) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    const after = afterLook(state, look());
    state = after.state;
    if (after.isDue && !signal.aborted) returnMemory();
  }
}
