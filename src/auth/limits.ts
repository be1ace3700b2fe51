/**
 * How much a key may still use, and when a limited one is good again, as far as the upstream says: read out of
 * headers, bodies of refusals, events of streams and the answer to `/wham/usage`. Field names as measured against
 * the Codex backend.
 * @module
 */

import { member } from "../values/json.ts";
import type { Usage } from "./usage.ts";

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
    after(nowMs, waitInWordsMs(error)),
  ];
  return candidates.find((ms) => soon(ms, nowMs) !== undefined);
}

/** When an account whose usage page says that its limit is reached may go on; `undefined` when it does not tell. */
export function usageResetMs({ windows }: Usage): number | undefined {
  const full = windows.filter(({ usedPercent }) => usedPercent >= 100);
  const resets = full.flatMap(({ resetAtMs }) => resetAtMs === undefined ? [] : [resetAtMs]);
  return resets.length > 0 ? Math.max(...resets) : undefined;
}

/** The windows of a usage page, those of model families included. */
export function usageReadings({ windows, additional }: Usage, nowMs: number): WindowReading[] {
  const limits = [{ feature: ACCOUNT_LIMIT, windows }, ...additional];
  return limits.flatMap(({ feature, windows }) =>
    windows.map((window) => ({ ...window, limit: limitId(feature), source: "usage" as const, atMs: nowMs }))
  );
}

// Seconds or an HTTP date (RFC 9110 §10.2.3).
function retryAfterMs(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return nowMs + Number(text) * SECOND_MS;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date;
}

/** How full one usage window of a key is, as the upstream last said. */
export interface WindowReading {
  /** `codex` for the account's own windows; else the id of a limit that only some models have. */
  readonly limit: string;
  /** 18 000 for the 5-hour window, 604 800 for the weekly one; 0 when the upstream did not say. */
  readonly windowSeconds: number;
  readonly usedPercent: number;
  /** When the window starts again, epoch milliseconds; `undefined` when the upstream did not say. */
  readonly resetAtMs: number | undefined;
  readonly source: "headers" | "event" | "refusal" | "usage";
  /** When it was read, epoch milliseconds. */
  readonly atMs: number;
}

export const ACCOUNT_LIMIT = "codex";

// Header names write `codex-bengalfox` for what bodies call `codex_bengalfox`. What is no such name is not repeated.
function limitId(name: string): string {
  const id = name.replaceAll("-", "_").toLowerCase();
  return /^[a-z][a-z0-9_]{0,31}$/.test(id) ? id : "other";
}

const WINDOW_HEADER = /^x-(.+)-(primary|secondary)-used-percent$/;

/** The windows in the headers `x-codex-primary-used-percent` and its relatives, for every family of limits. */
export function readWindowHeaders(headers: Headers, nowMs: number): WindowReading[] {
  const readings: WindowReading[] = [];
  for (const [name, value] of headers) {
    const [, limit, slot] = WINDOW_HEADER.exec(name) ?? [];
    const usedPercent = Number(value);
    if (limit === undefined || value === "" || !Number.isFinite(usedPercent)) continue;
    const windowSeconds = 60 * (Number(headers.get(`x-${limit}-${slot}-window-minutes`)) || 0);
    const resetAtMs = soon(
      times(SECOND_MS, Number(headers.get(`x-${limit}-${slot}-reset-at`) ?? NaN)),
      nowMs,
    );
    readings.push({
      limit: limitId(limit),
      windowSeconds,
      usedPercent,
      source: "headers",
      atMs: nowMs,
      resetAtMs,
    });
  }
  return readings;
}

/** The windows in a `codex.rate_limits` event of a stream. */
export function readWindowEvent(event: unknown, nowMs: number): WindowReading[] {
  const limits = member(event, "rate_limits");
  return ["primary", "secondary"].flatMap((slot) => {
    const window = member(limits, slot);
    const usedPercent = member(window, "used_percent");
    if (typeof usedPercent !== "number") return [];
    const windowSeconds = 60 * (Number(member(window, "window_minutes")) || 0);
    const resetAtMs = soon(times(SECOND_MS, member(window, "reset_at")), nowMs);
    const limit = limitId(String(member(event, "metered_limit_name") ?? ACCOUNT_LIMIT));
    return [{
      limit,
      windowSeconds,
      usedPercent,
      source: "event" as const,
      atMs: nowMs,
      resetAtMs,
    }];
  });
}

/** The window that a refusal for quota names by its length: it is full. */
export function readWindowRefusal(headers: Headers, body: unknown, nowMs: number): WindowReading[] {
  const windowMinutes = member(member(body, "error"), "limit_window_minutes");
  if (typeof windowMinutes !== "number" || limitScope(headers, body, nowMs) === "model") return [];
  const resetAtMs = namedResetMs(headers, body, nowMs);
  return [{
    limit: ACCOUNT_LIMIT,
    windowSeconds: 60 * windowMinutes,
    usedPercent: 100,
    resetAtMs,
    source: "refusal",
    atMs: nowMs,
  }];
}

/** The newest reading of each window. */
export function mergeReadings(
  known: readonly WindowReading[],
  fresh: readonly WindowReading[],
): readonly WindowReading[] {
  const isSame = (a: WindowReading, b: WindowReading) =>
    a.limit === b.limit && a.windowSeconds === b.windowSeconds;
  return [...known.filter((old) => !fresh.some((reading) => isSame(old, reading))), ...fresh];
}

// A window that named no reset is believed for so long.
const READING_TTL_MS = 600_000;

/** The account's window with the least left, while it still counts; `undefined` when none is known. */
export function tightestWindow(readings: readonly WindowReading[], nowMs: number): WindowReading | undefined {
  const current = readings.filter(({ limit, resetAtMs, atMs }) =>
    limit === ACCOUNT_LIMIT && (resetAtMs ?? atMs + READING_TTL_MS) > nowMs
  );
  return current.sort((a, b) => b.usedPercent - a.usedPercent)[0];
}

/**
 * Whether a 429 is about the key or only about the model that was asked for: the latter when it names the limit of a
 * model family, or when such a limit is full while the account's own windows have room.
 */
export function limitScope(headers: Headers, body: unknown, nowMs: number): "key" | "model" {
  const named = headers.get("x-codex-active-limit") ?? member(member(body, "error"), "limit_name");
  if (typeof named === "string" && named !== "") return named === ACCOUNT_LIMIT ? "key" : "model";
  const readings = readWindowHeaders(headers, nowMs);
  const isFull = (reading: WindowReading) => reading.usedPercent >= 100;
  const own = readings.filter(({ limit }) => limit === ACCOUNT_LIMIT);
  const others = readings.filter(({ limit }) => limit !== ACCOUNT_LIMIT);
  return others.some(isFull) && own.length > 0 && !own.some(isFull) ? "model" : "key";
}

// A window with room left is not the one that refuses; of several full ones the last to reset counts.
function windowResetMs(headers: Headers): number | undefined {
  const resets: number[] = [];
  for (const [name, value] of headers) {
    const family = /^(x-.+-(?:primary|secondary))-reset-at$/.exec(name)?.[1];
    const usedPercent = Number(headers.get(`${family}-used-percent`) ?? 100);
    const ms = family && usedPercent >= 100 ? times(SECOND_MS, Number(value)) : undefined;
    if (ms !== undefined) resets.push(ms);
  }
  return resets.length > 0 ? Math.max(...resets) : undefined;
}

// OpenAI's words in `rate_limit_exceeded`: "Please try again in 2.5s." or "… in 350ms".
function waitInWordsMs(error: unknown): number | undefined {
  const [, amount, unit] = /try again in ([\d.]+)(ms|s)\b/i.exec(String(member(error, "message") ?? "")) ??
    [];
  return amount === undefined ? undefined : Number(amount) * (unit === "ms" ? 1 : SECOND_MS);
}

function soon(ms: number | undefined, nowMs: number): number | undefined {
  return ms !== undefined && ms > nowMs && ms <= nowMs + FARTHEST_RESET_MS ? ms : undefined;
}

function times(factor: number, value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value * factor : undefined;
}

function after(nowMs: number, durationMs: number | undefined): number | undefined {
  return durationMs === undefined ? undefined : nowMs + durationMs;
}
