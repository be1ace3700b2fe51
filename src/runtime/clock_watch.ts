/**
 * Notices that the computer slept, or that somebody set the wall clock. The worker cannot see a sleep from inside its sandbox, so the
 * main thread looks every second and tells it.
 * @module
 */

import type { ProxyEvent } from "../observability/event.ts";
import { type Clock, type ClockMove, type ClockReading, moveBetween } from "../system/clock.ts";
import { durationText } from "../values/durations.ts";

/** What {@link watchClocks} works with. */
export interface ClockWatchOptions {
  /** Times the looks. */
  readonly clock: Pick<Clock, "sleep">;
  /** Reads the clocks of the system. */
  readonly readClocks: () => ClockReading;
  /** Called with each move that was noticed. */
  readonly onMove: (move: ClockMove) => void;
}

const LOOK_EVERY_MS = 1_000;

/** Looks every second until `signal` aborts. */
export async function watchClocks(
  { clock, readClocks, onMove }: ClockWatchOptions,
  signal: AbortSignal,
): Promise<void> {
  for (let before = readClocks(); !signal.aborted;) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    const after = readClocks();
    const move = moveBetween(before, after);
    if (move) onMove(move);
    // Else small steps are added up until they are worth a word.
    if (move) before = after;
  }
}

/** What the log says of a wall clock that was set. */
export function clockSetEvent(setMs: number, atMs: number): ProxyEvent {
  const way = setMs < 0 ? "back" : "ahead";
  const message =
    `the clock of the system was set ${way} by ${
      durationText(Math.abs(setMs))
    }: own cooldowns and holds go on as they were, ` +
    "and times that the upstream named follow the clock";
  return {
    atMs,
    level: "warning",
    event: "proxy.clock_set",
    message,
    fields: { set_seconds: Math.round(setMs / 1000) },
  };
}
