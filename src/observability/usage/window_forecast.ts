/**
 * The forecast of a pool from the readings in its usage history.
 * @module
 */

import type { UsageForecast } from "../../api/usage.ts";
import { WEEK_S } from "../../auth/usage.ts";
import { isoOf } from "../../values/iso_time.ts";
import type { WindowEntry } from "./entries.ts";
import { poolForecast, rateOf, runsOutAtMs, type WindowUse } from "./forecast.ts";

/** A key's windows now, and how fast they fill. */
export interface KeyUse {
  readonly key: string;
  /** The shortest first. */
  readonly windows: readonly WindowUse[];
}

/** How far back readings matter: the longest window. */
export const LOOK_BACK_MS = WEEK_S * 1000;

/** The windows of each key as last read, with their rates. `readings` are in the order of time. */
export function keyUses(readings: Iterable<WindowEntry>, nowMs: number): readonly KeyUse[] {
  const byKey = Map.groupBy(readings, ({ key }) => key);
  return [...byKey].map(([key, own]) => ({
    key,
    windows: [...Map.groupBy(own, ({ windowSeconds }) => windowSeconds).values()]
      .map((list) => windowUse(list, nowMs))
      .sort((a, b) => a.windowSeconds - b.windowSeconds),
  }));
}

function windowUse(readings: readonly WindowEntry[], nowMs: number): WindowUse {
  const { windowSeconds, usedPercent, resetAtMs } = readings.at(-1)!;
  // A window that has been reset since is empty, and begins with the next request.
  if (resetAtMs !== undefined && resetAtMs <= nowMs) {
    return { windowSeconds, usedPercent: 0, resetAtMs: undefined, percentPerHour: 0 };
  }
  const window = { windowSeconds, usedPercent, resetAtMs };
  return { ...window, percentPerHour: rateOf(window, readings, nowMs) };
}

/** What a forecast is made with. */
export interface ForecastOptions {
  /** Where the rates come from; by default from the history. */
  readonly rates?: UsageForecast["rates"];
  /** Which keys share the load of the pool; by default all. */
  readonly isUsed?: (key: string) => boolean;
}

/** The forecast as the outputs show it. */
export function forecastView(
  keys: readonly KeyUse[],
  nowMs: number,
  { rates = "history", isUsed = () => true }: ForecastOptions = {},
): UsageForecast {
  const pool = poolForecast(keys.filter(({ key }) => isUsed(key)).map(({ windows }) => windows), nowMs);
  return {
    pool_runs_out_at: isoOf(pool.runsOutAtMs),
    pool_back_at: isoOf(pool.backAtMs),
    rates,
    keys: keys.map(({ key, windows }) => ({
      key,
      windows: windows.map((window) => ({
        window_seconds: window.windowSeconds,
        used_percent: window.usedPercent,
        reset_at: isoOf(window.resetAtMs),
        percent_per_hour: Math.round(window.percentPerHour * 100) / 100,
        runs_out_at: isoOf(runsOutAtMs(window, nowMs)),
      })),
    })),
  };
}
