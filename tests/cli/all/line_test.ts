import assert from "node:assert/strict";
import { poolFigures } from "../../../src/api/pool_figures.ts";
import { poolLine } from "../../../src/cli/all/line.ts";
import { T0 } from "../../support/builders.ts";
import { anAccountOf } from "../../support/pages.ts";

function anAccount(used: readonly [number, number], over: object = {}) {
  const windows = used.map((used_percent, index) => ({
    limit: "codex",
    limit_window_seconds: [18_000, 604_800][index],
    used_percent,
    reset_at: new Date(T0 + 60_000).toISOString(),
  }));
  return anAccountOf({ file: "a.json", status: "OK", usage: { windows }, ...over });
}

const LINES: readonly [what: string, accounts: ReturnType<typeof anAccount>[], line: string][] = [
  ["no keys", [], "5h ? · week ? · 0/0 keys"],
  ["a key", [anAccount([40, 10])], "5h 60% · week 90% · 1/1 key"],
  ["the mean of several", [anAccount([40, 10]), anAccount([100, 30])], "5h 30% · week 80% · 1/2 keys"],
  [
    "ejected ones",
    [anAccount([0, 0], { status: "BLACKLIST" }), anAccount([0, 0])],
    "5h 100% · week 100% · 1/2 keys",
  ],
  [
    "disabled ones",
    [anAccount([90, 90], { disabled: true }), anAccount([0, 50])],
    "5h 100% · week 50% · 1/2 keys",
  ],
  ["windows of which most are not known", [
    anAccount([40, 10]),
    ...["b", "c"].map((name) => anAccountOf({ file: name, status: "OK" })),
  ], "5h ? · week ? · 3/3 keys"],
  ["windows nobody has read", [anAccountOf({ file: "a.json", status: "OK" })], "5h ? · week ? · 1/1 key"],
  ["credits", [
    anAccount([100, 0], {
      usage: {
        windows: [{ limit: "codex", limit_window_seconds: 18_000, used_percent: 100, reset_at: null }],
        credits: { has_credits: true },
      },
    }),
  ], "5h 0% · week ? · 1/1 key"],
];

for (const [what, accounts, line] of LINES) {
  Deno.test(`poolLine() of ${what} is "${line}"`, () =>
    assert.equal(poolLine(poolFigures(accounts, T0)), line));
}

Deno.test("poolLine() counts a window as full again once it has been reset", () => {
  assert.equal(poolLine(poolFigures([anAccount([100, 100])], T0 + 60_000)), "5h 100% · week 100% · 1/1 key");
});
