/**
 * Moments as our JSON writes them, ISO 8601 in UTC, and as we count them, epoch milliseconds.
 * @module
 */

/**
 * The end of the year 9999, epoch milliseconds. What comes from outside and is later does not count: dates end some time
 * after it, and there has to be room for what clocks are set by.
 */
export const LAST_MOMENT_MS = 253_402_300_799_999;

/** Whether a value from outside is a moment, in epoch milliseconds. */
export function isMomentMs(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= LAST_MOMENT_MS;
}

// Under load, many lines of logs are of the same moment.
let [lastMs, lastText] = [NaN, ""];

/** A moment as text; null for one that is not known. */
export function isoOf(timeMs: number): string;
/** A moment as text; null for one that is not known. */
export function isoOf(timeMs: number | undefined): string | null;
export function isoOf(timeMs: number | undefined): string | null {
  if (timeMs === undefined) return null;
  if (timeMs !== lastMs) [lastMs, lastText] = [timeMs, new Date(timeMs).toISOString()];
  return lastText;
}

/** A moment of a text in epoch milliseconds; `undefined` for none. NaN for a text that is not a time. */
export function msOf(time: string | null): number | undefined {
  return time === null ? undefined : Date.parse(time);
}
