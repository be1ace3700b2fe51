import assert from "node:assert/strict";
import { newestReadings, tightestWindow, usageReadings, usageResetMs } from "../../src/auth/limits.ts";
import type { UsageWindow } from "../../src/auth/usage.ts";
import { aReading, aUsage, T0 } from "../support/builders.ts";

Deno.test("newestReadings() keeps the newest reading of each window", () => {
  const weekly = aReading({ windowSeconds: 604_800 });
  const fresh = aReading({ usedPercent: 60, atMs: T0 + 1 });
  assert.deepEqual(newestReadings([aReading({}), weekly], [fresh]), [weekly, fresh]);
});

Deno.test("tightestWindow() considers only the account's windows, and only current readings", () => {
  const readings = [
    aReading({ usedPercent: 100, resetAtMs: T0 + 1000 }),
    aReading({ windowSeconds: 604_800, usedPercent: 70 }),
    aReading({ limit: "codex_bengalfox", usedPercent: 100 }),
  ];
  assert.equal(tightestWindow(readings, T0)?.usedPercent, 100);
  assert.equal(tightestWindow(readings, T0 + 1000)?.usedPercent, 70);
  assert.equal(tightestWindow(readings, T0 + 600_000), undefined);
});

Deno.test("usageResetMs() is when the last full window ends", () => {
  const window = (usedPercent: number, seconds: number) => ({
    windowSeconds: seconds,
    usedPercent,
    resetAtMs: T0 + seconds * 1000,
  });
  const usage = (...windows: UsageWindow[]) => aUsage({ allowed: false, windows });
  assert.equal(usageResetMs(usage(window(100, 600), window(100, 900), window(12, 1200))), T0 + 900_000);
  assert.equal(usageResetMs(usage(window(99, 600))), undefined);
});

Deno.test("usageReadings() are those of the account and of its model families", () => {
  const windows = [{ windowSeconds: 18_000, usedPercent: 5, resetAtMs: undefined }];
  const additional = [{ name: "GPT-Spark", feature: "codex_bengalfox", allowed: true, windows }];
  assert.deepEqual(
    usageReadings(aUsage({ windows, additional }), T0).map(({ limit, source }) => [limit, source]),
    [["codex", "usage"], ["codex_bengalfox", "usage"]],
  );
});
