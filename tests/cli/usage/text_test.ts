import assert from "node:assert/strict";
import type { Usage } from "../../../src/api/usage.ts";
import { paletteOf } from "../../../src/screen/palette.ts";
import { renderUsage } from "../../../src/cli/usage/text.ts";
import { cellsOf } from "../../../src/screen/cells.ts";
import { aUsage, aUsageRow } from "../../support/usage.ts";

const palette = paletteOf(false);
const NOW = Date.UTC(2026, 10, 26, 12);
const inHours = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString();

function textOf(usage: Partial<Usage>, columns = 200): string {
  return renderUsage(aUsage(usage), { columns, palette });
}

const TWO = [
  aUsageRow(),
  aUsageRow({
    name: "home.json",
    input_tokens: 4_000_000,
    output_tokens: 0,
    cache_rate: null,
    first_token_ms: null,
    series: [],
  }),
];

Deno.test("usage prints a row for each key and a total, with bars and trends", () => {
  const lines = textOf({ rows: TWO }).split("\n");
  assert.match(
    lines[2]!,
    /^KEY +TOKENS +CACHED +REQUESTS +OUTPUT +1ST TOKEN +FAILED +SWITCHES +ADDED +TREND$/,
  );
  assert.match(lines[3]!, /^work\.json +46\.2M +92% +1,204 +1\.2M +1\.1s +12 +4 +2ms +▂▃▅▆▇█ +█{12}$/);
  assert.match(lines[4]!, /^home\.json +4\.0M +- +1,204 +0 +- /);
  assert.match(lines[5]!, /^total +46\.2M/);
});

for (const columns of [40, 60, 80, 140]) {
  Deno.test(`usage fits into ${columns} columns and keeps name and tokens`, () => {
    const lines = textOf({ rows: TWO }, columns).split("\n").slice(2, 6);
    assert.ok(lines.every((line) => cellsOf(line) <= columns), lines.join("\n"));
    assert.match(lines[1]!, /^work\.json +46\.2M/);
  });
}

Deno.test("usage has names for what a request did not tell", () => {
  assert.match(textOf({ by: "model", rows: [aUsageRow({ name: "" })] }), /^\(not told\)/m);
  assert.match(textOf({ by: "session", rows: [aUsageRow({ name: "" })] }), /^\(none\)/m);
});

Deno.test("usage of nothing says so", () => {
  assert.match(textOf({ rows: [] }).split("\n")[0]!, /^Usage from 2026-11-20 to 2026-11-26: none$/);
});

const window = {
  window_seconds: 18_000,
  used_percent: 60,
  reset_at: inHours(4),
  percent_per_hour: 20,
  runs_out_at: null,
};
const FORECASTS: readonly (readonly [string, Partial<Usage["forecast"]>, readonly string[]])[] = [
  ["a pool that lasts", {}, ["the pool lasts for the next week", "work.json: 5h 40% left, lasts"]],
  ["a pool that runs out", {
    pool_runs_out_at: inHours(30),
    pool_back_at: inHours(33),
    keys: [{ key: "work.json", windows: [{ ...window, runs_out_at: inHours(2) }] }],
  }, [
    "the pool runs out in 1d 6h; the first key is back in 1d 9h",
    "work.json: 5h 40% left, runs out in 2h",
  ]],
  ["an empty pool", {
    pool_runs_out_at: inHours(0),
    keys: [{ key: "work.json", windows: [{ ...window, used_percent: 100, runs_out_at: inHours(0) }] }],
  }, ["the pool is used up", "work.json: 5h used up, back in 4h"]],
];
for (const [what, forecast, expected] of FORECASTS) {
  Deno.test(`usage forecasts ${what}`, () => {
    const keys = [{ key: "work.json", windows: [window] }];
    const text = textOf({
      forecast: { pool_runs_out_at: null, pool_back_at: null, rates: "history", keys, ...forecast },
    });
    const lines = text.trimEnd().split("\n");
    const at = lines.indexOf("At the present rate");
    assert.deepEqual(lines.slice(at + 1).map((line) => line.trim()), expected);
  });
}
