/**
 * Moments as our JSON writes them, ISO 8601 in UTC, and as we count them, epoch milliseconds.
 * @module
 */

/** A moment as text; null for one that is not known. */
export function isoOf(timeMs: number): string;
/** A moment as text; null for one that is not known. */
export function isoOf(timeMs: number | undefined): string | null;
export function isoOf(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}

/** A moment of a text in epoch milliseconds; `undefined` for none. NaN for a text that is not a time. */
export function msOf(time: string | null): number | undefined {
  return time === null ? undefined : Date.parse(time);
}
