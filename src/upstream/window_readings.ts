/**
 * What the upstream writes about usage windows: in headers of every answer, in events of streams, and in refusals. Field names as measured against
 * the Codex backend.
 * @module
 */

import { ACCOUNT_LIMIT, limitId, type WindowReading } from "../auth/limits.ts";
import { member, numberOf, scalarText } from "../values/json.ts";
import type { ErrorDetails } from "./error_details.ts";
import { headerPairs } from "../values/header_pairs.ts";
import {
  durationMs,
  isPlausible,
  momentMs,
  type ResetSources,
  resetTimeMs,
  windowResetMs,
} from "./reset_time.ts";

/** The windows that an answer names: in its headers, and in the body of a refusal, whose details these are. */
export function readWindows(
  headers: Headers,
  details: ErrorDetails | undefined,
  nowMs: number,
): WindowReading[] {
  const refused = details ? readWindowRefusal(headers, details, nowMs) : [];
  return [...readWindowHeaders(headers, nowMs), ...refused];
}

const WINDOW_HEADER = /^x-(.+)-(primary|secondary)-used-percent$/;

/**
 * The windows in the headers `x-codex-primary-used-percent` and its relatives, for every family of limits. Those of
 * `codex` are of the limit that was active for the request, which is the account's unless a family is named.
 */
export function readWindowHeaders(headers: Headers, nowMs: number): WindowReading[] {
  const active = activeFamily(headers);
  const isNamedTwice = active !== undefined && hasWindows(headers, active);
  const readings: WindowReading[] = [];
  for (const [name, value] of headerPairs(headers)) {
    const [, limit, slot] = WINDOW_HEADER.exec(name) ?? [];
    const usedPercent = Number(value);
    if (limit === undefined || value === "" || !Number.isFinite(usedPercent)) continue;
    const windowSeconds = 60 * (Number(headers.get(`x-${limit}-${slot}-window-minutes`)) || 0);
    const resetAtMs = windowResetMs(headers, `x-${limit}-${slot}`, nowMs);
    // So the backend says that there is no such window.
    if (usedPercent === 0 && windowSeconds === 0 && resetAtMs === undefined) continue;
    if (limit === ACCOUNT_LIMIT && isNamedTwice) continue;
    readings.push({
      limit: limit === ACCOUNT_LIMIT ? active ?? ACCOUNT_LIMIT : limitId(limit),
      windowSeconds,
      usedPercent,
      source: "headers",
      atMs: nowMs,
      resetAtMs,
    });
  }
  return readings;
}

// The account's own limit has one of these names, the same on every plan. Measured on three plans by another project: it
// was `premium` on each of them.
const ACCOUNT_LIMIT_NAMES: ReadonlySet<string> = new Set([ACCOUNT_LIMIT, "premium", "standard", "default"]);

/** The id of the model family whose limit was active for the request; `undefined` when it was the account's own. */
function activeFamily(headers: Headers): string | undefined {
  const named = headers.get("x-codex-active-limit") ?? "";
  const id = limitId(named);
  if (named === "" || ACCOUNT_LIMIT_NAMES.has(id)) return undefined;
  if (hasWindows(headers, id) || id.startsWith(`${ACCOUNT_LIMIT}_`)) return id;
  // A name that nothing else uses, beside windows of its own: the account's, by another name.
  return hasWindows(headers, ACCOUNT_LIMIT) ? undefined : id;
}

function hasWindows(headers: Headers, limit: string): boolean {
  return headers.has(`x-${limit.replaceAll("_", "-")}-primary-used-percent`);
}

/** The windows in a `codex.rate_limits` event of a stream. */
export function readWindowEvent(event: unknown, nowMs: number): WindowReading[] {
  const limits = member(event, "rate_limits");
  return ["primary", "secondary"].flatMap((slot) => {
    const window = member(limits, slot);
    const usedPercent = member(window, "used_percent");
    if (typeof usedPercent !== "number") return [];
    const windowSeconds = 60 * (numberOf(member(window, "window_minutes")) ?? 0);
    const resetAtMs = windowEndMs(window, nowMs);
    const limit = limitId(scalarText(member(event, "metered_limit_name") ?? ACCOUNT_LIMIT));
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

// The moment or the time until then, whichever is there.
function windowEndMs(window: unknown, nowMs: number): number | undefined {
  const left = ["reset_after_seconds", "resets_in_seconds"].map((name) => durationMs(member(window, name)));
  const moments = ["reset_at", "resets_at"].map((name) => momentMs(member(window, name)));
  return [...moments, ...left.map((ms) => ms === undefined ? undefined : nowMs + ms)]
    .find((ms) => isPlausible(ms, nowMs));
}

/** The window that a refusal for quota names by its length: it is full. */
function readWindowRefusal(headers: Headers, details: ErrorDetails, nowMs: number): WindowReading[] {
  const windowMinutes = numberOf(fieldIn(details, "limit_window_minutes")) ?? 0;
  if (windowMinutes <= 0 || limitScope(headers, details, nowMs) === "model") return [];
  const sources: ResetSources = { headers, details, isQuota: true };
  return [{
    limit: ACCOUNT_LIMIT,
    windowSeconds: 60 * windowMinutes,
    usedPercent: 100,
    resetAtMs: resetTimeMs(sources, nowMs),
    source: "refusal",
    atMs: nowMs,
  }];
}

/**
 * Whether a limit is about the key or only about the model that was asked for: the latter when it names the limit of a
 * model family, or when such a limit is full while the account's own windows have room.
 */
export function limitScope(headers: Headers, details: ErrorDetails, nowMs: number): "key" | "model" {
  if (headers.get("x-codex-active-limit")) return activeFamily(headers) === undefined ? "key" : "model";
  const named = fieldIn(details, "limit_name");
  if (typeof named === "string" && named !== "") {
    return ACCOUNT_LIMIT_NAMES.has(limitId(named)) ? "key" : "model";
  }
  const readings = readWindowHeaders(headers, nowMs);
  const isFull = (reading: WindowReading) => reading.usedPercent >= 100;
  const own = readings.filter(({ limit }) => limit === ACCOUNT_LIMIT);
  const others = readings.filter(({ limit }) => limit !== ACCOUNT_LIMIT);
  return others.some(isFull) && own.length > 0 && !own.some(isFull) ? "model" : "key";
}

function fieldIn({ objects }: ErrorDetails, name: string): unknown {
  return objects.map((object) => object[name]).find((value) => value !== undefined && value !== null);
}
