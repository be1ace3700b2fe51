/**
 * The traffic of the last minutes: how much, how successful, how fast. A request counts with its last attempt, because
 * that one answered the client.
 * @module
 */

import type { AttemptRow } from "./data.ts";

/** Figures of the last minutes. */
export interface Traffic {
  /** The time that the figures cover; shorter than {@link WINDOW_MS} when not all of it is known. */
  readonly windowMs: number;
  readonly requests: number;
  readonly requestsPerMinute: number;
  /** From 0 to 1: the share of requests that ended with outcome `ok`. */
  readonly okShare: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** The time that the figures cover, when all of it is known. */
export const WINDOW_MS = 5 * 60_000;
// Below a second, a rate per minute would rest on almost nothing.
const MIN_WINDOW_MS = 1000;

/** `attempts` are newest first, and complete since `knownSinceMs`. Shares and times are 0 without requests. */
export function trafficIn(attempts: readonly AttemptRow[], knownSinceMs: number, nowMs: number): Traffic {
  const windowMs = Math.max(MIN_WINDOW_MS, Math.min(WINDOW_MS, nowMs - knownSinceMs));
  const last = lastAttempts(attempts.filter(({ atMs }) => atMs > nowMs - windowMs));
  const latencies = last.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const okCount = last.filter(({ outcome }) => outcome === "ok").length;
  return {
    windowMs,
    requests: last.length,
    requestsPerMinute: last.length / (windowMs / 60_000),
    okShare: last.length === 0 ? 0 : okCount / last.length,
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
  };
}

function lastAttempts(attempts: readonly AttemptRow[]): readonly AttemptRow[] {
  const byRequest = new Map<string, AttemptRow>();
  for (const attempt of attempts) {
    if (!byRequest.has(attempt.requestId)) byRequest.set(attempt.requestId, attempt);
  }
  return [...byRequest.values()];
}

/** The smallest value that this share of the values does not exceed; 0 without values. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}
