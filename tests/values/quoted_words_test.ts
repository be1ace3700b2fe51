import assert from "node:assert/strict";
import fc from "fast-check";
import { type FoundWord, QuotedWords } from "../../src/values/quoted_words.ts";

const WORDS = ["id", "file_id", "file_ids", "file", "previous_response_id", "store"];
const SEARCH = new QuotedWords(WORDS);

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function wordsIn(search: QuotedWords, text: Uint8Array): FoundWord[] {
  const found: FoundWord[] = [];
  search.each(text, (one) => (found.push(one), true));
  return found;
}

/** The same by looking at every place. */
function expectedIn(words: readonly string[], text: string): FoundWord[] {
  const found: FoundWord[] = [];
  for (let start = 0; start < text.length; start++) {
    const word = words.find((one) => text.startsWith(`"${one}"`, start) && text[start - 1] !== "\\");
    if (word !== undefined) found.push({ word, start, end: start + word.length + 2 });
  }
  return found;
}

const PIECE = fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom('"', '\\"', ":", "{", "f", "_id", "i"));

Deno.test("QuotedWords finds each of the words wherever it is, and nothing else", () => {
  fc.assert(fc.property(fc.array(PIECE, { maxLength: 30 }), (pieces) => {
    const text = pieces.join("");
    assert.deepEqual(wordsIn(SEARCH, bytes(text)), expectedIn(WORDS, text));
  }));
});

Deno.test("QuotedWords finds words after long texts without a quote", () => {
  const long = fc.integer({ min: 0, max: 4000 }).map((length) => "x".repeat(length));
  fc.assert(
    fc.property(fc.array(fc.oneof(PIECE, long), { maxLength: 12 }), (pieces) => {
      const text = pieces.join("");
      assert.deepEqual(wordsIn(SEARCH, bytes(text)), expectedIn(WORDS, text));
    }),
  );
});

Deno.test("QuotedWords finds words in JSON, as names and as values", () => {
  const json = JSON.stringify({ file_id: "file", text: 'no "id" here, \\"id\\" neither', file_ids: ["id"] });
  const found = wordsIn(SEARCH, bytes(json)).map(({ word }) => word);
  assert.deepEqual(found, ["file_id", "file", "file_ids", "id"]);
});

Deno.test("QuotedWords looks at a part of a buffer alone, and ends when it is told to", () => {
  const text = bytes('"id" "id" "id" "id"');
  const part = text.subarray(5, 14);
  assert.deepEqual(wordsIn(SEARCH, part).map(({ start, end }) => [start, end]), [[0, 4], [5, 9]]);
  let count = 0;
  SEARCH.each(text, () => ++count < 2);
  assert.equal(count, 2);
});

Deno.test("QuotedWords refuses to look for nothing, or for what is too long", () => {
  for (const words of [[], [""], ["x".repeat(251)]]) assert.throws(() => new QuotedWords(words), RangeError);
});
