import assert from "node:assert/strict";
import fc from "fast-check";
import { cellsOf, cutInto, fitted, printable, shortened, shortenedAtStart } from "../../src/screen/cells.ts";

const FITTED: readonly [text: string, cells: number, fits: string][] = [
  ["abc", 5, "abc  "],
  ["abc", 3, "abc"],
  ["abcd", 3, "ab…"],
  ["abc", 0, ""],
  ["日本語", 6, "日本語"],
  ["日本語", 5, "日本…"],
  ["日本語", 4, "日… "],
  ["👩‍👩‍👧!", 2, "… "],
  ["e\u0301tude", 3, "e\u0301t…"],
];

for (const [text, cells, fits] of FITTED) {
  Deno.test(`fitted() makes ${cells} cells of ${text}`, () => {
    assert.equal(fitted(text, cells), fits);
  });
}

Deno.test("fitted() aligns text to the right", () => {
  assert.equal(fitted("12 ms", 7, "right"), "  12 ms");
});

Deno.test("fitted(), shortened() and cutInto() keep to the cells that they are given", () => {
  const text = fc.string({ unit: "grapheme" }).map(printable);
  fc.assert(fc.property(text, fc.integer({ min: 2, max: 30 }), (text, cells) => {
    assert.equal(cellsOf(fitted(text, cells)), cells);
    assert.ok(cellsOf(shortened(text, cells)) <= cells);
    assert.ok(cellsOf(shortenedAtStart(text, cells)) <= cells);
    for (const piece of cutInto(text, cells)) {
      assert.ok(cellsOf(piece) <= cells || isOneCharacter(piece), piece);
    }
    assert.equal(cutInto(text, cells).join(""), text);
  }));
});

Deno.test("cutInto() leaves a character whole that is wider than a piece", () => {
  assert.deepEqual(cutInto("日本", 1), ["日", "本"]);
  assert.deepEqual(cutInto("\u1100\u1161a", 2), ["\u1100\u1161", "a"]);
});

/** As a Hangul syllable written with its parts, which counts as three cells. */
function isOneCharacter(text: string): boolean {
  return [...new Intl.Segmenter().segment(text)].length === 1;
}

Deno.test("printable() escapes what could move the cursor or change the reading direction", () => {
  assert.equal(printable("a\x1b[2Jb\n\u202ec"), "a\\u{1b}[2Jb\\u{a}\\u{202e}c");
  assert.equal(printable("Grüße 🟢"), "Grüße 🟢");
});

for (
  const [text, cells, expected] of [
    ["/v1/responses", 20, "/v1/responses"],
    ["/backend-api/codex/responses", 12, "…x/responses"],
    ["日本語", 4, "…語"],
    ["abc", 1, "…"],
    ["abc", 0, ""],
  ] as const
) {
  Deno.test(`shortenedAtStart() makes "${expected}" of ${text}`, () => {
    assert.equal(shortenedAtStart(text, cells), expected);
  });
}
