/**
 * When usage windows and the whole pool run out if the use goes on at its present rate. All keys count alike, although a
 * larger plan has larger windows: the upstream tells shares, not sizes.
 * @module
 */

import { highest, lowest } from "../../values/extremes.ts";

/** One reading of how full a window was. */
export interface Reading {
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** From 0 to 100. */
  readonly usedPercent: number;
}

/** A usage window now, and how fast it fills. */
export interface WindowUse {
  /** Its length. */
  readonly windowSeconds: number;
  /** From 0 to 100. */
  readonly usedPercent: number;
  /** When it starts again, epoch milliseconds; `undefined` when that is not known. */
  readonly resetAtMs: number | undefined;
  /** Percent per hour; 0 when nothing is known of it. */
  readonly percentPerHour: number;
}

/** The forecast of a pool. */
export interface PoolForecast {
  /** When no key is left, epoch milliseconds; `undefined` when that is not within the next week. */
  readonly runsOutAtMs: number | undefined;
  /** When the first key is back after that; `undefined` when the pool does not run out, or no reset is known. */
  readonly backAtMs: number | undefined;
}

const HOUR_MS = 3_600_000;
// One hour of the 5-hour window, a day and a half of the weekly one.
const LOOK_BACK_SHARE = 1 / 5;
// A rate that is taken from less than this says more about one request than about the use.
const LEAST_SHARE = 1 / 30;

/**
 * How fast a window fills, in percent per hour: over its last readings, oldest first; where they say too little, the mean
 * since it began.
 */
export function rateOf(
  window: Omit<WindowUse, "percentPerHour">,
  readings: readonly Reading[],
  nowMs: number,
): number {
  const lengthMs = window.windowSeconds * 1000;
  const current = readings.slice(sinceReset(readings));
  const first = current.findLast(({ atMs }) => atMs <= nowMs - lengthMs * LOOK_BACK_SHARE) ?? current[0];
  if (first && nowMs - first.atMs >= lengthMs * LEAST_SHARE) {
    return perHour(window.usedPercent - first.usedPercent, nowMs - first.atMs);
  }
  if (window.resetAtMs === undefined) return 0;
  const sinceMs = nowMs - (window.resetAtMs - lengthMs);
  return sinceMs < lengthMs * LEAST_SHARE ? 0 : perHour(window.usedPercent, sinceMs);
}

/** Where the readings of the present window begin: after the last time that it became emptier. */
function sinceReset(readings: readonly Reading[]): number {
  return Math.max(
    0,
    readings.findLastIndex(({ usedPercent }, at) => usedPercent < (readings[at - 1]?.usedPercent ?? 0)),
  );
}

function perHour(percent: number, durationMs: number): number {
  return Math.max(0, percent) * HOUR_MS / durationMs;
}

/** When a window runs out, epoch milliseconds; `undefined` when it is reset before that, or is not used. */
export function runsOutAtMs(
  { usedPercent, resetAtMs = Infinity, percentPerHour }: WindowUse,
  nowMs: number,
): number | undefined {
  if (resetAtMs <= nowMs) return undefined;
  if (usedPercent >= 100) return nowMs;
  if (percentPerHour <= 0) return undefined;
  const atMs = nowMs + (100 - usedPercent) / percentPerHour * HOUR_MS;
  return atMs < resetAtMs ? Math.round(atMs) : undefined;
}

const HORIZON_MS = 7 * 24 * HOUR_MS;
const STEP_MS = HOUR_MS / 12;

interface Tank {
  readonly windowSeconds: number;
  used: number;
  resetAtMs: number;
}

/** What becomes of a pool whose keys, given by their windows, share the load of all: a full one's goes to the others. */
export function poolForecast(keys: readonly (readonly WindowUse[])[], nowMs: number): PoolForecast {
  const loads = loadsOf(keys);
  const pool = keys.map((windows) => windows.map(tankOf));
  if (pool.length === 0) return { runsOutAtMs: undefined, backAtMs: undefined };
  for (let atMs = nowMs; atMs <= nowMs + HORIZON_MS; atMs += STEP_MS) {
    for (const tank of pool.flat()) renew(tank, atMs);
    const open = pool.filter((tanks) => tanks.every(({ used }) => used < 100));
    if (open.length === 0) return { runsOutAtMs: atMs, backAtMs: firstBackMs(pool) };
    for (const tank of open.flat()) {
      fill(tank, (loads.get(tank.windowSeconds) ?? 0) / open.length * STEP_MS / HOUR_MS, atMs);
    }
  }
  return { runsOutAtMs: undefined, backAtMs: undefined };
}

/** Percent of a key's window per hour, over all keys, by the length of the window. */
function loadsOf(keys: readonly (readonly WindowUse[])[]): ReadonlyMap<number, number> {
  const loads = new Map<number, number>();
  for (const { windowSeconds, percentPerHour } of keys.flat()) {
    loads.set(windowSeconds, (loads.get(windowSeconds) ?? 0) + percentPerHour);
  }
  return loads;
}

function tankOf({ windowSeconds, usedPercent, resetAtMs = Infinity }: WindowUse): Tank {
  return { windowSeconds, used: usedPercent, resetAtMs };
}

/** An empty window without a reset time begins with the first use. */
function fill(tank: Tank, percent: number, atMs: number): void {
  if (percent > 0 && tank.used === 0 && tank.resetAtMs === Infinity) {
    tank.resetAtMs = atMs + tank.windowSeconds * 1000;
  }
  tank.used += percent;
}

function renew(tank: Tank, atMs: number): void {
  if (tank.resetAtMs > atMs) return;
  tank.used = 0;
  tank.resetAtMs = atMs + tank.windowSeconds * 1000;
}

function firstBackMs(pool: readonly (readonly Tank[])[]): number | undefined {
  const backs = pool.map((tanks) =>
    highest(tanks.filter(({ used }) => used >= 100).map((tank) => tank.resetAtMs))
  );
  const first = lowest(backs);
  return Number.isFinite(first) ? first : undefined;
}
