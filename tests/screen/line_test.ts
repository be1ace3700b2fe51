import assert from "node:assert/strict";
import { fact, wrapped } from "../../src/screen/line.ts";

Deno.test("fact() puts what is said behind the name, and harmless", () => {
  assert.deepEqual(fact("until", "a\x1b[2J"), { text: "  until       a\\u{1b}[2J", indent: 14 });
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
    lines: ["an", "    overlong", "    word"],
  },
  {
    what: "a quotation",
    text: 'type "cdx2 stop" now',
    width: 14,
    lines: ["type", '    "cdx2 stop"', "    now"],
  },
  { what: "a lone quote", text: 'a " bc', width: 4, lines: ['a "', "    bc"] },
  { what: "wide characters", text: "日本 語学", width: 8, lines: ["日本", "    語学"] },
];

for (const { what, text, width, lines } of LINES) {
  Deno.test(`wrapped() of ${what}`, () => {
    assert.deepEqual(wrapped({ text, indent: 4 }, width), lines);
  });
}
