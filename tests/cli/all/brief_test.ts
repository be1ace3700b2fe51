import assert from "node:assert/strict";
import { renderBrief } from "../../../src/cli/all/brief.ts";
import { paletteOf } from "../../../src/screen/palette.ts";
import { type AskedKey, dashboardView } from "../../../src/cli/all/dashboard.ts";
import { cellsOf } from "../../../src/screen/cells.ts";
import { anAskedKey, noAnswer, withRenewal } from "../../support/asked_keys.ts";
import { T0 } from "../../support/builders.ts";

const WORK = anAskedKey("work", { used: [40, 10], resets: [600, 90_000], usage: { planType: "pro" } });
const HOME = anAskedKey("home", { used: [100, 10], resets: [7500, 90_000], usage: { allowed: false } });
const LENT = { ...anAskedKey("lent", { used: [50, 50] }), isBorrowed: true };
const DAY = 86_400_000;
const OLD = noAnswer("old", "its token has expired: log in again");
const KEYS: readonly AskedKey[] = [
  WORK,
  { ...LENT, record: { ...LENT.record, expiresAtMs: T0 + 200_000_000 } },
  withRenewal(anAskedKey("mine", { used: [60, 60] }), T0 + 9 * DAY),
  withRenewal({ ...anAskedKey("codex", { used: [65, 60] }), isBorrowed: true }, T0 + 9 * DAY, {
    by: "codex",
  }),
  withRenewal(anAskedKey("dead", { used: [69, 60] }), T0 + DAY / 4, {
    by: undefined,
    warning: "refused",
    fix: "cdx2 auth login --replace dead",
  }),
  HOME,
  { ...OLD, record: { ...OLD.record, expiresAtMs: T0 - 1 } },
];

function drawn(columns: number, only: "both" | "5h" | "weekly" = "both"): string {
  const view = dashboardView(KEYS, { thresholds: { warn_at: 70, cooldown_at: 90, only }, nowMs: T0 });
  return renderBrief(view, { columns, palette: paletteOf(false) });
}

Deno.test("renderBrief() has a line for each key, with all that fits", () => {
  assert.equal(
    drawn(80),
    `\
Global left: 47%
     KEY          5H   RESET WEEK   RESET PLAN  TOKEN     NOTE
⭐🟢 work.json   60%     10m  90%   1d 1h pro   -
  🟢 lent.json   50%      1h  50%      1h -     token 2d  borrowed
  🟢 mine.json   40%      1h  40%      1h -     9d cdx2
  🟢 codex.json  35%      1h  40%      1h -     9d Codex
  🟢 dead.json   31%      1h  40%      1h -     ends 6h   cdx2 auth login --rep…
  🔴 home.json    0%   2h 5m  90%   1d 1h -     -
  ⚪ old.json      ?       -    ?       - -     -         expired, its token ha…
`,
  );
});

Deno.test("renderBrief() leaves the least important columns out on a narrow terminal", () => {
  assert.equal(
    drawn(40).split("\n")[2],
    "⭐🟢 work.json  60%     10m  90%   1d 1h",
  );
  assert.equal(drawn(18).split("\n")[2], "⭐🟢 work      60%");
});

Deno.test("renderBrief() shows only the windows that are asked for", () => {
  assert.match(drawn(80, "5h"), /KEY +5H +RESET PLAN/);
  assert.match(drawn(80, "weekly"), /KEY +WEEK +RESET PLAN/);
});

for (const columns of [1, 20, 40, 60, 80, 140, Infinity]) {
  Deno.test(`renderBrief() stays within ${columns} cells`, () => {
    for (const line of drawn(columns).split("\n").slice(1)) assert.ok(cellsOf(line) <= columns, line);
  });
}
