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
  /** WebSockets that are open, with a call or without. */
  readonly webSockets: number;
}

/** What one look sees. */
export interface MemoryLook extends Activity {
  /** Never goes back. */
  readonly elapsedMs: number;
  /** The memory that the process takes. */
  readonly bytes: number;
}

/** What is remembered from one look to the next. */
export interface MemoryState extends Omit<Activity, "inFlight"> {
  /** The time of the last look that saw a request run, an event, or another number of WebSockets. */
  readonly busyMs: number;
  /** What the process took at the start. */
  readonly startBytes: number;
  /** What it took when it had last returned what it could; before that, what it took at the start. */
  readonly floorBytes: number;
  /** When memory was last to be returned; `undefined`: never. */
  readonly returnedMs: number | undefined;
  /** How many rounds of a return are done; 0: none is under way. What V8 frees in one, the C library returns in the next. */
  readonly rounds: number;
  /** What the process took when the last of them began. */
  readonly roundBytes: number;
}

const LOOK_EVERY_MS = 1_000;
// Two or three rounds are then over ten seconds after the last request. A turn of Codex often makes its next request sooner.
const QUIET_MS = 7_000;
const PAUSE_MS = 10_000;
// What could not be returned the last time may be free by now: WebSockets without a call hold what they carried.
const LONG_PAUSE_MS = 5 * 60_000;
// Less is not worth the compiled code.
const WORTHWHILE_GROWTH = 4 / 3;
// On a busy machine a round takes longer than the time between two looks: the next one is for what it frees later.
const [MIN_ROUNDS, MAX_ROUNDS] = [2, 5];
const WORTHWHILE_FALL = 0.98;

/** The state before the first request. */
export function memoryAtStart({ published, webSockets, elapsedMs, bytes }: MemoryLook): MemoryState {
  const sizes = { startBytes: bytes, floorBytes: bytes, roundBytes: bytes };
  return { published, webSockets, busyMs: elapsedMs, ...sizes, returnedMs: undefined, rounds: 0 };
}

/** The state after a look, and whether memory is to be returned now. */
export function afterLook(
  before: MemoryState,
  { inFlight, published, webSockets, elapsedMs, bytes }: MemoryLook,
): { readonly state: MemoryState; readonly isDue: boolean } {
  if (inFlight > 0 || published !== before.published || webSockets !== before.webSockets) {
    return { state: { ...before, published, webSockets, busyMs: elapsedMs, rounds: 0 }, isDue: false };
  }
  const round = (rounds: number) => ({ ...before, rounds, roundBytes: bytes });
  if (before.rounds > 0) {
    const hasHelped = bytes <= before.roundBytes * WORTHWHILE_FALL;
    return before.rounds < MIN_ROUNDS || (hasHelped && before.rounds < MAX_ROUNDS)
      ? { state: round(before.rounds + 1), isDue: true }
      : { state: { ...before, floorBytes: bytes, rounds: 0 }, isDue: false };
  }
  const { busyMs, startBytes, floorBytes, returnedMs = -Infinity } = before;
  const sinceMs = elapsedMs - returnedMs;
  const hasGrown = sinceMs >= PAUSE_MS && bytes >= floorBytes * WORTHWHILE_GROWTH;
  const mayBeFree = sinceMs >= LONG_PAUSE_MS && busyMs > returnedMs &&
    bytes >= startBytes * WORTHWHILE_GROWTH;
  const isDue = elapsedMs - busyMs >= QUIET_MS && (hasGrown || mayBeFree);
  return { state: isDue ? { ...round(1), returnedMs: elapsedMs } : before, isDue };
}

/** What {@link startMemoryWatch} works with. */
export interface MemoryWatchOptions {
  /** Times the looks. */
  readonly clock: Pick<Clock, "elapsedMs" | "sleep">;
  /** Counts events. */
  readonly journal: Pick<Activity, "published">;
  /** Counts what runs, and WebSockets. */
  readonly server: Pick<Activity, "inFlight"> & { readonly webSockets: { readonly open: number } };
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
  { clock, journal, server, residentBytes, returnMemory }: MemoryWatchOptions,
  signal: AbortSignal,
): Promise<void> {
  const look = (): MemoryLook => ({
    inFlight: server.inFlight,
    published: journal.published,
    webSockets: server.webSockets.open,
    elapsedMs: clock.elapsedMs(),
    bytes: residentBytes(),
  });
  for (let state = memoryAtStart(look()); !signal.aborted;) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    const after = afterLook(state, look());
    state = after.state;
    if (after.isDue && !signal.aborted) returnMemory();
  }
}
