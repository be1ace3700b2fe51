import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import { HEALTHY } from "../../src/auth/key_state.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { UNUSED_KEY } from "../../src/auth/shared_key.ts";
import { healthAfterRestart, healthLater, sharedLater } from "../../src/auth/wall_time.ts";
import {
  aHealth,
  aReading,
  aRecord,
  aVerdict,
  OK,
  POLICY,
  REJECTED,
  SECOND,
  T0,
} from "../support/builders.ts";

const HOUR = 3600 * SECOND;

function limit(untilMs: number | undefined, isMoment: boolean): Outcome {
  return { kind: "rate_limited", code: "usage_limit_reached", scope: "key", untilMs, isMoment };
}

/** A pool with a wall clock that can be set. */
function aClockedPool() {
  const clock = { wallAheadMs: 0 };
  const pool = new KeyPool(POLICY, () => {}, clock);
  const set = (byMs: number) => {
    clock.wallAheadMs += byMs;
    pool.wall.move(byMs);
  };
  return { pool, set };
}

/** A pool of one key that has just got this verdict, and what is left of its penalty, in seconds. */
function aPool(outcome: Outcome, { aheadMs = 0 } = {}) {
  const { pool, set } = aClockedPool();
  pool.merge([aRecord("a")], T0);
  set(aheadMs);
  pool.apply({ record: aRecord("a"), startedMs: T0 }, aVerdict(outcome, T0));
  const untilOf = (reports: ReturnType<KeyPool["describe"]>) => {
    const { state } = reports[0]!.health;
    return "untilMs" in state ? (state.untilMs - T0) / SECOND : 0;
  };
  return { pool, set, ours: () => untilOf(pool.describe(T0)), onWall: () => untilOf(pool.wall.describe(T0)) };
}

const PENALTIES:
  readonly (readonly [what: string, outcome: Outcome, leftS: number, movesWithWall: boolean])[] = [
    ["a cooldown of our own", limit(undefined, false), 30, false],
    ["a duration that the upstream named", limit(T0 + 3 * SECOND, false), 3, false],
    ["an ejection", REJECTED, 900, false],
    ["a moment that the upstream named", limit(T0 + 4 * HOUR, true), 4 * 3600, true],
  ];

for (const [what, outcome, leftS, movesWithWall] of PENALTIES) {
  for (const [way, setMs] of [["back", -HOUR], ["ahead", HOUR]] as const) {
    Deno.test(`a clock set ${way} by an hour ${movesWithWall ? "moves" : "leaves"} ${what}`, () => {
      const { set, ours, onWall } = aPool(outcome);
      assert.equal(ours(), leftS);
      set(setMs);
      assert.equal(ours(), movesWithWall ? leftS - setMs / SECOND : leftS);
      // What people read has to be right by the clock that they see.
      assert.equal(onWall(), movesWithWall ? leftS : leftS + setMs / SECOND);
      set(-setMs);
      assert.equal(ours(), leftS);
    });
  }
}

Deno.test("a moment that is named after the clock was set is read by the clock as it is then", () => {
  const wallMs = T0 - HOUR;
  const { ours, onWall } = aPool(limit(wallMs + 60 * SECOND, true), { aheadMs: -HOUR });
  assert.equal(ours(), 60);
  assert.equal(onWall(), 60 - 3600);
});

Deno.test("a clock set moves the named moment of a key whose file is gone for a while", () => {
  const { pool, set, ours } = aPool(limit(T0 + 4 * HOUR, true));
  pool.merge([], T0);
  set(HOUR);
  pool.merge([aRecord("a")], T0);
  assert.equal(ours(), 3 * 3600);
});

Deno.test("a token expires by the wall clock, also when that is set", () => {
  const expiresAtMs = T0 + HOUR;
  const { pool, set } = aClockedPool();
  pool.merge([aRecord("a", { expiresAtMs })], T0);
  const standings = (nowMs: number) => pool.describe(nowMs).map(({ standing }) => standing);
  set(HOUR);
  assert.deepEqual(standings(T0), ["expired"]);
  // Read again by the clock as it is then, and with a new key.
  pool.merge([aRecord("a", { expiresAtMs }), aRecord("b", { expiresAtMs })], T0);
  assert.deepEqual(standings(T0), ["expired", "expired"]);
  set(-2 * HOUR);
  assert.deepEqual(standings(T0 + HOUR), ["ok", "ok"]);
  assert.deepEqual(standings(T0 + 2 * HOUR), ["expired", "expired"]);
  assert.deepEqual(pool.wall.describe(T0).map(({ record }) => record.expiresAtMs), [
    expiresAtMs,
    expiresAtMs,
  ]);
});

Deno.test("a moment that a cooldown of our own has replaced moves no more", () => {
  const { pool, set, ours } = aPool(limit(T0 + 40 * SECOND, true));
  const lease = { record: aRecord("a"), startedMs: T0 + SECOND };
  pool.apply(lease, aVerdict(OK, T0 + SECOND));
  pool.apply({ ...lease, startedMs: T0 + 2 * SECOND }, aVerdict(limit(undefined, false), T0 + 2 * SECOND));
  set(-HOUR);
  assert.equal(ours(), 32);
});

Deno.test("healthLater() moves every time there is, and none that stands for never", () => {
  const untilMs = T0 + SECOND;
  const health = aHealth({
    state: { kind: "cooldown", untilMs, cause: "http_429" },
    lastStrikeMs: T0,
    modelLimits: [{ model: "m", untilMs, cause: "c" }],
    evidence: { status: 429, code: "http_429", requestId: "r", atMs: T0, model: undefined },
  });
  const later = healthLater(health, HOUR);
  assert.deepEqual(later.state, { kind: "cooldown", untilMs: untilMs + HOUR, cause: "http_429" });
  assert.equal(later.lastStrikeMs, T0 + HOUR);
  assert.equal(later.nextTrialMs, 0);
  assert.equal(later.modelLimits[0]?.untilMs, untilMs + HOUR);
  assert.equal(later.evidence?.atMs, T0 + HOUR);
  assert.deepEqual(healthLater(later, -HOUR), health);
});

Deno.test("healthLater() finds nothing to move in the health of a new key", () => {
  assert.deepEqual(healthLater(HEALTHY, HOUR), HEALTHY);
});

Deno.test("usage windows are shown by the wall clock, and those that are read by it are kept by ours", () => {
  const { pool, set } = aClockedPool();
  pool.merge([aRecord("a")], T0);
  set(HOUR);
  const named = aReading({ atMs: T0 + HOUR, resetAtMs: T0 + 3 * HOUR });
  const unnamed = aReading({ windowSeconds: 604_800, atMs: T0 + HOUR });
  pool.noteWindows(aRecord("a"), [named, unnamed]);
  const ours = () => pool.describe(T0)[0]!.windows.map(({ atMs, resetAtMs }) => [atMs, resetAtMs]);
  assert.deepEqual(ours(), [[T0, T0 + 2 * HOUR], [T0, undefined]]);
  assert.deepEqual(pool.wall.describe(T0)[0]!.windows, [named, unnamed]);
  // A moment stays where it is on the wall; when it was read is our own time.
  set(-2 * HOUR);
  assert.deepEqual(ours(), [[T0, T0 + 4 * HOUR], [T0, undefined]]);
  assert.equal(pool.describe(T0)[0]!.record.expiresAtMs, undefined, "a token without an end");
  assert.equal(new KeyPool(POLICY, () => {}).wall.aheadMs, 0);
});

Deno.test("sharedLater() moves what machines share of a key, and leaves alone what never was", () => {
  const before = aHealth({ lastStrikeMs: T0 - SECOND, strikes: 1 });
  const key = {
    health: HEALTHY,
    windows: [aReading({ resetAtMs: T0 + HOUR })],
    lastSuccessMs: T0,
    refusal: { status: 403, code: "http_403", atMs: T0 - SECOND, before, isExcused: false },
    firstTry: { by: "run", untilMs: T0 + SECOND },
  };
  const later = sharedLater(key, HOUR);
  assert.equal(later.health, HEALTHY, "the very object");
  assert.deepEqual(later.windows, [aReading({ atMs: T0 + HOUR, resetAtMs: T0 + 2 * HOUR })]);
  assert.equal(later.lastSuccessMs, T0 + HOUR);
  assert.equal(later.refusal?.atMs, T0 - SECOND + HOUR);
  assert.equal(later.refusal?.before.lastStrikeMs, T0 - SECOND + HOUR);
  assert.equal(later.firstTry?.untilMs, T0 + SECOND + HOUR);
  assert.deepEqual(sharedLater(later, -HOUR), key);
  assert.equal(sharedLater(key, 0), key);
  const struck = { ...UNUSED_KEY, health: before };
  assert.equal(sharedLater(struck, HOUR).health.lastStrikeMs, T0 - SECOND + HOUR);
  assert.deepEqual(sharedLater(UNUSED_KEY, HOUR), UNUSED_KEY);
});

Deno.test("healthAfterRestart() leaves a penalty its rest when the clock was set back meanwhile", () => {
  const saved = aHealth({
    state: { kind: "cooldown", untilMs: T0 + 3 * SECOND, cause: "http_429" },
    lastStrikeMs: T0,
  });
  assert.equal(healthAfterRestart(saved, T0 + SECOND), saved);
  const { state } = healthAfterRestart(saved, T0 - HOUR);
  assert.equal("untilMs" in state && state.untilMs, T0 - HOUR + 3 * SECOND);
});
