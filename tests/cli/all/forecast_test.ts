import assert from "node:assert/strict";
import { forecastOf } from "../../../src/cli/all/forecast.ts";
import { T0 } from "../../support/builders.ts";
import { anAskedKey, noAnswer } from "../../support/asked_keys.ts";

const HOUR = 3_600_000;

function inHours(at: string | null | undefined): number | null {
  return at === null || at === undefined ? null : Math.round((Date.parse(at) - T0) / HOUR * 10) / 10;
}

Deno.test("without a history, the rate is the mean since the window began", () => {
  // Four of five hours have passed, with 20 % used in each.
  const { keys, pool_runs_out_at } = forecastOf(
    [anAskedKey("a", { used: [80, 10], resets: [2 * 3600, 90_000] })],
    [],
    T0,
  );
  const [five] = keys[0]!.windows;
  assert.equal(Math.round(five!.percent_per_hour), 27);
  assert.equal(inHours(five!.runs_out_at), 0.8);
  assert.ok(inHours(pool_runs_out_at)! >= 0.7 && inHours(pool_runs_out_at)! <= 0.9);
});

Deno.test("the history says how fast a window fills at present", () => {
  const reading = {
    atMs: T0 - 2 * HOUR,
    key: "a.json",
    windowSeconds: 18_000,
    usedPercent: 79,
    resetAtMs: undefined,
  };
  const { keys } = forecastOf(
    [anAskedKey("a", { used: [80, 10], resets: [2 * 3600, 90_000] })],
    [reading],
    T0,
  );
  assert.equal(keys[0]!.windows[0]!.percent_per_hour, 0.5);
  assert.equal(keys[0]!.windows[0]!.runs_out_at, null);
});

Deno.test("a key that could not be asked has no forecast, and an idle one takes the load over", () => {
  const busy = anAskedKey("a", { used: [80, 10], resets: [2 * 3600, 90_000] });
  const { keys, pool_runs_out_at } = forecastOf(
    [busy, anAskedKey("b"), noAnswer("c", "token rejected (401)")],
    [],
    T0,
  );
  assert.deepEqual(keys.map(({ key }) => key), ["a.json", "b.json"]);
  assert.equal(pool_runs_out_at, null);
});

Deno.test("a disabled key does not share the load", () => {
  const busy = anAskedKey("a", { used: [80, 10], resets: [2 * 3600, 90_000] });
  const idle = anAskedKey("b");
  const off = { ...idle, record: { ...idle.record, isDisabled: true } };
  assert.notEqual(forecastOf([busy, off], [], T0).pool_runs_out_at, null);
});
