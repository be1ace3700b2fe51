import assert from "node:assert/strict";
import { healthAfter, healthAt, HEALTHY, type KeyHealth } from "../../src/auth/key_state.ts";
import { burstTrialAtMs, readyAtMs, trialAtMs, withTrialReserved } from "../../src/auth/trials.ts";
import {
  aHealth,
  aVerdict,
  LIMITED,
  limitedUntil,
  POLICY,
  REJECTED,
  SECOND,
  T0,
} from "../support/builders.ts";

Deno.test("withTrialReserved() allows the next trial of a key on probation only an interval later", () => {
  const onProbation = healthAt(healthAfter(HEALTHY, aVerdict(REJECTED, T0), POLICY), T0 + 900 * SECOND);
  assert.ok(readyAtMs(onProbation) <= T0 + 900 * SECOND);
  const begun = withTrialReserved(onProbation, T0 + 900 * SECOND, POLICY);
  assert.equal(readyAtMs(begun), T0 + 920 * SECOND);
});

/** `[what, health, second of the next trial or undefined]` */
const TRIALS: [string, KeyHealth, number | undefined][] = [
  ["a stable key", HEALTHY, undefined],
  ["a key with a strike", aHealth({ strikes: 1 }), -T0 / SECOND],
  ["a long wait for quota", healthAfter(HEALTHY, aVerdict(limitedUntil(T0 + 600 * SECOND), T0), POLICY), 300],
  [
    "a short wait for quota",
    healthAfter(HEALTHY, aVerdict(limitedUntil(T0 + 60 * SECOND), T0), POLICY),
    undefined,
  ],
  [
    "the shortest wait that is worth it",
    aHealth({
      state: { kind: "cooldown", untilMs: T0 + 120 * SECOND, cause: "usage_limit_reached" },
      lastStrikeMs: T0,
    }),
    60,
  ],
  [
    "a wait that is shorter by a moment",
    aHealth({
      state: { kind: "cooldown", untilMs: T0 + 120 * SECOND - 2, cause: "usage_limit_reached" },
      lastStrikeMs: T0,
    }),
    undefined,
  ],
  ["a burst", healthAfter(HEALTHY, aVerdict(LIMITED, T0), POLICY), undefined],
  ["an ejected key", healthAfter(HEALTHY, aVerdict(REJECTED, T0), POLICY), undefined],
];

for (const [what, health, second] of TRIALS) {
  Deno.test(`trialAtMs() of ${what} is ${second === undefined ? "undefined" : "a time"}`, () => {
    assert.equal(trialAtMs(health), second === undefined ? undefined : T0 + second * SECOND);
  });
}

Deno.test("burstTrialAtMs() is five seconds after the strike, and after each trial", () => {
  const struck = healthAfter(HEALTHY, aVerdict(LIMITED, T0), POLICY);
  assert.equal(burstTrialAtMs(struck), T0 + 5 * SECOND);
  const tried = withTrialReserved(struck, T0 + 6 * SECOND, POLICY);
  assert.equal(burstTrialAtMs(tried), T0 + 11 * SECOND);
  const quota = healthAfter(HEALTHY, aVerdict(limitedUntil(T0 + 60 * SECOND), T0), POLICY);
  assert.equal(burstTrialAtMs(quota), undefined);
});

Deno.test("readyAtMs() of a key without penalties is long past", () => {
  assert.deepEqual([readyAtMs(HEALTHY), readyAtMs(HEALTHY, "gpt-6")], [0, 0]);
});
