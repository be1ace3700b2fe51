import assert from "node:assert/strict";
import { askedRows, fromNewest } from "../../../src/cli/trace/history.ts";
import { aTraceRow } from "../../support/pages.ts";

/** `m` is a request to a model, `o` another one. */
function kept(rows: string, limit: number, showsAll = false): string {
  const all = [...rows].map((kind, id) => aTraceRow({ id, route: kind === "m" ? "request" : "other" }));
  return fromNewest(all, { limit, showsAll }).map(({ route }) => route === "request" ? "m" : "o").join("");
}

const HISTORIES: readonly [rows: string, limit: number, showsAll: boolean, expected: string][] = [
  ["momomo", 2, false, "momo"],
  ["momomo", 9, false, "momomo"],
  ["oooo", 2, false, "oooo"],
  ["oommoo", 1, false, "moo"],
  ["momomo", 2, true, "mo"],
  ["", 2, false, ""],
];

for (const [rows, limit, showsAll, expected] of HISTORIES) {
  Deno.test(`fromNewest() keeps ${expected || "nothing"} of ${rows || "nothing"}, at most ${limit}`, () => {
    assert.equal(kept(rows, limit, showsAll), expected);
  });
}

Deno.test("askedRows() asks for more when some are not shown", () => {
  assert.deepEqual([askedRows({ limit: 5, showsAll: true }), askedRows({ limit: 5, showsAll: false })], [
    5,
    2000,
  ]);
});
