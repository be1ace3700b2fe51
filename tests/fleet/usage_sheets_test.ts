import assert from "node:assert/strict";
import fc from "fast-check";
import {
  addUse,
  MAX_ROWS,
  MAX_SHEETS,
  type OpenSheet,
  readSheet,
  sheetText,
  UsageSheets,
} from "../../src/fleet/usage_sheets.ts";
import { anAttemptEntry } from "../support/usage.ts";

const NONE = { requests: 0, input: 0, cached: 0, output: 0 };

/** What a store of sheets, in which the last of a number counts, adds up to. */
function sumOf(stored: ReadonlyMap<number, OpenSheet>) {
  return [...stored.values()].flatMap(({ rows }) => rows).map(({ owner: _, label: __, ...use }) => use)
    .reduce(
      addUse,
      NONE,
    );
}

Deno.test("whatever is lost or told twice on the way, in the end each attempt is counted once", () => {
  const story = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant("attempt" as const),
        day: fc.constantFrom("d1", "d2", "d3"),
        owner: fc.constantFrom("a", "b", "c"),
        input: fc.nat(1000),
      }),
      fc.record({ kind: fc.constant("tell" as const), fate: fc.constantFrom("stored", "lost", "unknown") }),
    ),
    { maxLength: 60 },
  );
  fc.assert(fc.property(story, (events) => {
    const sheets = new UsageSheets();
    const stored = new Map<number, OpenSheet>();
    let expected = NONE;
    const tell = (fate: string) => {
      const told = sheets.takeUntold();
      if (fate !== "lost") { for (const sheet of told) stored.set(sheet.number, sheet); }
      sheets.settle(told, fate === "stored");
    };
    for (const event of events) {
      if (event.kind === "tell") tell(event.fate);
      else {
        const { day, owner, input } = event;
        sheets.add(
          day,
          owner,
          anAttemptEntry({ key: `${owner}.json`, isAnswer: true, input, cached: 1, output: 2 }),
        );
        expected = addUse(expected, { requests: 1, input, cached: 1, output: 2 });
      }
    }
    tell("stored");
    assert.deepEqual(sumOf(stored), expected);
    assert.equal(sheets.hasUntold, false);
  }));
});

Deno.test("a sheet has a maximum of keys, and a maximum of sheets wait", () => {
  const sheets = new UsageSheets();
  for (let key = 0; key <= MAX_ROWS; key++) sheets.add("d1", `key-${key}`, anAttemptEntry({}));
  sheets.add("d1", "key-0", anAttemptEntry({}));
  assert.deepEqual(sheets.takeUntold().map(({ number, rows }) => [number, rows.length]), [[1, MAX_ROWS], [
    2,
    1,
  ]]);
  for (let day = 0; day < 2 * MAX_SHEETS; day++) sheets.add(`day-${day}`, "a", anAttemptEntry({}));
  assert.equal(sheets.takeUntold().length, MAX_SHEETS);
});

Deno.test("a sheet of yesterday that is on its way is not forgotten before it has arrived", () => {
  const sheets = new UsageSheets();
  sheets.add("d1", "a", anAttemptEntry({}));
  const taken = sheets.takeUntold();
  sheets.add("d2", "a", anAttemptEntry({}));
  sheets.settle(taken, false);
  assert.deepEqual(sheets.takeUntold().map(({ day }) => day), ["d1", "d2"]);
});

Deno.test("an attempt without an answer is not a request, and what was not told counts as nothing", () => {
  const sheets = new UsageSheets();
  const missing = { input: undefined, cached: undefined, output: undefined };
  sheets.add("d1", "a", anAttemptEntry({ isAnswer: false, ...missing }));
  assert.equal(sheets.hasUntold, false, "a refused attempt has used nothing");
  sheets.add("d1", "a", anAttemptEntry({ isAnswer: false, ...missing, input: 5 }));
  sheets.add("d1", "a", anAttemptEntry({ isAnswer: true, ...missing }));
  assert.deepEqual(sheets.takeUntold()[0]!.rows.map(({ requests, input }) => [requests, input]), [[1, 5]]);
});

Deno.test("readSheet() reads what sheetText() writes, and nothing else", () => {
  const row = { owner: "a", label: "a.json", requests: 1, input: 20, cached: 10, output: 3 };
  const member = { id: "3f9a", name: "build-1" };
  assert.deepEqual(readSheet(sheetText(member, { rows: [row] })), { member, rows: [row] });
  assert.deepEqual(
    readSheet('{"member":"m","rows":[]}')?.member,
    { id: "", name: "m" },
    "of an older version",
  );
  const broken = [
    "",
    "[]",
    "{}",
    '{"member":1,"rows":[]}',
    '{"member":"m","rows":[["a"]]}',
    '{"member":"m","rows":[["a","l",-1,0,0,0]]}',
    '{"member":"m","rows":[["a","l",1e99,0,0,0]]}',
    '{"member":"m","rows":[["a","l","1",0,0,0]]}',
  ];
  for (const text of broken) assert.equal(readSheet(text), undefined, text);
});
