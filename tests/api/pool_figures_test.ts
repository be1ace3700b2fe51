// What `all --line` says is tested with its line, in tests/cli/all/line_test.ts.

import assert from "node:assert/strict";
import { nextChangeMs } from "../../src/api/pool_figures.ts";
import { T0 } from "../support/builders.ts";
import { anAccountOf } from "../support/pages.ts";

const after = (ms: number) => new Date(T0 + ms).toISOString();

const CHANGES: readonly [what: string, fields: object, afterMs: number][] = [
  ["a key without times", {}, Infinity],
  ["the end of a penalty", { until: after(3000) }, 3000],
  ["a trial", { until: after(9000), next_trial_at: after(5000) }, 5000],
  ["the end of a token", { token_expires_at: after(60_000) }, 60_000],
  ["times that have passed", { until: after(0), token_expires_at: after(-1) }, Infinity],
  ["a window that is reset", {
    usage: { windows: [{ used_percent: 1, reset_at: null }, { used_percent: 1, reset_at: after(7000) }] },
  }, 7000],
];

for (const [what, fields, afterMs] of CHANGES) {
  Deno.test(`nextChangeMs() of ${what} is in ${afterMs} ms`, () => {
    const account = anAccountOf({ file: "a.json", status: "OK", ...fields });
    assert.equal(nextChangeMs([account], T0), T0 + afterMs);
  });
}

Deno.test("nextChangeMs() is the earliest of all keys, and never for no keys", () => {
  const keys = [4000, 2000, 8000].map((ms) =>
    anAccountOf({ file: `${ms}.json`, status: "OK", until: after(ms) })
  );
  assert.equal(nextChangeMs(keys, T0), T0 + 2000);
  assert.equal(nextChangeMs([], T0), Infinity);
});
