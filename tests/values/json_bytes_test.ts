import assert from "node:assert/strict";
import fc from "fast-check";
import { textField, textsAt } from "../../src/values/json_bytes.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const CASES: readonly (readonly [json: string, value: string | undefined])[] = [
  ['{"id":"a"}', "a"],
  ['{ "id" :\n\t"a" }', "a"],
  ['{"other":{"id":"a"}}', "a"],
  ['{"text":"say \\"id\\":\\"no\\"","id":"a"}', "a"],
  ['{"id":null}', undefined],
  ['{"id":5}', undefined],
  ['{"id":""}', undefined],
  ['{"id":"a\\nb"}', undefined],
  ['{"id":"' + "x".repeat(65) + '"}', undefined],
  ['{"id":"' + "x".repeat(64) + '"}', "x".repeat(64)],
  ['{"id":"never ends', undefined],
  ['{"ids":"a"}', undefined],
  ['"id"', undefined],
  ["", undefined],
];

for (const [json, value] of CASES) {
  Deno.test(`textField() finds ${value?.slice(0, 5) ?? "nothing"} in ${json.slice(0, 40)}`, () => {
    assert.equal(textField(bytes(json), "id", 64), value);
  });
}

/** `[JSON, texts]`: at most three of them, of eight bytes at most. */
const TEXTS: readonly (readonly [json: string, texts: readonly string[]])[] = [
  ['"a"', ["a"]],
  ['"a","b"', ["a"]],
  ['["a"]', ["a"]],
  ['[ "a" ,\n"b" ]', ["a", "b"]],
  ['["a","b","c","d"]', ["a", "b", "c"]],
  ['["a",5,"c"]', ["a"]],
  ['["a","123456789","c"]', ["a"]],
  ["[]", []],
  ["5", []],
  ["", []],
  ['["a",', ["a"]],
  ['["a"', ["a"]],
];

for (const [json, texts] of TEXTS) {
  Deno.test(`textsAt() reads ${texts.length} of ${json}`, () => {
    assert.deepEqual(textsAt(bytes(json), 0, { maxBytes: 8, maxValues: 3 }), texts);
  });
}

Deno.test("textField() finds what a parse would, in a part of a buffer", () => {
  fc.assert(fc.property(fc.string(), fc.string(), fc.string(), (before, value, after) => {
    const json = JSON.stringify({ before, id: value, after: { after } });
    const padded = bytes(`xx${json}yy`);
    const found = textField(padded.subarray(2, padded.length - 2), "id", 1000);
    const isPlain = value !== "" && !JSON.stringify(value).includes("\\");
    assert.equal(found, isPlain ? value : undefined);
  }));
});
