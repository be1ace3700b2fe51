/**
 * Days and hours in the time zone of this machine, in which the user thinks of them.
 * @module
 */

/** The day of a moment: `2026-11-26`. */
export function dayOf(atMs: number): string {
  const at = new Date(atMs);
  const parts = [at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0"));
  return [at.getFullYear(), ...parts].join("-");
}

/** The hour of a moment, from 0 to 23. */
export function hourOf(atMs: number): number {
  return new Date(atMs).getHours();
}

/** The midnight with which the day began that was `daysAgo`, epoch milliseconds; 0 for today. */
export function midnightMs(nowMs: number, daysAgo: number): number {
  const at = new Date(nowMs);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() - daysAgo).getTime();
}
