import assert from "node:assert/strict";
import { lastWords } from "../../src/keyring/items.ts";

/** `[what a program printed, what a message says]` */
const WORDS: [string, string][] = [
  ["", ""],
  ["first\nthe last line\n\n", "the last line"],
  ["red \x1b[31mtext\x1b[0m", "red  [31mtext [0m"],
  ["x".repeat(500), "x".repeat(160)],
];

for (const [stderr, words] of WORDS) {
  Deno.test(`lastWords() of ${JSON.stringify(stderr.slice(0, 20))}`, () =>
    assert.equal(lastWords(stderr), words));
}
