// Stories of outcomes: the verdicts that a key gets, and its state after each of them.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  healthAfter,
  healthAt,
  HEALTHY,
  isStable,
  type KeyHealth,
  withModelRefusal,
} from "../../src/auth/key_state.ts";
import type { Outcome } from "../../src/auth/outcome.ts";
import { readyAtMs, trialAtMs } from "../../src/auth/trials.ts";
import {
  aHealth,
  aVerdict,
  LIMITED,
  limitedUntil,
  OK,
  POLICY,
  REJECTED,
  SECOND,
  T0,
} from "../support/builders.ts";
import { fuzzRuns } from "../support/fuzz.ts";

/** `ok`, `ok*` (strikes stand), `cooldown 30` (seconds left), `blacklist 900`, `probation 1` (successes). */
function textOf(health: KeyHealth, nowMs: number): string {
  const { state } = healthAt(health, nowMs);
  switch (state.kind) {
    case "ok":
      return isStable(healthAt(health, nowMs)) ? "ok" : "ok*";
    case "probation":
      return `probation ${state.successes}`;
    default:
      return `${state.kind} ${(state.untilMs - nowMs) / SECOND}`;
  }
}

/** Plays `[second, outcome or undefined for just looking, state after it]` rows from a healthy key on. */
function story(
  rows: readonly (readonly [number, Outcome | undefined, string])[],
  start = HEALTHY,
): KeyHealth {
  let health = start;
  for (const [second, outcome, expected] of rows) {
    const nowMs = T0 + second * SECOND;
    if (outcome) health = healthAfter(health, aVerdict(outcome, nowMs), POLICY);
    assert.equal(textOf(health, nowMs), expected, `at ${second} s after ${outcome?.kind ?? "waiting"}`);
  }
  return health;
}

Deno.test("healthAfter() starts a cooldown on 429 and doubles it with each strike up to the maximum", () => {
  story([
    [0, LIMITED, "cooldown 30"],
    [30, undefined, "ok*"],
    [31, LIMITED, "cooldown 60"],
    [100, LIMITED, "cooldown 120"],
    [300, LIMITED, "cooldown 240"],
  ]);
  const shortMax = { ...POLICY, cooldownMaxMs: 45 * SECOND };
  const struckTwice = aHealth({ strikes: 1, lastStrikeMs: T0 });
  const health = healthAfter(struckTwice, aVerdict(LIMITED, T0 + SECOND), shortMax);
  assert.equal(textOf(health, T0 + SECOND), "cooldown 45");
});

Deno.test("healthAfter() ejects a key at the fifth strike in a row without a named time", () => {
  const health = story([
    [0, LIMITED, "cooldown 30"],
    [40, LIMITED, "cooldown 60"],
    [110, LIMITED, "cooldown 120"],
    [300, LIMITED, "cooldown 240"],
    [600, LIMITED, "blacklist 900"],
  ]);
  assert.deepEqual(health.state.kind === "blacklist" && health.state.cause, "rate_limited_persistent");
  assert.equal(health.strikes, 0, "they are paid for");
});

Deno.test("healthAfter() waits until the time that the upstream names, however many strikes", () => {
  const named = (second: number) => limitedUntil(T0 + (second + 7200) * SECOND);
  story([0, 8000, 16_000, 24_000, 32_000, 40_000].map((second) => [second, named(second), "cooldown 7200"]));
});

Deno.test("healthAfter() forgets strikes and cooldown at a success", () => {
  story([[0, LIMITED, "cooldown 30"], [5, OK, "ok"], [6, LIMITED, "cooldown 30"], [40, OK, "ok"]]);
});

Deno.test("healthAfter() ejects on 401, doubling per ejection until the key is restored", () => {
  story([
    [0, REJECTED, "blacklist 900"],
    [900, undefined, "probation 0"],
    [901, REJECTED, "blacklist 1800"],
    [2701, OK, "probation 1"],
    [2702, REJECTED, "blacklist 3600"],
    [6302, OK, "probation 1"],
    [6322, OK, "ok"],
    [6323, REJECTED, "blacklist 900"],
  ]);
});

Deno.test("healthAfter() never ejects for longer than the maximum", () => {
  const oftenEjected = aHealth({ hardFailures: 30 });
  const health = healthAfter(oftenEjected, aVerdict(REJECTED, T0), POLICY);
  assert.equal(textOf(health, T0), "blacklist 21600");
});

Deno.test("healthAfter() blames no key for what is not its fault", () => {
  const faultless: Outcome[] = [
    { kind: "origin_failed", code: "http_503" },
    { kind: "client_error", code: undefined },
    { kind: "client_gone" },
  ];
  const healths = [HEALTHY, healthAfter(HEALTHY, aVerdict(LIMITED, T0), POLICY)];
  for (const outcome of faultless) {
    for (const health of healths) {
      assert.equal(healthAfter(health, aVerdict(outcome, T0 + 1), POLICY), health, outcome.kind);
    }
  }
});

Deno.test("healthAfter() ignores a success that began before the strike", () => {
  const cooling = healthAfter(HEALTHY, aVerdict(LIMITED, T0), POLICY);
  const lateSuccess = aVerdict(OK, T0 + SECOND, { startedMs: T0 - SECOND });
  assert.equal(healthAfter(cooling, lateSuccess, POLICY), cooling);
});

Deno.test("healthAfter() takes an attempt that began at the moment of the strike for news", () => {
  const cooling = healthAfter(HEALTHY, aVerdict(LIMITED, T0), POLICY);
  const success = aVerdict(OK, T0 + SECOND, { startedMs: T0 });
  assert.equal(textOf(healthAfter(cooling, success, POLICY), T0 + SECOND), "ok");
});

Deno.test("healthAfter() ejects for no rejection that began before the strike, and none twice", () => {
  const cooling = healthAfter(HEALTHY, aVerdict(LIMITED, T0), POLICY);
  const late = aVerdict(REJECTED, T0 + SECOND, { startedMs: T0 - SECOND });
  assert.equal(healthAfter(cooling, late, POLICY), cooling);
  const ejected = healthAfter(HEALTHY, aVerdict(REJECTED, T0), POLICY);
  assert.equal(healthAfter(ejected, aVerdict(REJECTED, T0 + SECOND), POLICY), ejected);
});

Deno.test("healthAfter() keeps the strikes when a limit in a cooldown, or a late one, adds none", () => {
  const state = { kind: "cooldown", untilMs: T0 + 60 * SECOND, cause: "http_429" } as const;
  const cooling = aHealth({ state, strikes: 3, lastStrikeMs: T0 });
  assert.equal(healthAfter(cooling, aVerdict(LIMITED, T0 + SECOND), POLICY).strikes, 3);
  const late = aVerdict(LIMITED, T0 + SECOND, { startedMs: T0 - SECOND });
  assert.equal(healthAfter(cooling, late, POLICY).strikes, 3);
  assert.equal(healthAfter(aHealth({ lastStrikeMs: T0 }), late, POLICY).strikes, 1);
});

Deno.test("healthAfter() counts requests that saw the same failure as one strike", () => {
  for (const outcome of [LIMITED, REJECTED]) {
    const first = healthAfter(HEALTHY, aVerdict(outcome, T0), POLICY);
    const sameStorm = aVerdict(outcome, T0 + 50, { startedMs: T0 - 500 });
    const second = healthAfter(first, sameStorm, POLICY);
    assert.equal(second.strikes, first.strikes);
    assert.equal(second.hardFailures, first.hardFailures);
    assert.deepEqual(
      second.state,
      outcome === REJECTED ? first.state : { ...second.state, kind: "cooldown" },
    );
  }
});

Deno.test("healthAfter() lets a late report of the same limit extend a cooldown but not shorten it", () => {
  const first = healthAfter(HEALTHY, aVerdict(limitedUntil(T0 + 60 * SECOND), T0), POLICY);
  const late = (seconds: number) =>
    healthAfter(
      first,
      aVerdict(limitedUntil(T0 + seconds * SECOND), T0 + 10, { startedMs: T0 - 10 }),
      POLICY,
    );
  assert.equal(textOf(late(5), T0), "cooldown 60");
  assert.equal(late(60).state, first.state);
  assert.equal(textOf(late(90), T0), "cooldown 90");
});

const SPARK_LIMIT: Outcome = {
  kind: "rate_limited",
  code: "usage_limit_reached",
  untilMs: T0 + 600 * SECOND,
  scope: "model",
  isMoment: false,
};

Deno.test("healthAfter() limits a key for the one model that a limit is about", () => {
  const limited = healthAfter(HEALTHY, aVerdict(SPARK_LIMIT, T0, { model: "spark" }), POLICY);
  assert.ok(isStable(limited));
  assert.equal(readyAtMs(limited, "spark"), T0 + 600 * SECOND);
  assert.equal(readyAtMs(limited, "other"), 0);
  const otherSuccess = healthAfter(limited, aVerdict(OK, T0 + 1, { model: "other" }), POLICY);
  assert.equal(readyAtMs(otherSuccess, "spark"), T0 + 600 * SECOND);
  const ownSuccess = healthAfter(limited, aVerdict(OK, T0 + 1, { model: "spark" }), POLICY);
  assert.equal(readyAtMs(ownSuccess, "spark"), 0);
  assert.deepEqual(healthAt(limited, T0 + 600 * SECOND).modelLimits, []);
});

Deno.test("healthAfter() takes a model's limit that names no time for a short one", () => {
  const limit: Outcome = { ...SPARK_LIMIT, untilMs: undefined };
  const limited = healthAfter(HEALTHY, aVerdict(limit, T0, { model: "spark" }), POLICY);
  assert.equal(readyAtMs(limited, "spark"), T0 + 30 * SECOND);
});

Deno.test("a key may be tried from the end of its cooldown on, or from when it might have been before", () => {
  const cooling = (nextTrialMs: number) =>
    aHealth({ state: { kind: "cooldown", untilMs: T0, cause: "http_429" }, strikes: 1, nextTrialMs });
  assert.equal(trialAtMs(healthAt(cooling(T0 + 5 * SECOND), T0)), T0);
  assert.equal(trialAtMs(healthAt(cooling(T0 - 5 * SECOND), T0)), T0 - 5 * SECOND);
});

Deno.test("healthAfter() treats a model's limit as the key's when the request names no model", () => {
  const limited = healthAfter(HEALTHY, aVerdict(SPARK_LIMIT, T0), POLICY);
  assert.equal(limited.state.kind, "cooldown");
});

Deno.test("healthAfter() narrows a key's limit to its model when the key serves another", () => {
  const limit = limitedUntil(T0 + 600 * SECOND);
  const cooling = healthAfter(HEALTHY, aVerdict(limit, T0, { model: "spark" }), POLICY);
  const narrowed = healthAfter(cooling, aVerdict(OK, T0 + 2, { model: "other" }), POLICY);
  assert.ok(isStable(narrowed));
  assert.equal(readyAtMs(narrowed, "spark"), T0 + 600 * SECOND);
  const cleared = healthAfter(cooling, aVerdict(OK, T0 + 2, { model: "spark" }), POLICY);
  assert.equal(readyAtMs(cleared, "spark"), 0);
});

/** `[model that was limited, model that is served, models that are limited afterwards]` */
const NARROWED: [string | undefined, string | undefined, string[]][] = [
  ["spark", "other", ["spark"]],
  ["spark", "spark", []],
  ["spark", undefined, []],
  [undefined, "other", []],
  [undefined, undefined, []],
];

for (const [limited, served, expected] of NARROWED) {
  Deno.test(`a cooldown after a limit of ${limited ?? "no"} model, when ${served ?? "no"} model is served`, () => {
    const limit = aVerdict(limitedUntil(T0 + 600 * SECOND), T0, { model: limited });
    const cooling = healthAfter(HEALTHY, limit, POLICY);
    const after = healthAfter(cooling, aVerdict(OK, T0 + 2, { model: served }), POLICY);
    assert.deepEqual(after.modelLimits.map(({ model }) => model), expected);
  });
}

const anOutcome = fc.oneof(
  fc.constantFrom<Outcome>(OK, REJECTED, LIMITED, { kind: "client_gone" }),
  fc.integer({ min: 0, max: 100_000 }).map((second) => limitedUntil(T0 + second * SECOND)),
);
const aLife = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), anOutcome), { maxLength: 30 });

/** Plays a life of [seconds since the last outcome, outcome]; returns the health and the time at its end. */
function live(life: readonly (readonly [number, Outcome])[]): { health: KeyHealth; nowMs: number } {
  let nowMs = T0;
  let health = HEALTHY;
  for (const [seconds, outcome] of life) {
    nowMs += seconds * SECOND;
    health = healthAfter(health, aVerdict(outcome, nowMs), POLICY);
  }
  return { health, nowMs };
}

Deno.test("healthAt() never runs a state backwards, however often it is asked", () => {
  const rank = { blacklist: 0, cooldown: 0, probation: 1, ok: 1 };
  fc.assert(
    fc.property(aLife, fc.nat(1e7), fc.nat(1e7), (life, first, second) => {
      const { health, nowMs } = live(life);
      const once = healthAt(health, nowMs + first + second);
      const twice = healthAt(healthAt(health, nowMs + first), nowMs + first + second);
      assert.deepEqual(twice, once);
      assert.ok(rank[once.state.kind] >= rank[health.state.kind]);
    }),
    { numRuns: fuzzRuns(2_000) },
  );
});

Deno.test("healthAfter() gives every penalty an end, and every key a time to return", () => {
  fc.assert(
    fc.property(aLife, (life) => {
      const { health, nowMs } = live(life);
      const longest = Math.max(nowMs + POLICY.ejectionMaxMs, T0 + 100_000 * SECOND);
      assert.ok(readyAtMs(healthAt(health, nowMs)) <= longest);
      assert.ok(["ok", "probation"].includes(healthAt(health, longest + 1).state.kind));
    }),
    { numRuns: fuzzRuns(2_000) },
  );
});

Deno.test("healthAfter() counts no strike when a burst's key is tried before its cooldown ends", () => {
  const health = story([
    [0, LIMITED, "cooldown 30"],
    [6, LIMITED, "cooldown 24"],
    [12, LIMITED, "cooldown 18"],
    [18, LIMITED, "cooldown 12"],
    [24, LIMITED, "cooldown 6"],
    [31, LIMITED, "cooldown 60"],
  ]);
  assert.equal(health.strikes, 2);
});

Deno.test("healthAfter() follows a time that is named during a cooldown", () => {
  const named: Outcome = {
    kind: "rate_limited",
    code: "http_429",
    scope: "key",
    isMoment: false,
    untilMs: T0 + 90 * SECOND,
  };
  story([[0, LIMITED, "cooldown 30"], [6, named, "cooldown 84"]]);
});

Deno.test("healthAfter() marks no key for a refused model or another account's state", () => {
  for (const kind of ["model_refused", "other_account"] as const) {
    assert.equal(healthAfter(HEALTHY, aVerdict({ kind, code: "x" }, T0), POLICY), HEALTHY);
  }
});

Deno.test("withModelRefusal() keeps a key from one model for some hours", () => {
  const health = withModelRefusal(HEALTHY, { model: "gpt-6", cause: "model_not_supported" }, T0);
  assert.equal(readyAtMs(health, "gpt-6"), T0 + 4 * 3600 * SECOND);
  assert.equal(readyAtMs(health, "gpt-5"), 0);
  assert.equal(readyAtMs(healthAt(health, T0 + 4 * 3600 * SECOND), "gpt-6"), 0);
});
