import assert from "node:assert/strict";
import fc from "fast-check";
import {
  cellsOf,
  cutInto,
  fitted,
  printable,
  shortened,
  shortenedAtStart,
  shortenedFile,
  shortenedInMiddle,
} from "../../src/screen/cells.ts";

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

/** `[name, cells, the name of a key, the same text as another name]` */
const NAMES: readonly [name: string, cells: number, asFile: string, inMiddle: string][] = [
  ["work.json", 9, "work.json", "work.json"],
  ["work.json", 7, "work", "wor…son"],
  ["spare-account.json", 9, "spar…ount", "spar…json"],
  ["spare-account.json", 8, "spar…unt", "spar…son"],
  ["日本語のキー.json", 9, "日本…キー", "日本…json"],
  ["日本語のキー.json", 8, "日本…ー", "日本…son"],
  ["🔑🔑🔑🔑🔑.json", 5, "🔑…🔑", "🔑…on"],
  ["ab", 1, "…", "…"],
  ["ab", 0, "", ""],
];

for (const [name, cells, asFile, inMiddle] of NAMES) {
  Deno.test(`"${name}" in ${cells} cells is "${asFile}" as the file of a key, else "${inMiddle}"`, () => {
    assert.deepEqual([shortenedFile(name, cells), shortenedInMiddle(name, cells)], [asFile, inMiddle]);
  });
}

Deno.test("what is cut in its middle never takes more cells than it has", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.nat(30), (text, cells) => {
    for (const cut of [shortenedInMiddle(text, cells), shortenedFile(text, cells)]) {
      assert.ok(cellsOf(cut) <= cells);
    }
  }));
});
