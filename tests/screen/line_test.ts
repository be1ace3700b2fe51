import assert from "node:assert/strict";
import fc from "fast-check";
import { cellsOf, printable } from "../../src/screen/cells.ts";
import { fact, wrapped, wrappedToFit } from "../../src/screen/line.ts";

Deno.test("fact() puts the text after the name, safe to print", () => {
  assert.deepEqual(fact("until", "a\x1b[2J"), { text: "  until       a\\u{1b}[2J", indent: 14 });
  assert.deepEqual(fact("a\x1b.json", "b"), { text: "  a\\u{1b}.json  b", indent: 16 });
  assert.deepEqual(fact("ok", "b", { depth: 4, nameColumns: 3 }), { text: "    ok   b", indent: 9 });
});

const LINES: { what: string; text: string; width: number; lines: string[] }[] = [
  { what: "a line that fits", text: "  one two", width: 9, lines: ["  one two"] },
  { what: "a line for a pipe", text: "  one two", width: Infinity, lines: ["  one two"] },
  { what: "a long line", text: "  one two three", width: 9, lines: ["  one two", "    three"] },
  { what: "columns in front", text: "a    one two", width: 9, lines: ["a    one", "    two"] },
  {
    what: "a word that is too long",
    text: "an overlong word",
    width: 6,
    lines: ["an", "overlong", "  word"],
  },
  {
    what: "a quotation",
    text: 'type "cdx2 stop" now',
    width: 14,
    lines: ["type", '   "cdx2 stop"', "    now"],
  },
  { what: "a lone quote", text: 'a " bc', width: 4, lines: ['a "', "  bc"] },
  { what: "wide characters", text: "日本 語学", width: 8, lines: ["日本", "    語学"] },
];

for (const { what, text, width, lines } of LINES) {
  Deno.test(`wrapped() of ${what}`, () => {
    assert.deepEqual(wrapped({ text, indent: 4 }, width), lines);
  });
}

Deno.test("wrapped() breaks quotations where they are values, not commands", () => {
  const line = { text: 'error="one two three" x', indent: 2 };
  assert.deepEqual(wrapped(line, 14), ['error="one two three"', "  x"]);
  assert.deepEqual(wrapped(line, 14, { keepsQuotations: false }), ['error="one two', '  three" x']);
});

const BROKEN: readonly [text: string, lines: string[]][] = [
  ["", [""]],
  ["one", ["one"]],
  ["one two", ["one", "two"]],
  ["one  two", ["one", "two"]],
  ["on twofold", ["on", "twofo", "ld"]],
  ["12345 1", ["12345", "1"]],
  ["日本語", ["日本", "語"]],
];

for (const [text, lines] of BROKEN) {
  Deno.test(`wrappedToFit() breaks "${text}" at 5 cells`, () => {
    assert.deepEqual(wrappedToFit(text, 5), lines);
  });
}

Deno.test("wrappedToFit() keeps to the cells that it is given, and loses nothing but blanks", () => {
  const text = fc.string({ unit: "grapheme" }).map(printable);
  fc.assert(fc.property(text, fc.integer({ min: 2, max: 30 }), (text, cells) => {
    for (const line of wrappedToFit(text, cells)) assert.ok(cellsOf(line) <= cells, line);
    // Blanks of all kinds: those of East Asian texts count, too.
    assert.equal(wrappedToFit(text, cells).join("").replace(/\s/g, ""), text.replace(/\s/g, ""));
  }));
});
