/**
 * When a limited key is good again, as far as the upstream says. Every shape in use is read: fields of the body, headers, and words. A time is a
 * hint, so one that cannot be right (passed, or too far off) is passed over for the next.
 * @module
 */

import { FARTHEST_RESET_MS } from "../auth/usage.ts";
import type { ErrorDetails } from "./error_details.ts";
import { headerPairs } from "../values/header_pairs.ts";
import { highest, lowest } from "../values/extremes.ts";

const SECOND_MS = 1000;
const DAY_MS = 24 * 3600 * SECOND_MS;
// Epoch seconds have ten digits until the year 2286, epoch milliseconds thirteen.
const LEAST_EPOCH_S = 1e9;
const LEAST_EPOCH_MS = 1e11;

/** Where the time is looked for. */
export interface ResetSources {
  /** Of the refusal. */
  readonly headers: Headers;
  /** What its body says. */
  readonly details: ErrorDetails;
  /** A quota's own time counts before `Retry-After`, which is often only a pause for clients; a burst is the other way round. */
  readonly isQuota: boolean;
}

/** The time that a refusal names, epoch milliseconds; `undefined` when it names none that can be right. */
export function resetTimeMs({ headers, details, isQuota }: ResetSources, nowMs: number): number | undefined {
  const own = [...details.objects.map((object) => fieldTimeMs(object, nowMs)), fullWindowMs(headers, nowMs)];
  const pauses = [retryAfterMs(headers, nowMs), rateLimitMs(headers, nowMs)];
  const spoken = wordTimeMs(details.words, nowMs);
  const candidates = isQuota ? [...own, spoken, ...pauses] : [...pauses, ...own, spoken];
  return candidates.find((ms) => isPlausible(ms, nowMs));
}

/**
 * Whether the time that {@link resetTimeMs} finds is a moment, such as `resets_at`, and not a duration such as
 * `Retry-After: 3`: it stays the same when it is looked for a moment later.
 */
export function isMoment(sources: ResetSources, nowMs: number): boolean {
  const ms = resetTimeMs(sources, nowMs);
  return ms !== undefined && ms === resetTimeMs(sources, nowMs + 1);
}

/** Whether a reset time lies ahead and within the longest window. */
export function isPlausible(ms: number | undefined, nowMs: number): ms is number {
  return ms !== undefined && ms > nowMs && ms <= nowMs + FARTHEST_RESET_MS;
}

/** A moment as bodies and headers write it: epoch seconds or milliseconds (as a number or digits), or a date. */
export function momentMs(value: unknown): number | undefined {
  const number = numberOf(value);
  if (number !== undefined) return number >= LEAST_EPOCH_MS ? number : number * SECOND_MS;
  if (typeof value !== "string" || !/\d{4}-\d\d-\d\d|\d \w{3} \d{4}/.test(value)) return undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : date;
}

/** A duration as bodies and headers write it: seconds (as a number or digits), or with units as in `6m0s`. */
export function durationMs(value: unknown): number | undefined {
  const number = numberOf(value);
  if (number !== undefined) return number * SECOND_MS;
  return typeof value === "string" ? unitDurationMs(value.trim()) : undefined;
}

// Each field that names a time, and what it counts in.
const MOMENT_FIELDS = ["resets_at", "reset_at", "resetsAt", "resetAt", "reset_time", "resets", "retry_at"];
const DURATION_FIELDS = [
  "resets_in_seconds",
  "reset_in_seconds",
  "reset_after_seconds",
  "resets_after_seconds",
  "resetsInSeconds",
  "resets_in",
  "reset_after",
  "retry_after_seconds",
  "retry_after",
  "retryAfter",
  "retryDelay",
];
const MILLISECOND_FIELDS = ["retry_after_ms", "resets_in_ms", "retryAfterMs"];

function fieldTimeMs(object: Readonly<Record<string, unknown>>, nowMs: number): number | undefined {
  const times = [
    ...MOMENT_FIELDS.map((name) => momentMs(object[name])),
    ...DURATION_FIELDS.map((name) => after(nowMs, durationMs(object[name]))),
    ...MILLISECOND_FIELDS.map((name) => after(nowMs, numberOf(object[name]))),
  ];
  return times.find((ms) => isPlausible(ms, nowMs));
}

// Seconds or a date (RFC 9110 §10.2.3); `retry-after-ms` is OpenAI's and Azure's.
function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const exact = after(nowMs, numberOf(headers.get("retry-after-ms")));
  if (isPlausible(exact, nowMs)) return exact;
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const seconds = durationMs(text);
  if (seconds === undefined) return momentMs(text);
  return seconds >= LEAST_EPOCH_S * SECOND_MS ? momentMs(text) : nowMs + seconds;
}

const RATE_LIMIT_RESET = /^(?:x-)?ratelimit-reset(?:-after)?(?:-(.+))?$/;

// Of several limits the one that is used up counts, the longest of them; when none says that it is, the shortest. Infinity
// when there is none.
function rateLimitMs(headers: Headers, nowMs: number): number {
  const resets: { readonly ms: number; readonly isUsedUp: boolean }[] = [];
  for (const [name, value] of headerPairs(headers)) {
    const match = RATE_LIMIT_RESET.exec(name);
    if (!match) continue;
    const suffix = match[1] === undefined ? "" : `-${match[1]}`;
    const number = numberOf(value);
    const ms = number !== undefined && number >= LEAST_EPOCH_S
      ? momentMs(value)
      : after(nowMs, durationMs(value)) ?? momentMs(value);
    if (!isPlausible(ms, nowMs)) continue;
    const remaining = headers.get(`x-ratelimit-remaining${suffix}`) ??
      headers.get(`ratelimit-remaining${suffix}`);
    resets.push({ ms, isUsedUp: remaining !== null && Number(remaining) <= 0 });
  }
  const usedUp = resets.filter(({ isUsedUp }) => isUsedUp).map(({ ms }) => ms);
  return usedUp.length > 0 ? highest(usedUp) : lowest(resets.map(({ ms }) => ms));
}

const WINDOW_RESET = /^(x-.+-(?:primary|secondary))-reset-(?:at|after-seconds)$/;

/**
 * When the last of the full usage windows in the headers resets, `-Infinity` when there is none. A window with room left is
 * not the one that refuses.
 */
function fullWindowMs(headers: Headers, nowMs: number): number {
  const resets: number[] = [];
  for (const [name] of headerPairs(headers)) {
    const family = WINDOW_RESET.exec(name)?.[1];
    if (family === undefined || Number(headers.get(`${family}-used-percent`) ?? 100) < 100) continue;
    const ms = windowResetMs(headers, family, nowMs);
    if (ms !== undefined) resets.push(ms);
  }
  return highest(resets);
}

/** When one window (`x-codex-primary`, `x-codex-secondary` …) resets; `undefined` when the headers name no time that can be right. */
export function windowResetMs(headers: Headers, family: string, nowMs: number): number | undefined {
  const at = momentMs(headers.get(`${family}-reset-at`));
  const ms = isPlausible(at, nowMs)
    ? at
    : after(nowMs, durationMs(headers.get(`${family}-reset-after-seconds`)));
  return isPlausible(ms, nowMs) ? ms : undefined;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: 60 * SECOND_MS,
  h: 3600 * SECOND_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};
const UNIT = "(?:ms|msecs?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)";
const AMOUNT = String.raw`\d+(?:\.\d+)?\s*${UNIT}\b`;
const DURATION = String.raw`${AMOUNT}(?:(?:\s|,|and)*${AMOUNT})*|(?:\d+(?:\.\d+)?${UNIT})+`;
const WHOLE_DURATION = new RegExp(`^(?:${DURATION})$`, "i");
const SPOKEN_DURATION = new RegExp(
  String
    .raw`\b(?:again|retry(?:ing)?|wait|resets?|available)\b[\s:]*(?:again\s+)?(?:(?:in|after|for|another)\b[\s:]*)?(?:about\s+|~\s*)?(${DURATION})`,
  "i",
);
const SPOKEN_MOMENT =
  /\b(?:again|retry|wait|resets?|available)\b[\s:]*(?:again\s+)?(?:at|on|after|until)?[\s:]*(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| ?UTC|[+-]\d\d:?\d\d)?)/i;

// OpenAI's words: "Please try again in 2.5s", "… in 6m0s"; others: "retry after 50 seconds", "resets in 3 hours".
function wordTimeMs(words: string, nowMs: number): number | undefined {
  const spoken = SPOKEN_DURATION.exec(words)?.[1];
  if (spoken !== undefined) return after(nowMs, unitDurationMs(spoken));
  const moment = SPOKEN_MOMENT.exec(words)?.[1];
  return moment === undefined ? undefined : momentMs(moment);
}

function unitDurationMs(text: string): number | undefined {
  if (!WHOLE_DURATION.test(text)) return undefined;
  let sumMs = 0;
  for (
    const [, amount, unit = ""] of text.matchAll(new RegExp(String.raw`(\d+(?:\.\d+)?)\s*(${UNIT})`, "gi"))
  ) {
    sumMs += Number(amount) * UNITS_MS[shortUnit(unit.toLowerCase())]!;
  }
  return sumMs;
}

function shortUnit(unit: string): string {
  return /^m(?:s|illi)/.test(unit) ? "ms" : unit.charAt(0);
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

function after(nowMs: number, durationMs: number | undefined): number | undefined {
  return durationMs === undefined ? undefined : nowMs + durationMs;
}
