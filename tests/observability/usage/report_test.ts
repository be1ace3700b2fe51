import assert from "node:assert/strict";
import fc from "fast-check";
import { USAGE_GROUPS } from "../../../src/api/usage.ts";
import type { AttemptEntry } from "../../../src/observability/usage/entries.ts";
import { percentiles, type ReportQuery, usageReport } from "../../../src/observability/usage/report.ts";
import { anAttemptEntry, aRefusedEntry } from "../../support/usage.ts";

const DAY = 86_400_000;
const FROM = Date.UTC(2026, 10, 20);
const NOW = FROM + 6 * DAY + 12 * 3_600_000;

function aQuery(over: Partial<ReportQuery> = {}): ReportQuery {
  return {
    by: "key",
    fromMs: FROM,
    nowMs: NOW,
    dayOf: (atMs) => new Date(atMs).toISOString().slice(0, 10),
    hourOf: (atMs) => new Date(atMs).getUTCHours(),
    ...over,
  };
}

const ATTEMPTS: readonly AttemptEntry[] = [
  anAttemptEntry({ atMs: FROM + 1, key: "a.json", session: "s1", firstTokenMs: 500, waitedMs: 1 }),
  aRefusedEntry({ atMs: FROM + DAY, key: "a.json", session: "s1" }),
  anAttemptEntry({
    atMs: FROM + DAY + 1,
    key: "b.json",
    session: "s1",
    attempt: 2,
    waitedMs: 300,
    firstTokenMs: 900,
  }),
  anAttemptEntry({
    atMs: FROM + 2 * DAY,
    key: "b.json",
    session: "s2",
    model: "gpt-5.5-mini",
    input: 0,
    cached: 0,
    output: 10,
  }),
];

Deno.test("a report adds up what each key did", () => {
  const { rows, total } = usageReport(ATTEMPTS, aQuery());
  assert.deepEqual(rows.map(({ name }) => name), ["b.json", "a.json"], "most tokens first");
  assert.deepEqual(rows[1], {
    name: "a.json",
    requests: 1,
    failed: 1,
    input_tokens: 1000,
    cached_tokens: 800,
    output_tokens: 50,
    cache_rate: 0.8,
    first_token_ms: { median: 500, p95: 500 },
    added_ms: { median: 1, p95: 1 },
    switches: 0,
    last_at: new Date(FROM + DAY).toISOString(),
    series: [1050, 0, 0, 0, 0, 0, 0],
  });
  assert.deepEqual([total.requests, total.failed, total.switches, total.output_tokens], [3, 1, 1, 110]);
});

const NAMES: readonly (readonly [ReportQuery["by"], readonly string[]])[] = [
  ["model", ["gpt-5.5", "gpt-5.5-mini"]],
  ["session", ["s1", "s2"]],
  ["day", ["2026-11-20", "2026-11-21", "2026-11-22"]],
];
for (const [by, names] of NAMES) {
  Deno.test(`a report by ${by} names its rows`, () => {
    assert.deepEqual(usageReport(ATTEMPTS, aQuery({ by })).rows.map(({ name }) => name), names);
  });
}

const SWITCHES: readonly (readonly [string, readonly Partial<AttemptEntry>[], number])[] = [
  ["a session that stays", [{ key: "a" }, { key: "a" }], 0],
  ["a session that moves and moves back", [{ key: "a" }, { key: "b" }, { key: "a" }], 2],
  ["an attempt without an answer", [{ key: "a" }, { key: "b", isAnswer: false }, { key: "a" }], 0],
  ["sessions beside each other", [{ key: "a", session: "1" }, { key: "b", session: "2" }, {
    key: "a",
    session: "1",
  }], 0],
  ["requests without a session", [{ key: "a", session: "" }, { key: "b", session: "" }], 0],
  ["a second attempt without a session", [{ key: "a", session: "", isAnswer: false }, {
    key: "b",
    session: "",
    attempt: 2,
  }], 1],
  ["a new session whose first key refused", [{ key: "a", isAnswer: false }, { key: "b", attempt: 2 }], 1],
];
for (const [what, list, switches] of SWITCHES) {
  Deno.test(`switches of key: ${what}`, () => {
    assert.equal(usageReport(list.map(anAttemptEntry), aQuery()).total.switches, switches);
  });
}

Deno.test("a series has hours for a day and days for a week", () => {
  const lengths = (by: ReportQuery["by"], fromMs: number) =>
    usageReport([anAttemptEntry({ atMs: NOW })], aQuery({ by, fromMs })).rows[0]!.series.length;
  assert.deepEqual([lengths("key", NOW - DAY), lengths("key", FROM), lengths("day", FROM)], [24, 7, 24]);
});

Deno.test("a report of nothing has no figures that divide by nothing", () => {
  const { total, rows } = usageReport([], aQuery());
  assert.deepEqual([rows, total.cache_rate, total.first_token_ms, total.added_ms], [[], null, null, null]);
});

Deno.test("percentiles are values that occurred", () => {
  assert.deepEqual(percentiles([30, 10, 20]), { median: 20, p95: 30 });
  assert.deepEqual(percentiles(Array.from({ length: 100 }, (_, at) => at + 1)), { median: 50, p95: 95 });
});

const anyEntry = fc.record({
  key: fc.constantFrom("a", "b"),
  model: fc.constantFrom("", "m"),
  session: fc.constantFrom("", "s", "t"),
  isAnswer: fc.boolean(),
  input: fc.option(fc.nat(10_000), { nil: undefined }),
  cached: fc.option(fc.nat(20_000), { nil: undefined }),
  atMs: fc.integer({ min: FROM, max: NOW }),
});

Deno.test("whatever the rows are about, together they are the total", () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 40 }), fc.constantFrom(...USAGE_GROUPS), (list, by) => {
      const entries = list.map(anAttemptEntry).sort((a, b) => a.atMs - b.atMs);
      const { rows, total } = usageReport(entries, aQuery({ by }));
      const sum = (name: "requests" | "failed" | "input_tokens" | "cached_tokens" | "switches") =>
        rows.reduce((all, row) => all + row[name], 0);
      for (const name of ["requests", "failed", "input_tokens", "cached_tokens", "switches"] as const) {
        assert.equal(sum(name), total[name]);
      }
      const tokens = rows.flatMap(({ series }) => series).reduce((all, part) => all + part, 0);
      assert.equal(tokens, total.input_tokens + total.output_tokens);
      assert.ok(total.cache_rate === null || total.cache_rate <= 1);
    }),
  );
});
