import assert from "node:assert/strict";
import { trafficIn } from "../../../src/observability/tui/traffic.ts";
import type { AttemptRow } from "../../../src/observability/tui/data.ts";
import { anAttemptRow } from "../../support/attempts.ts";
import { SECOND, T0 } from "../../support/builders.ts";

/** Attempts of one request each, a second apart, the newest just now. */
function attemptsWith(latenciesMs: readonly number[], over: Partial<AttemptRow> = {}): AttemptRow[] {
  return latenciesMs.map((latencyMs, index) =>
    anAttemptRow({ requestId: `req_${index}`, atMs: T0 - index * SECOND, latencyMs, ...over })
  );
}

Deno.test("trafficIn() counts over five minutes when all of them are known", () => {
  const { windowMs, requests, requestsPerMinute } = trafficIn(attemptsWith([1, 2, 3]), 0, T0);
  assert.deepEqual([windowMs, requests, requestsPerMinute], [300 * SECOND, 3, 0.6]);
});

Deno.test("trafficIn() counts over the time that is known when it is shorter", () => {
  const { windowMs, requestsPerMinute } = trafficIn(attemptsWith([1, 2, 3]), T0 - 30 * SECOND, T0);
  assert.deepEqual([windowMs, requestsPerMinute], [30 * SECOND, 6]);
});

Deno.test("trafficIn() counts over no less than a second", () => {
  assert.equal(trafficIn(attemptsWith([1]), T0, T0).requestsPerMinute, 60);
});

Deno.test("trafficIn() leaves out what is older than the window", () => {
  assert.equal(trafficIn(attemptsWith([1], { atMs: T0 - 301 * SECOND }), 0, T0).requests, 0);
});

Deno.test("trafficIn() counts a request with its last attempt", () => {
  const retried = [
    anAttemptRow({ id: 2, number: 2, latencyMs: 900 }),
    anAttemptRow({ id: 1, number: 1, latencyMs: 5, outcome: "rate_limited" }),
  ];
  const { requests, okShare, p50Ms } = trafficIn(retried, 0, T0);
  assert.deepEqual([requests, okShare, p50Ms], [1, 1, 900]);
});

const LATENCIES: readonly [latenciesMs: number[], p50Ms: number, p95Ms: number][] = [
  [[], 0, 0],
  [[7], 7, 7],
  [[9, 1], 1, 9],
  [[3, 1, 2], 2, 3],
  [Array.from({ length: 100 }, (_, index) => index + 1), 50, 95],
];

for (const [latenciesMs, p50Ms, p95Ms] of LATENCIES) {
  Deno.test(`trafficIn() finds the percentiles of ${latenciesMs.length} latencies`, () => {
    const traffic = trafficIn(attemptsWith(latenciesMs), 0, T0);
    assert.deepEqual([traffic.p50Ms, traffic.p95Ms], [p50Ms, p95Ms]);
  });
}

Deno.test("trafficIn() returns the share of successful requests", () => {
  const failed = attemptsWith([1, 1], { outcome: "origin_failed" });
  const gone = failed.map((attempt) => ({ ...attempt, requestId: `${attempt.requestId}_failed` }));
  assert.equal(trafficIn([...attemptsWith([1, 1]), ...gone], 0, T0).okShare, 0.5);
  assert.equal(trafficIn([], 0, T0).okShare, 0);
});
