import assert from "node:assert/strict";
import fc from "fast-check";
import {
  poolForecast,
  rateOf,
  runsOutAtMs,
  type WindowUse,
} from "../../../src/observability/usage/forecast.ts";

const NOW = Date.UTC(2026, 10, 26, 12);
const HOUR = 3_600_000;
const FIVE_HOURS = 18_000;
const WEEK = 604_800;

function aWindow(over: Partial<WindowUse> = {}): WindowUse {
  return {
    windowSeconds: FIVE_HOURS,
    usedPercent: 50,
    resetAtMs: NOW + 3 * HOUR,
    percentPerHour: 0,
    ...over,
  };
}

/** Readings as `[hours ago, percent used]`. */
function readings(...list: readonly (readonly [number, number])[]) {
  return list.map(([hours, usedPercent]) => ({ atMs: NOW - hours * HOUR, usedPercent }));
}

const RATES: readonly (readonly [string, Partial<WindowUse>, ReturnType<typeof readings>, number])[] = [
  ["without readings, the mean since it began", {}, [], 25],
  ["just begun, nothing", { usedPercent: 1, resetAtMs: NOW + 4.99 * HOUR }, [], 0],
  ["without a reset time and readings, nothing", { resetAtMs: undefined }, [], 0],
  ["over the last hour, not before", {}, readings([1.9, 0], [1, 40], [0.5, 45], [0, 50]), 10],
  ["of a single old reading", { usedPercent: 50 }, readings([0.5, 40]), 20],
  ["when it is not used any more", {}, readings([1.5, 50], [1.2, 50]), 0],
  ["only since the reset", { usedPercent: 5 }, readings([0.9, 95], [0.5, 0], [0.1, 5]), 10],
  ["a reading of this minute says too little", {}, readings([0.01, 49]), 25],
  [
    "a week looks back a day and a half",
    {
      windowSeconds: WEEK,
      resetAtMs: NOW + 48 * HOUR,
    },
    readings([40, 10], [10, 30]),
    1,
  ],
];

for (const [what, over, list, expected] of RATES) {
  Deno.test(`the rate of a window: ${what}`, () => {
    assert.equal(Math.round(rateOf(aWindow(over), list, NOW) * 100) / 100, expected);
  });
}

const ENDS: readonly (readonly [string, Partial<WindowUse>, number | undefined])[] = [
  ["runs out before its reset", { percentPerHour: 25 }, 2],
  ["lasts until its reset", { percentPerHour: 10 }, undefined],
  ["is not used", {}, undefined],
  ["has run out", { usedPercent: 100 }, 0],
  ["has been reset since it was read", { usedPercent: 100, resetAtMs: NOW - 1 }, undefined],
  ["has no known reset", { resetAtMs: undefined, percentPerHour: 5 }, 10],
];

for (const [what, over, hours] of ENDS) {
  Deno.test(`a window that ${what}`, () => {
    assert.equal(runsOutAtMs(aWindow(over), NOW), hours === undefined ? undefined : NOW + hours * HOUR);
  });
}

function poolHours(...keys: readonly (readonly WindowUse[])[]) {
  const { runsOutAtMs, backAtMs } = poolForecast(keys, NOW);
  const hours = (atMs: number | undefined) =>
    atMs === undefined ? undefined : Math.round((atMs - NOW) / HOUR);
  return [hours(runsOutAtMs), hours(backAtMs)];
}

const far = NOW + 90 * HOUR;
const POOLS: readonly (readonly [string, readonly (readonly WindowUse[])[], readonly unknown[]])[] = [
  ["without keys does not run out", [], [undefined, undefined]],
  ["of idle keys does not run out", [[aWindow()], [aWindow()]], [undefined, undefined]],
  ["of one key ends with it", [[aWindow({ percentPerHour: 25 })]], [2, 3]],
  ["shares the load: two keys last twice as long", [
    [aWindow({ windowSeconds: WEEK, resetAtMs: far, percentPerHour: 5 })],
    [aWindow({ windowSeconds: WEEK, resetAtMs: far })],
  ], [20, 90]],
  ["ends with the weekly windows although the others reset", [
    [aWindow({ percentPerHour: 5 }), aWindow({ windowSeconds: WEEK, resetAtMs: far, percentPerHour: 1 })],
  ], [50, 90]],
  ["goes on with a key that comes back in time", [
    [aWindow({ usedPercent: 100, resetAtMs: NOW + HOUR })],
    [aWindow({ percentPerHour: 20, resetAtMs: NOW + 2 * HOUR })],
  ], [undefined, undefined]],
  ["goes on with a window that was reset before and begins again with its use", [
    [aWindow({ percentPerHour: 30, usedPercent: 0, resetAtMs: NOW + 5 * HOUR })],
    [aWindow({ usedPercent: 0, resetAtMs: undefined })],
  ], [undefined, undefined]],
  ["ends with a full window that begins again at an unknown time", [
    [aWindow({ percentPerHour: 10, resetAtMs: undefined })],
  ], [5, undefined]],
  ["is empty now", [[aWindow({ usedPercent: 100 })]], [0, 3]],
];

for (const [what, keys, expected] of POOLS) {
  Deno.test(`a pool ${what}`, () => assert.deepEqual(poolHours(...keys), expected));
}

const anyWindow = fc.record({
  windowSeconds: fc.constantFrom(FIVE_HOURS, WEEK),
  usedPercent: fc.integer({ min: 0, max: 100 }),
  resetAtMs: fc.option(fc.integer({ min: NOW - HOUR, max: NOW + 100 * HOUR }), { nil: undefined }),
  percentPerHour: fc.double({ min: 0, max: 200, noNaN: true }),
});

Deno.test("a forecast never lies in the past, and nothing is back before it ran out", () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyWindow, { minLength: 1, maxLength: 2 }), { maxLength: 4 }), (keys) => {
      const { runsOutAtMs: endMs, backAtMs } = poolForecast(keys, NOW);
      assert.ok(endMs === undefined || endMs >= NOW);
      assert.ok(backAtMs === undefined || endMs !== undefined && backAtMs > endMs);
    }),
    { numRuns: 60 },
  );
});
