import assert from "node:assert/strict";
import { UsageHistory } from "../../src/observability/usage/history.ts";
import { usagePage, usagePlace } from "../../src/runtime/usage_page.ts";
import { systemFiles } from "../../src/system/files.ts";
import { midnightMs } from "../../src/values/local_time.ts";
import { inFolder } from "../support/temp_folder.ts";
import { aBatch, anAttemptEntry } from "../support/usage.ts";

const NOW = new Date(2026, 10, 26, 12).getTime();

Deno.test("a report begins at a midnight, and its forecast looks back a week whatever the days are", () =>
  inFolder(async (folder) => {
    const place = usagePlace(systemFiles, folder);
    const empty = await usagePage(place, { days: 1, by: "key" }, NOW);
    assert.deepEqual([empty.is_recording, empty.rows, empty.forecast.keys], [false, [], []]);

    const beginMs = midnightMs(NOW, 0);
    const attempts = [beginMs - 1, beginMs, NOW].map((atMs) => anAttemptEntry({ atMs }));
    const window = {
      atMs: NOW - 3 * 86_400_000,
      key: "a",
      windowSeconds: 604_800,
      usedPercent: 3,
      resetAtMs: NOW + 1,
    };
    {
      using history = await UsageHistory.open(place, assert.fail);
      history.write(
        aBatch({ attempts, windows: [window, { ...window, key: "old", atMs: NOW - 8 * 86_400_000 }] }),
      );
    }
    const page = await usagePage(place, { days: 1, by: "key" }, NOW);
    assert.deepEqual([page.is_recording, page.total.requests, page.from], [
      true,
      2,
      new Date(beginMs).toISOString(),
    ]);
    assert.deepEqual(page.forecast.keys.map(({ key }) => key), ["a"]);
    assert.equal((await usagePage(place, { days: 2, by: "key" }, NOW)).total.requests, 3);
  }));
