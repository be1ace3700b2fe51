/**
 * Keeps a worker running. One that crashes is started again on the same port, so that only the requests under way are
 * lost. One that keeps crashing would not get better: then the service ends, and says why.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import { UserError } from "../values/user_error.ts";
import type { Crashes, RunningWorker, WorkerEnd } from "./sandbox.ts";

/** What {@link superviseWorker} works with. */
export interface SupervisorOptions {
  /** Starts a worker that knows of the crashes before it. */
  readonly start: (crashes: Crashes) => RunningWorker;
  /** Dates the crashes, and times the pauses after them. */
  readonly clock: Clock;
  /** Called when a worker listens; it is announced when this resolves. */
  readonly onListening: () => Promise<void>;
  /** Called with the reason of each crash, before the next worker is started. */
  readonly onCrash: (reason: string) => Promise<void>;
  /** Aborts, with the reason as a text, when the service is to stop. */
  readonly stop: AbortSignal;
}

// A fault that comes back at every request has to end at some time, one that comes back daily has not.
const MAX_RESTARTS = 5;
const WITHIN_MS = 10 * 60_000;
const FIRST_PAUSE_MS = 100;

/** How long to wait before the next start after these crashes, oldest first; `undefined`: there is to be none. */
export function pauseBeforeRestart(crashedMs: readonly number[], nowMs: number): number | undefined {
  const recent = crashedMs.filter((atMs) => nowMs - atMs < WITHIN_MS).length;
  return recent > MAX_RESTARTS ? undefined : FIRST_PAUSE_MS * 2 ** Math.max(0, recent - 1);
}

/**
 * Resolves with the reason when a worker has ended in order.
 * @throws {@link UserError} when the first one crashes before it listens, or too many have crashed
 * @throws {ListenError} when the first one cannot listen
 */
export async function superviseWorker(options: SupervisorOptions): Promise<string> {
  const { clock, stop, onCrash } = options;
  const crashedMs: number[] = [];
  let last: Crashes["last"];
  for (;;) {
    const end = await endOf(options, { count: crashedMs.length, last });
    if (end.kind === "ended" || stop.aborted) return end.reason;
    crashedMs.push(clock.elapsedMs());
    last = { reason: end.reason, atMs: clock.nowMs() };
    const pauseMs = pauseBeforeRestart(crashedMs, clock.elapsedMs());
    if (pauseMs === undefined) {
      throw new UserError(`The proxy crashed too often, the last time: ${end.reason}`);
    }
    await onCrash(end.reason);
    await clock.sleep(pauseMs, stop);
    if (stop.aborted) return String(stop.reason);
  }
}

async function endOf({ start, onListening, stop }: SupervisorOptions, crashes: Crashes): Promise<WorkerEnd> {
  const worker = start(crashes);
  const onStop = () => worker.stop(String(stop.reason));
  stop.addEventListener("abort", onStop);
  try {
    if (stop.aborted) onStop();
    const first = await Promise.race([worker.listening, worker.ended]);
    if ("port" in first) await onListening();
    worker.announce();
    return await worker.ended;
  } catch (error) {
    // The first start is the user's, who is told what is wrong. The port of a crashed worker may take a moment to be free.
    if (crashes.count === 0) throw error;
    return { kind: "crashed", reason: error instanceof Error ? error.message : String(error) };
  } finally {
    stop.removeEventListener("abort", onStop);
  }
}
