// When a limited key is good again, as far as the upstream says: read out of the headers and the body of a 429,
// and out of the answer to `/wham/usage`. Field names as measured against the Codex backend.

import { member } from "../config/json.ts";

const SECOND_MS = 1000;
// No quota window is longer than a month; what names a later time is in another unit or wrong.
const FARTHEST_RESET_MS = 32 * 24 * 3600 * SECOND_MS;

/** The time that a 429 names, epoch milliseconds; `undefined` when it names none in the future. */
export function namedResetMs(headers: Headers, body: unknown, nowMs: number): number | undefined {
  const error = member(body, "error");
  const candidates = [
    retryAfterMs(headers.get("retry-after"), nowMs),
    times(SECOND_MS, member(error, "resets_at")),
    after(nowMs, times(SECOND_MS, member(error, "resets_in_seconds"))),
    windowResetMs(headers),
  ];
  return candidates.find((ms) => ms !== undefined && ms > nowMs && ms <= nowMs + FARTHEST_RESET_MS);
}

/** Whether a usage answer says that the account may go on, and if not, when it may. Shape: Codex CLI, `/wham/usage`. */
export function readUsage(body: unknown, nowMs: number): { allowed: boolean; untilMs?: number } {
  const limit = member(body, "rate_limit");
  const isReached = member(limit, "limit_reached") === true || member(limit, "allowed") === false;
  if (!isReached) return { allowed: true };
  const exhausted = [member(limit, "primary_window"), member(limit, "secondary_window")]
    .filter((window) => Number(member(window, "used_percent") ?? 0) >= 100)
    .map((window) => times(SECOND_MS, member(window, "reset_at")))
    .filter((ms) => ms !== undefined && ms > nowMs && ms <= nowMs + FARTHEST_RESET_MS);
  return exhausted.length > 0
    ? { allowed: false, untilMs: Math.max(...exhausted as number[]) }
    : { allowed: false };
}

// Seconds or an HTTP date (RFC 9110 §10.2.3).
function retryAfterMs(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return nowMs + Number(text) * SECOND_MS;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date;
}

// Headers `x-codex-primary-used-percent: 100` and `x-codex-primary-reset-at: <epoch s>`, one such family per window.
// A window with room left is not the one that refuses; of several full ones the last to reset counts.
function windowResetMs(headers: Headers): number | undefined {
  const resets: number[] = [];
  for (const [name, value] of headers) {
    const family = /^(x-codex-.+)-reset-at$/.exec(name)?.[1];
    const usedPercent = Number(headers.get(`${family}-used-percent`) ?? 100);
    const ms = family && usedPercent >= 100 ? times(SECOND_MS, Number(value)) : undefined;
    if (ms !== undefined) resets.push(ms);
  }
  return resets.length > 0 ? Math.max(...resets) : undefined;
}

function times(factor: number, value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value * factor : undefined;
}

function after(nowMs: number, durationMs: number | undefined): number | undefined {
  return durationMs === undefined ? undefined : nowMs + durationMs;
}
