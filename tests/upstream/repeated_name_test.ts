import assert from "node:assert/strict";
import { RepeatedName } from "../../src/upstream/repeated_name.ts";

function add(name: RepeatedName, text: string): void {
  const bytes = new TextEncoder().encode(text);
  name.add(bytes, 0, bytes.length);
}

Deno.test("RepeatedName tells one name from the next, read in pieces", () => {
  const name = new RepeatedName(128);
  for (
    const [pieces, text] of [[["ab", "c"], "abc"], [["abc"], "abc"], [["abd"], "abd"], [
      [" \u00e9 "],
      "\u00e9",
    ]] as const
  ) {
    assert(name.isEmpty);
    for (const piece of pieces) add(name, piece);
    assert.equal(name.text, text);
    name.clear();
  }
});

Deno.test("RepeatedName cuts a name that is too long", () => {
  const name = new RepeatedName(4);
  add(name, "abcdef");
  assert.equal(name.text, "abcd");
});
