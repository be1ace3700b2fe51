import assert from "node:assert/strict";
import { KeptBytes } from "../../src/upstream/kept_bytes.ts";

function kept(pieces: readonly string[], maxBytes: number): KeptBytes {
  const bytes = new KeptBytes(maxBytes);
  for (const piece of pieces.map((text) => new TextEncoder().encode(text))) bytes.add(piece, 0, piece.length);
  return bytes;
}

Deno.test("KeptBytes keeps what comes in pieces, up to its maximum", () => {
  for (
    const [pieces, text] of [
      [[], ""],
      [["ab", "c"], "abc"],
      [["é".repeat(20)], "é".repeat(20)],
      [["x".repeat(60), "y".repeat(10)], "x".repeat(60) + "y".repeat(10)],
      [["x".repeat(60), "y".repeat(500), "z"], "x".repeat(60) + "y".repeat(40)],
      [["x".repeat(99), "é"], `${"x".repeat(99)}\uFFFD`],
    ] as const
  ) {
    assert.equal(kept(pieces, 100).text, text);
  }
  assert.equal(kept(["abcdef"], 4).text, "abcd");
});

Deno.test("KeptBytes begins again and compares with a copy", () => {
  const bytes = kept(["x".repeat(80)], 100);
  const copy = bytes.copy();
  assert(bytes.equals(copy));
  bytes.clear();
  assert.equal(bytes.length, 0);
  assert(!bytes.equals(copy));
});

Deno.test("KeptBytes reads what ends in a piece as if that were kept, and begins again", () => {
  const whole = new TextEncoder().encode("é".repeat(70));
  for (const maxBytes of [20, 50, 65, 100, 200]) {
    const inOnePiece = kept(["é".repeat(70)], maxBytes).text;
    for (let split = 0; split <= whole.length; split++) {
      const bytes = new KeptBytes(maxBytes);
      bytes.add(whole, 0, split);
      assert.equal(bytes.textWith(whole, split, whole.length), inOnePiece);
      assert.equal(bytes.length, 0);
    }
  }
});
