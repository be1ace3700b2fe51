/**
 * What a usage window is called on a screen.
 * @module
 */

import { FIVE_HOURS_S, WEEK_S } from "../auth/usage.ts";
import { durationText } from "../values/durations.ts";

/** `5h`, `week`, or the length of another window: `30d`. */
export function windowName(seconds: number): string {
  if (seconds === FIVE_HOURS_S) return "5h";
  if (seconds === WEEK_S) return "week";
  return durationText(seconds * 1000).replace(/ .*/, "");
}
