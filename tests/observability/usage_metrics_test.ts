import assert from "node:assert/strict";
import type { AttemptFields } from "../../src/api/trace.ts";
import {
  poolRunsOutSamples,
  UsageMetrics,
  windowResetSamples,
  windowRunsOutSamples,
  windowUsedSamples,
} from "../../src/observability/usage_metrics.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { aRecord, POLICY, T0 } from "../support/builders.ts";
import { attemptFields } from "../support/events.ts";

function counted(...attempts: readonly Partial<AttemptFields>[]) {
  const metrics = new UsageMetrics([1, 10]);
  for (const attempt of attempts) metrics.add(attemptFields(attempt));
  const { tokens, switches, firstToken, addedLatency } = metrics.samples();
  const text = (samples: typeof tokens) =>
    samples.map(({ labels, value }) => `${Object.values(labels).join(" ")} ${value}`);
  const counts = (samples: typeof tokens) =>
    samples.filter(({ suffix }) => suffix === "_count").map(({ value }) => value);
  return {
    tokens: text(tokens),
    switches: text(switches),
    first: counts(firstToken),
    added: counts(addedLatency),
  };
}

const TOLD = { model: "m", input_tokens: 900, cached_tokens: 800, output_tokens: 40 };

Deno.test("tokens are counted by key, model and kind, also of attempts that failed", () => {
  const { tokens } = counted(TOLD, { ...TOLD, outcome: "client_gone" }, { model: null, output_tokens: 1 });
  assert.deepEqual(tokens, [
    "work.json m input 1800",
    "work.json m cached 1600",
    "work.json m output 80",
    "work.json unknown output 1",
  ]);
});

Deno.test("no label holds an e-mail address, and clients cannot make series without end", () => {
  const many = Array.from({ length: 80 }, (_, at) => ({ model: `m${at}`, output_tokens: 1 }));
  const { tokens } = counted(...many, { auth_file: "ann@example.com.json", ...TOLD });
  assert.equal(tokens.filter((line) => line.startsWith("work.json")).length, 51);
  assert.ok(tokens.includes("work.json other output 30"));
  assert.doesNotMatch(tokens.join(), /@/);
});

const SWITCHES: readonly (readonly [string, readonly Partial<AttemptFields>[], readonly string[]])[] = [
  ["a session that stays", [{ session: "s" }, { session: "s" }], []],
  ["a session that moves", [{ session: "s" }, { session: "s", auth_file: "b.json" }], ["b.json 1"]],
  ["a retry without a session", [{ attempt: 2 }], ["work.json 1"]],
  ["an attempt that failed", [{ session: "s" }, {
    session: "s",
    auth_file: "b.json",
    outcome: "rate_limited",
  }], []],
];
for (const [what, attempts, expected] of SWITCHES) {
  Deno.test(`switches of key in the metrics: ${what}`, () =>
    assert.deepEqual(counted(...attempts).switches, expected));
}

Deno.test("only attempts of keys at models have latencies for the user", () => {
  const times = { first_token_ms: 700, waited_ms: 20 };
  const { first, added } = counted(times, { ...times, auth_file: null }, { ...times, route: "models" }, {
    ...times,
    prewarm: true,
  }, { ...times, outcome: "rate_limited" });
  assert.deepEqual([first, added], [[2], [1]]);
});

Deno.test("the account's own windows are gauges, by their length", () => {
  const pool = new KeyPool(POLICY, () => {});
  pool.merge([aRecord("a")], T0);
  const reading = {
    windowSeconds: 18_000,
    usedPercent: 40,
    resetAtMs: T0 + 5000,
    source: "headers",
    atMs: T0,
  } as const;
  pool.noteWindows(aRecord("a"), [{ ...reading, limit: "codex" }, { ...reading, limit: "other" }, {
    ...reading,
    limit: "codex",
    windowSeconds: 604_800,
    resetAtMs: undefined,
  }]);
  const [report] = pool.describe(T0);
  assert.deepEqual(windowUsedSamples(report!).map(({ labels, value }) => [labels["window"], value]), [
    ["18000", 0.4],
    ["604800", 0.4],
  ]);
  assert.deepEqual(windowResetSamples(report!).map(({ value }) => value), [T0 / 1000 + 5]);
});

const HOUR_MS = 3_600_000;

/** A pool whose keys have used these shares of their 5-hour window, of which two hours are left. */
function poolWith(usedPercents: readonly number[]) {
  const pool = new KeyPool(POLICY, () => {});
  const records = usedPercents.map((_, index) => aRecord(`key${index}`));
  pool.merge(records, T0);
  for (const [index, usedPercent] of usedPercents.entries()) {
    const reading = { limit: "codex", source: "headers", atMs: T0, windowSeconds: 18_000 } as const;
    pool.noteWindows(records[index]!, [{ ...reading, usedPercent, resetAtMs: T0 + 2 * HOUR_MS }]);
  }
  return pool.describe(T0);
}

for (
  const [usedPercent, inHours] of [
    // After three hours.
    [75, 1],
    [90, 1 / 3],
    [100, 0],
    [50, undefined],
    [0, undefined],
  ] as const
) {
  Deno.test(`a window of which ${usedPercent}% are used runs out in ${inHours} hours`, () => {
    const samples = windowRunsOutSamples(poolWith([usedPercent])[0]!, T0);
    const expected = inHours === undefined ? [] : [(T0 + inHours * HOUR_MS) / 1000];
    assert.deepEqual(samples.map(({ value }) => value), expected);
  });
}

Deno.test("the pool runs out when its last key does, and there is no figure for one that lasts or is huge", () => {
  assert.deepEqual(poolRunsOutSamples(poolWith([100, 100]), T0).map(({ value }) => value), [T0 / 1000]);
  const [later] = poolRunsOutSamples(poolWith([100, 90]), T0);
  assert.ok(later && later.value > T0 / 1000 && later.value < T0 / 1000 + 3600, `${later?.value}`);
  assert.deepEqual(poolRunsOutSamples(poolWith([0, 100]), T0), []);
  assert.deepEqual(poolRunsOutSamples(poolWith(Array(101).fill(100)), T0), []);
});
