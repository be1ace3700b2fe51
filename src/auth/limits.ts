/**
 * How full the usage windows of a key are, and which of them counts. What the upstream writes about them is read in
 * upstream/window_readings.ts and auth/usage.ts.
 * @module
 */

import type { Usage } from "./usage.ts";
import { highest } from "../values/extremes.ts";

/**
 * When an account whose usage page says that its limit is reached may go on, epoch milliseconds; `undefined` when the
 * page does not say.
 */
export function usageResetMs({ windows }: Usage): number | undefined {
  const full = windows.filter(({ usedPercent }) => usedPercent >= 100);
  const resets = full.flatMap(({ resetAtMs }) => resetAtMs === undefined ? [] : [resetAtMs]);
  return resets.length > 0 ? highest(resets) : undefined;
}

/** The windows of a usage page that was read at `nowMs`, including those of model families. */
export function usageReadings({ windows, additional }: Usage, nowMs: number): WindowReading[] {
  const limits = [{ feature: ACCOUNT_LIMIT, windows }, ...additional];
  return limits.flatMap(({ feature, windows }) =>
    windows.map((window) => ({ ...window, limit: limitId(feature), source: "usage" as const, atMs: nowMs }))
  );
}

/** How full one usage window of a key is, as the upstream last said. */
export interface WindowReading {
  /** `codex` for the account's own windows; else the id of a limit that only some models have. */
  readonly limit: string;
  /** 18 000 for the 5-hour window, 604 800 for the weekly one; 0 when the upstream did not say. */
  readonly windowSeconds: number;
  /** The share that is used, from 0 to 100. */
  readonly usedPercent: number;
  /** When the window starts again, epoch milliseconds; `undefined` when the upstream did not say. */
  readonly resetAtMs: number | undefined;
  /** Where it was read: headers of an answer, an event of a stream, a refusal, or the usage page. */
  readonly source: "headers" | "event" | "refusal" | "usage";
  /** When it was read, epoch milliseconds. */
  readonly atMs: number;
}

/** The limit that holds for the account and every model. */
export const ACCOUNT_LIMIT = "codex";

/**
 * The id of a limit, the same for all sources: header names say `codex-bengalfox` for what bodies call
 * `codex_bengalfox`. A text that is not such a name becomes `other`, so that nothing of it is repeated.
 */
export function limitId(name: string): string {
  const id = name.replaceAll("-", "_").toLowerCase();
  return /^[a-z][a-z0-9_]{0,31}$/.test(id) ? id : "other";
}

/** The newest reading of each window, those of `fresh` last. Of two of the same time, that of `fresh`. */
export function newestReadings(
  known: readonly WindowReading[],
  fresh: readonly WindowReading[],
): readonly WindowReading[] {
  const isOutdated = (old: WindowReading, by: readonly WindowReading[]) =>
    by.some((reading) => isSameWindow(old, reading) && reading.atMs >= old.atMs);
  const kept = known.filter((old) => !isOutdated(old, fresh));
  return [...kept, ...fresh.filter((reading) => !kept.some((old) => isSameWindow(old, reading)))];
}

function isSameWindow(a: WindowReading, b: WindowReading): boolean {
  return a.limit === b.limit && a.windowSeconds === b.windowSeconds;
}

// How long a reading without a reset time counts.
const READING_TTL_MS = 600_000;

/** The account's own window with the least left at `nowMs`; `undefined` when no reading counts any more. */
export function tightestWindow(readings: readonly WindowReading[], nowMs: number): WindowReading | undefined {
  let tightest: WindowReading | undefined;
  for (const reading of readings) {
    const { limit, resetAtMs, atMs, usedPercent } = reading;
    const isCurrent = limit === ACCOUNT_LIMIT && (resetAtMs ?? atMs + READING_TTL_MS) > nowMs;
    if (isCurrent && usedPercent > (tightest?.usedPercent ?? -Infinity)) tightest = reading;
  }
  return tightest;
}

/** The account's own windows, where the upstream said how long they are. */
export function accountWindows(readings: readonly WindowReading[]): readonly WindowReading[] {
  return readings.filter(({ limit, windowSeconds }) => limit === ACCOUNT_LIMIT && windowSeconds > 0);
}

/** When the account's own windows reset after `nowMs`, epoch milliseconds, that of the longest window first. */
export function resetsAheadMs(readings: readonly WindowReading[], nowMs: number): readonly number[] {
  return readings
    .filter(({ limit, resetAtMs }) => limit === ACCOUNT_LIMIT && (resetAtMs ?? 0) > nowMs)
    .toSorted((a, b) => b.windowSeconds - a.windowSeconds)
    .map(({ resetAtMs }) => resetAtMs!);
}

/** Negative when the first account's windows reset first. An unknown reset counts as the last one of all. */
export function compareResets(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [first = Infinity, second = Infinity] = [a[at], b[at]];
    if (first !== second) return first - second;
  }
  return 0;
}
