import assert from "node:assert/strict";
import fc from "fast-check";
import { blanked, blankedBytes, ChunkBlanker } from "../../src/upstream/blank.ts";
import { joined } from "../../src/values/bytes.ts";
import { Secret } from "../../src/values/secret.ts";

const encoder = new TextEncoder();

Deno.test("blanked() keeps the length of a text", () => {
  assert.equal(blanked("/login?t=abc&u=abc#ab", new Secret("abc")), "/login?t=***&u=***#ab");
  assert.equal(blanked("nothing", new Secret("abc")), "nothing");
  assert.equal(blanked("no token is known", new Secret("")), "no token is known");
});

Deno.test("a body is blanked alike however it is cut into chunks, and other bytes stay", () => {
  const part = fc.oneof(fc.constantFrom("aab", "aabaab", "aa", "a", "ab"), fc.string({ unit: "binary" }));
  const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 });
  fc.assert(fc.property(fc.array(part), cuts, (parts, sizes) => {
    const text = parts.join("");
    const expected = text.replaceAll("aab", "***");
    const whole = encoder.encode(text);
    const blanker = new ChunkBlanker(new Secret("aab"));
    const pieces: Uint8Array[] = [];
    for (let at = 0, n = 0; at < whole.length; n++) {
      const size = sizes[n % sizes.length]!;
      pieces.push(blanker.push(whole.subarray(at, at + size)));
      at += size;
    }
    const bytes = joined([...pieces, blanker.end()]);
    assert.deepEqual(bytes, encoder.encode(expected));
    assert.deepEqual(blankedBytes(whole, new Secret("aab")), bytes);
  }));
});

Deno.test("a token over many chunks is blanked, and only what may be a token is kept back", () => {
  const blanker = new ChunkBlanker(new Secret("secret-token"));
  const said = ["a quiet text", "of sec", "ret", "-tokens, sec", "ond"].map((text) =>
    new TextDecoder().decode(blanker.push(encoder.encode(text)))
  );
  assert.deepEqual(said, ["a quiet text", "of ", "", "************s, ", "second"]);
  assert.equal(blanker.end().length, 0);
});

Deno.test("the beginning of a token at the end of a body reaches the client", () => {
  const blanker = new ChunkBlanker(new Secret("secret-token"));
  assert.equal(blanker.push(encoder.encode("secret-")).length, 0);
  assert.equal(new TextDecoder().decode(blanker.end()), "secret-");
});
