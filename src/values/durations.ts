/**
 * Durations and moments as text for the user. Every duration in a message, a log or on a screen is written here: at most
 * two units, and how it is rounded depends on what it is for.
 * @module
 */

import prettyMs from "pretty-ms";
import { dayOf } from "./local_time.ts";

/** How long something takes, or how long ago it was: `12m 3s`, to the nearest second. `0s` for a negative one. */
export function durationText(durationMs: number): string {
  return secondsText(Math.round(durationMs / 1000));
}

/** The time left: `12m 3s`, rounded up, so that it is only `0s` when nothing is left. */
export function timeLeftText(durationMs: number): string {
  return secondsText(Math.ceil(durationMs / 1000));
}

/** How long an answer took or may take: `812ms`, `12.3s`; from a minute on in whole seconds, rounded up: `12m 35s`. */
export function latencyText(latencyMs: number): string {
  const wholeMs = Math.round(latencyMs);
  // What the log says of most answers.
  if (wholeMs > 0 && wholeMs < 1000) return `${wholeMs}ms`;
  return latencyMs < 60_000 ? prettyMs(wholeMs) : timeLeftText(latencyMs);
}

function secondsText(seconds: number): string {
  return seconds <= 0 ? "0s" : prettyMs(seconds * 1000, { unitCount: 2 });
}

/** A number in at most five cells: `812`, `12.3k`, `123k`, `1.2M`. */
export function countText(count: number): string {
  if (count < 1000) return String(count);
  const [size, unit] = count < 999_500 ? [count / 1000, "k"] : [count / 1_000_000, "M"];
  return `${size < 99.95 ? size.toFixed(1) : Math.round(size)}${unit}`;
}

/** A number of bytes: `812 B`, `12.3 KiB`, `1.2 MiB`; rounded down, so that what is free is never too much. */
export function sizeText(bytes: number): string {
  const power = UNITS.findLastIndex((_, index) => bytes >= 1024 ** index);
  const size = bytes / 1024 ** Math.max(0, power);
  const digits = power < 1 || size >= 100 ? 0 : 1;
  return `${Math.floor(size * 10 ** digits) / 10 ** digits} ${UNITS[Math.max(0, power)]}`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** How many there are of something: `1 key`, `3 keys`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** A whole number as it is read aloud: `12,345`. */
export function groupedDigits(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** The time of day in the local time zone: `14:05:09`. */
export function timeText(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":");
}

/** In the local time zone: `14:05:09` for today, `2026-11-25 14:05` for another day. */
export function momentText(atMs: number, nowMs: number): string {
  if (dayOf(atMs) === dayOf(nowMs)) return timeText(atMs);
  return `${dayOf(atMs)} ${timeText(atMs).slice(0, "14:05".length)}`;
}

/** A moment and its distance from now: `14:05:09 (in 12m 3s)`, `13:40:00 (25m 9s ago)`. */
export function momentAndDistance(atMs: number, nowMs: number): string {
  const distance = durationText(Math.abs(atMs - nowMs));
  return `${momentText(atMs, nowMs)} (${atMs >= nowMs ? `in ${distance}` : `${distance} ago`})`;
}

function twoDigits(part: number): string {
  return String(part).padStart(2, "0");
}
