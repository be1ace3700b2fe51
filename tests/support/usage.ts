// Whole entries of the usage history; a test overrides the parts that it is about.

import type { AttemptEntry, UsageBatch } from "../../src/observability/usage/entries.ts";

export function anAttemptEntry(over: Partial<AttemptEntry> = {}): AttemptEntry {
  return {
    atMs: Date.UTC(2026, 10, 26, 12),
    key: "work.json",
    model: "gpt-5.5",
    session: "s1",
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

export function aBatch(over: Partial<UsageBatch> = {}): UsageBatch {
  return { attempts: [], windows: [], changes: [], ...over };
}
