import assert from "node:assert/strict";
import { plotData } from "../../../src/cli/usage/plot_data.ts";
import { midnightMs } from "../../../src/values/local_time.ts";
import { aBatch, anAttemptEntry } from "../../support/usage.ts";

const NOW = new Date(2026, 10, 26, 15).getTime();
const HOUR = 3_600_000;

function plots(batch: Parameters<typeof aBatch>[0], days = 7) {
  return plotData(aBatch(batch), { fromMs: midnightMs(NOW, days - 1), nowMs: NOW, nameOf: (label) => label });
}

Deno.test("a week has a part for each day, a day for each hour", () => {
  assert.deepEqual([plots({}).parts.length, plots({}).is_daily], [7, true]);
  assert.deepEqual([plots({}, 1).parts.length, plots({}, 1).is_daily], [16, false]);
});

Deno.test("tokens are added up by part and key, the key with most of them first", () => {
  const { tokens, cache_rate, added_median } = plots({
    attempts: [
      anAttemptEntry({ atMs: midnightMs(NOW, 6) + 1, key: "a", input: 10, cached: 5, output: 1 }),
      anAttemptEntry({ atMs: NOW - HOUR, key: "b", input: 100, cached: 100, output: 0, waitedMs: 7 }),
      anAttemptEntry({ atMs: midnightMs(NOW, 7), key: "c" }),
    ],
  });
  assert.deepEqual(tokens, [{ key: "b", values: [0, 0, 0, 0, 0, 0, 100] }, {
    key: "a",
    values: [11, 0, 0, 0, 0, 0, 0],
  }]);
  assert.deepEqual([cache_rate[0], cache_rate[1], cache_rate[6], added_median[6]], [50, null, 100, 7]);
});

Deno.test("a window that was reset since its last reading ends empty, one that is not yet stays as it was read", () => {
  const reading = { atMs: NOW - 4 * HOUR, key: "a", windowSeconds: 18_000, usedPercent: 90 };
  const windowOf = (resetAtMs: number | undefined) =>
    plots({ windows: [{ ...reading, resetAtMs }] }).keys[0]!.windows[0]!;
  const at = (ms: number) => ms / 1000;
  assert.deepEqual(windowOf(NOW - HOUR), {
    name: "5h",
    points: [[at(reading.atMs), 90], [at(NOW - HOUR), 0]],
    resets: [at(NOW - HOUR)],
  });
  for (const resetAtMs of [NOW + HOUR, undefined]) {
    assert.deepEqual([windowOf(resetAtMs).points.length, windowOf(resetAtMs).resets], [1, []]);
  }
});

Deno.test("a window that became emptier was reset at the time that it had named, or when that was read", () => {
  const at = (hoursAgo: number, usedPercent: number, resetInHours: number | undefined) => ({
    atMs: NOW - hoursAgo * HOUR,
    key: "a",
    windowSeconds: 18_000,
    usedPercent,
    resetAtMs: resetInHours === undefined ? undefined : NOW - hoursAgo * HOUR + resetInHours * HOUR,
  });
  const [key] =
    plots({ windows: [at(9, 90, 2), at(4, 10, undefined), at(3, 20, undefined), at(1, 5, undefined)] }).keys;
  const hours = (seconds: number) => (NOW / 1000 - seconds) / 3600;
  assert.deepEqual(key!.windows[0]!.resets.map(hours), [7, 1]);
  assert.deepEqual(key!.windows[0]!.points.map(([seconds, used]) => [hours(seconds), used]), [
    [9, 90],
    [7, 0],
    [4, 10],
    [3, 20],
    [1, 5],
  ]);
});

Deno.test("windows are called as everywhere, the shortest first", () => {
  const entry = { atMs: NOW - 1, key: "a", usedPercent: 1, resetAtMs: undefined };
  const windows = [30 * 86_400, 604_800, 18_000].map((windowSeconds) => ({ ...entry, windowSeconds }));
  assert.deepEqual(plots({ windows }).keys[0]!.windows.map(({ name }) => name), ["5h", "week", "30d"]);
});

Deno.test("a switch is marked on the key that a session moved to, a change on its own", () => {
  const window = { atMs: NOW - 1, windowSeconds: 18_000, usedPercent: 1, resetAtMs: undefined };
  const { keys } = plots({
    attempts: [
      anAttemptEntry({ atMs: NOW - 20_000, key: "a" }),
      anAttemptEntry({ atMs: NOW - 10_000, key: "b" }),
    ],
    windows: [{ ...window, key: "a" }, { ...window, key: "b" }],
    changes: [{ atMs: NOW - 15_000, key: "a", state: "cooldown", cause: "usage_limit_reached" }],
  });
  const now = NOW / 1000;
  assert.deepEqual(keys.map(({ key, switches, changes }) => [key, switches, changes]), [
    ["a", [], [[now - 15, "cooldown"]]],
    ["b", [now - 10], []],
  ]);
});

Deno.test("of very many keys only those with most use have a plot of their windows", () => {
  const entries = Array.from({ length: 30 }, (_, at) => ({
    atMs: NOW - 1,
    key: `k${at}`,
    windowSeconds: 18_000,
    usedPercent: 1,
    resetAtMs: undefined,
  }));
  const { keys, more_keys } = plots({ windows: entries });
  assert.deepEqual([keys.length, more_keys], [24, 6]);
});
