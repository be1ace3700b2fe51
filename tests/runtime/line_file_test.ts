import assert from "node:assert/strict";
import fc from "fast-check";
import { type KeptLine, readLineFile, writeLineFile } from "../../src/runtime/line_file.ts";
import { T0 } from "../support/builders.ts";

const BY = { pid: 4711, startedAt: "2026-01-01T00:00:00.000Z" };
const FIGURES = { fiveHoursLeft: 60.5, weekLeft: null, usable: 4, keys: 7 };
const LINE: KeptLine = { by: BY, fromMs: T0, untilMs: T0 + 60_000, figures: FIGURES };

function readAt(nowMs: number, line: unknown = JSON.parse(writeLineFile(LINE)), by = BY) {
  return readLineFile(JSON.stringify(line), { by, nowMs });
}

Deno.test("readLineFile() gives what the process has written, from then on until it no longer holds", () => {
  const found = [-1, 0, 59_999, 60_000].map((ms) => readAt(T0 + ms));
  assert.deepEqual(found, [undefined, FIGURES, FIGURES, undefined]);
});

for (const by of [{ ...BY, pid: 4712 }, { ...BY, startedAt: "2026-01-01T00:00:01.000Z" }]) {
  Deno.test(`readLineFile() gives nothing to ${JSON.stringify(by)}, who has not written it`, () => {
    assert.equal(readAt(T0, undefined, by), undefined);
  });
}

const DAMAGE: readonly object[] = [
  { by: null },
  { by: {} },
  { from_ms: "0" },
  { until_ms: null },
  { figures: [] },
  { figures: { five_hours_left: 101, week_left: null, usable: 4, keys: 7 } },
  { figures: { five_hours_left: "\x1b[2J", week_left: null, usable: 4, keys: 7 } },
  { figures: { five_hours_left: 1, usable: 4, keys: 7 } },
  { figures: { five_hours_left: 1, week_left: null, usable: -1, keys: 7 } },
  { figures: { five_hours_left: 1, week_left: null, usable: 1, keys: "7\x1b[2J" } },
];

for (const damage of DAMAGE) {
  Deno.test(`readLineFile() gives nothing of ${JSON.stringify(damage)}`, () => {
    assert.equal(readAt(T0, { ...JSON.parse(writeLineFile(LINE)), ...damage }), undefined);
  });
}

Deno.test("readLineFile() gives nothing of a text that is cut off, and never throws", () => {
  const whole = writeLineFile(LINE).trim();
  for (let length = 0; length < whole.length; length++) {
    assert.equal(readLineFile(whole.slice(0, length), { by: BY, nowMs: T0 }), undefined);
  }
  fc.assert(fc.property(fc.json(), (text) => readLineFile(text, { by: BY, nowMs: T0 }) === undefined));
});
