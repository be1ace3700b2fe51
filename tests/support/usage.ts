// Whole entries of the usage history; a test overrides the parts that it is about.

import type { PoolUsage } from "../../src/api/pool_usage.ts";
import type { Usage, UsageRow } from "../../src/api/usage.ts";
import type { AttemptEntry, UsageBatch } from "../../src/observability/usage/entries.ts";

export function anAttemptEntry(over: Partial<AttemptEntry> = {}): AttemptEntry {
  return {
    atMs: Date.UTC(2026, 10, 26, 12),
    key: "work.json",
    model: "gpt-5.5",
    session: "s1",
    client: "",
    attempt: 1,
    isAnswer: true,
    outcome: "ok",
    input: 1000,
    cached: 800,
    output: 50,
    firstTokenMs: 900,
    latencyMs: 4000,
    waitedMs: 2,
    ...over,
  };
}

/** One that got no answer. */
export function aRefusedEntry(over: Partial<AttemptEntry> = {}): AttemptEntry {
  const none = { input: undefined, cached: undefined, output: undefined, firstTokenMs: undefined };
  return anAttemptEntry({ isAnswer: false, outcome: "rate_limited", ...none, ...over });
}

export function aBatch(over: Partial<UsageBatch> = {}): UsageBatch {
  return { attempts: [], windows: [], changes: [], ...over };
}

const NOW_MS = Date.UTC(2026, 10, 26, 12);

export function aUsageRow(over: Partial<UsageRow> = {}): UsageRow {
  return {
    name: "work.json",
    requests: 1204,
    failed: 12,
    input_tokens: 45_000_000,
    cached_tokens: 41_400_000,
    output_tokens: 1_200_000,
    cache_rate: 0.92,
    first_token_ms: { median: 1130, p95: 5200 },
    added_ms: { median: 2, p95: 640 },
    switches: 4,
    last_at: new Date(NOW_MS).toISOString(),
    series: [0, 1, 2, 3, 4, 5, 6],
    ...over,
  };
}

/** What was used in a week, with a pool that lasts. */
export function aUsage(over: Partial<Usage> = {}): Usage {
  const { name: _name, last_at: _at, series: _series, ...total } = aUsageRow();
  return {
    ok: true,
    by: "key",
    from: new Date(NOW_MS - 6 * 86_400_000).toISOString(),
    to: new Date(NOW_MS).toISOString(),
    total,
    rows: [aUsageRow()],
    forecast: { pool_runs_out_at: null, pool_back_at: null, rates: "history", keys: [] },
    is_recording: true,
    ...over,
  };
}

/** What two members have used of two keys. */
export function aPoolUsage(over: Partial<PoolUsage> = {}): PoolUsage {
  const one = { requests: 3, input_tokens: 3000, cached_tokens: 2000, output_tokens: 300 };
  const two = { requests: 1, input_tokens: 100, cached_tokens: 0, output_tokens: 20 };
  return {
    ok: true,
    by: "key",
    from_day: "2027-01-14",
    to_day: "2027-01-15",
    members: 2,
    total: { requests: 4, input_tokens: 3100, cached_tokens: 2000, output_tokens: 320 },
    rows: [{ name: "a.json", ...one }, { name: "b.json", ...two }],
    ...over,
  };
}
