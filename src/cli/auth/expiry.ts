/**
 * When a token expires, as text.
 * @module
 */

import { durationText } from "../../values/durations.ts";

/** `expires in 3d 4h` or `expired 2h ago`. An API key does not say when it expires: `undefined`. */
export function expiryText(expiresAtMs: number | undefined, nowMs: number): string {
  if (expiresAtMs === undefined) return "no end known";
  const distance = durationText(Math.abs(expiresAtMs - nowMs));
  return expiresAtMs > nowMs ? `expires in ${distance}` : `expired ${distance} ago`;
}
