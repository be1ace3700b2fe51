import assert from "node:assert/strict";
import fc from "fast-check";
import { cellsOf } from "../../src/screen/cells.ts";
import { type Column, Columns, fitTable } from "../../src/screen/table.ts";

type Row = readonly [name: string, size: string, note: string];

const COLUMNS: readonly Column<Row>[] = [
  { title: "NAME", rank: 2, min: 4, max: 8, text: ([name]) => name },
  { title: "SIZE", rank: 1, min: 4, max: 4, align: "right", text: ([, size]) => size },
  { title: "NOTE", rank: 3, min: 6, max: 40, text: ([, , note]) => note },
];
const ROW: Row = ["longer", "7", "something to say"];

const WIDTHS: readonly [cells: number, heading: string, line: string][] = [
  [3, "SI…", "  …"],
  [4, "SIZE", "   7"],
  [8, "SIZE    ", "   7    "],
  [9, "NAME SIZE", "lon…    7"],
  [11, "NAME   SIZE", "longer    7"],
  [16, "NAME SIZE NOTE  ", "lon…    7 somet…"],
  [20, "NAME   SIZE NOTE    ", "longer    7 somethi…"],
  [31, "NAME   SIZE NOTE               ", "longer    7 something to say   "],
];

for (const [cells, heading, line] of WIDTHS) {
  Deno.test(`fitTable() fits a table into ${cells} cells`, () => {
    const table = fitTable(COLUMNS, [ROW], cells);
    assert.deepEqual([table.heading, table.line(ROW)], [heading, line]);
  });
}

/** `[cells, the widths of columns that need 30, 8 and 6 cells and have 4 each at least]` */
const SHARES: readonly [cells: number, widths: number[]][] = [
  [14, [4, 4, 4]],
  [17, [5, 5, 5]],
  [20, [6, 6, 6]],
  [24, [8, 8, 6]],
  [40, [24, 8, 6]],
  [90, [30, 8, 6]],
];

for (const [cells, widths] of SHARES) {
  Deno.test(`the columns of ${cells} cells share what is left as ${widths.join(", ")}`, () => {
    const needs = [30, 8, 6];
    const columns = needs.map((need, index): Column<string> => ({
      title: "ABC"[index]!.repeat(4),
      rank: index + 1,
      min: 4,
      max: 40,
      text: (char) => char.repeat(need),
    }));
    const line = fitTable(columns, ["x"], cells).heading;
    const starts = ["A", "B", "C"].map((char) => line.indexOf(char));
    assert.deepEqual([starts[1]! - 1, starts[2]! - starts[1]! - 1], widths.slice(0, 2));
  });
}

Deno.test("every line of fitTable() takes exactly the cells that it was given", () => {
  const text = fc.string({ unit: fc.constantFrom("a", " ", "日", "🟢"), maxLength: 50 });
  const rows = fc.array(fc.tuple(text, text, text), { maxLength: 5 });
  fc.assert(fc.property(rows, fc.integer({ min: 1, max: 90 }), (rows, cells) => {
    const { heading, line } = fitTable(COLUMNS, rows, cells);
    for (const text of [heading, ...rows.map(line)]) assert.equal(cellsOf(text), cells);
  }));
});

Deno.test("a column may say how a text that is too long is cut", () => {
  const shorten = (text: string, cells: number) => `…${text.slice(-cells + 1)}`;
  const column: Column<string> = { title: "PATH", rank: 1, min: 6, max: 6, text: (path) => path, shorten };
  assert.equal(fitTable([column], ["/v1/responses"], 6).line("/v1/responses"), "…onses");
});

Deno.test("Columns keep rows that are aligned later in line with those before", () => {
  const columns = new Columns();
  assert.deepEqual(columns.align([["a", "bb", "c"], ["aaa", "b", ""]]), ["a    bb  c", "aaa  b"]);
  assert.deepEqual(columns.align([["x", "y", "z"]]), ["x    y   z"]);
});

Deno.test("Columns count a wide character as the two cells that it takes", () => {
  assert.deepEqual(new Columns().align([["日本", "a"], ["abcd", "b"]]), ["日本  a", "abcd  b"]);
});
