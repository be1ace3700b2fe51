import assert from "node:assert/strict";
import { forecastView, keyUses } from "../../../src/observability/usage/window_forecast.ts";

const NOW = Date.UTC(2026, 10, 26, 12);
const HOUR = 3_600_000;

function reading(hoursAgo: number, usedPercent: number, key = "a", windowSeconds = 18_000, resetInHours = 3) {
  return {
    atMs: NOW - hoursAgo * HOUR,
    key,
    windowSeconds,
    usedPercent,
    resetAtMs: NOW + resetInHours * HOUR,
  };
}

Deno.test("a key's windows are those last read, the shortest first", () => {
  const [key] = keyUses([reading(2, 10), reading(1, 30, "a", 604_800), reading(1, 40), reading(0, 60)], NOW);
  assert.deepEqual(key!.windows.map(({ windowSeconds, usedPercent }) => [windowSeconds, usedPercent]), [
    [18_000, 60],
    [604_800, 30],
  ]);
  assert.equal(key!.windows[0]!.percentPerHour, 20);
});

Deno.test("a window that was to be reset meanwhile is empty and not used", () => {
  const [key] = keyUses([reading(4, 90, "a", 18_000, -1)], NOW);
  assert.deepEqual(key!.windows, [{
    windowSeconds: 18_000,
    usedPercent: 0,
    resetAtMs: undefined,
    percentPerHour: 0,
  }]);
});

Deno.test("the forecast names moments, and looks for the pool only at the keys that are used", () => {
  const keys = keyUses([reading(2, 20), reading(0, 60), reading(0, 0, "off")], NOW);
  const inHours = (at: string | null) => at === null ? null : (Date.parse(at) - NOW) / HOUR;
  const all = forecastView(keys, NOW);
  assert.deepEqual(all.keys.map(({ windows: [first] }) => inHours(first!.runs_out_at)), [2, null]);
  assert.equal(all.pool_runs_out_at, null, "the other key takes over");
  assert.equal(inHours(forecastView(keys, NOW, { isUsed: (key) => key !== "off" }).pool_runs_out_at), 2);
});
