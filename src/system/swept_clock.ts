/**
 * A clock for the many timers of requests that almost never fire: a deadline for the head of an answer, for the next
 * chunk, for a look at a silent connection. Setting and clearing a timer for each costs more than most of the request's
 * own work, so one sweep looks after all of them. While this process stands still (SIGSTOP, a machine that is too busy),
 * nobody can be blamed for silence: that time does not count.
 * @module
 */

import type { Clock } from "./clock.ts";

/** How often the sweep looks: what it looks after is late by less. */
export const SWEEP_MS = 250;
// Of a shorter delay, that would be too large a part.
const MIN_SWEPT_MS = 4 * SWEEP_MS;

// A busy event loop is late by less.
const STANDSTILL_MS = 1_000;

interface Planned {
  readonly plannedMs: number;
  dueMs: number;
  readonly act: () => void;
  /** Its place in the list; negative once it is over. */
  index: number;
}

const OVER = -1;

/**
 * The same clock, whose {@link Clock.after} may be late by {@link SWEEP_MS} where the delay is a second or more, and by as
 * long as this process stood still.
 */
export function sweptClock(clock: Clock): Clock {
  // Not a Set: V8 copies it every few requests, and what its old copies hold outlives most collections of garbage. Nor
  // does what is over wait in it for the sweep: V8 would learn that all that is planned lives for long, and make it, with
  // the request that it belongs to, where garbage is seldom collected.
  const planned: Planned[] = [];
  let isSweeping = false;
  let nextMs = 0;

  function sweepLater(): void {
    nextMs = clock.elapsedMs() + SWEEP_MS;
    clock.after(SWEEP_MS, sweep);
  }

  function sweep(): void {
    const nowMs = clock.elapsedMs();
    const lateMs = nowMs - nextMs;
    if (lateMs >= STANDSTILL_MS) postpone(lateMs);
    const due = planned.filter(({ dueMs }) => dueMs <= nowMs).sort((one, other) => one.dueMs - other.dueMs);
    for (const one of due) {
      // One that came before may have cancelled it.
      if (one.index === OVER) continue;
      takeOut(one);
      one.act();
    }
    isSweeping = planned.length > 0;
    if (isSweeping) sweepLater();
  }

  function takeOut(one: Planned): void {
    if (one.index === OVER) return;
    const last = planned.pop()!;
    if (last !== one) {
      planned[one.index] = last;
      last.index = one.index;
    }
    one.index = OVER;
  }

  function postpone(lateMs: number): void {
    for (const one of planned) {
      if (one.plannedMs <= nextMs && one.dueMs > nextMs) one.dueMs += lateMs;
    }
  }

  const after: Clock["after"] = (delayMs, act) => {
    if (delayMs < MIN_SWEPT_MS) return clock.after(delayMs, act);
    const plannedMs = clock.elapsedMs();
    const one: Planned = { plannedMs, dueMs: plannedMs + delayMs, act, index: planned.length };
    planned.push(one);
    if (!isSweeping) sweepLater();
    isSweeping = true;
    return () => takeOut(one);
  };
  return {
    nowMs: () => clock.nowMs(),
    get wallAheadMs() {
      return clock.wallAheadMs;
    },
    elapsedMs: () => clock.elapsedMs(),
    after,
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
  };
}
