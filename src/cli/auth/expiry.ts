/**
 * How long a token still holds, in words.
 * @module
 */

import { durationText } from "../../screen/durations.ts";

/** `expires in 3d 4h`, `expired 2h ago`; an API key says nothing about its end. */
export function expiryText(expiresAtMs: number | undefined, nowMs: number): string {
  if (expiresAtMs === undefined) return "no end known";
  const distance = durationText(Math.abs(expiresAtMs - nowMs));
  return expiresAtMs > nowMs ? `expires in ${distance}` : `expired ${distance} ago`;
}
