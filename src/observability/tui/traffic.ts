/**
 * What the attempts of the last minutes say about the traffic: how much, how well, how fast. A request counts by its
 * last attempt, for that is the one that its client was answered from.
 * @module
 */

import type { AttemptRow } from "./data.ts";

export interface Traffic {
  /** The time that the numbers are about; shorter than the window when not all of it is known. */
  readonly windowMs: number;
  readonly requests: number;
  readonly requestsPerMinute: number;
  /** From 0 to 1: the share of requests that ended with outcome `ok`. */
  readonly okShare: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export const WINDOW_MS = 5 * 60_000;
// Under a second, a rate per minute would be made of next to nothing.
const MIN_WINDOW_MS = 1000;

/** `attempts` are newest first; those after `knownSinceMs` are all there. Shares and times are 0 without requests. */
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

/** The smallest value that this share of the values does not exceed. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}
