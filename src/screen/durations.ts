/**
 * Durations and moments as people read them.
 * @module
 */

import prettyMs from "pretty-ms";

/** `12m 3s`: the two largest units; `0s` for what is shorter than a second, or has passed. */
export function durationText(durationMs: number): string {
  const wholeSecondsMs = Math.max(0, Math.round(durationMs / 1000)) * 1000;
  return prettyMs(wholeSecondsMs, { unitCount: 2 }).replace("0ms", "0s");
}

/** In the local time zone: `14:05:09` for today, `2026-11-25 14:05` for another day. */
export function momentText(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const [hours, minutes, seconds] = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits);
  if (at.toDateString() === new Date(nowMs).toDateString()) return `${hours}:${minutes}:${seconds}`;
  return `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())} ${hours}:${minutes}`;
}

/** A moment and how far it is away: `14:05:09 (in 12m 3s)`, `13:40:00 (25m 9s ago)`. */
export function momentAndDistance(atMs: number, nowMs: number): string {
  const distance = durationText(Math.abs(atMs - nowMs));
  return `${momentText(atMs, nowMs)} (${atMs >= nowMs ? `in ${distance}` : `${distance} ago`})`;
}

function twoDigits(part: number): string {
  return String(part).padStart(2, "0");
}
