import assert from "node:assert/strict";
import { evenlySpread } from "../../src/values/evenly_spread.ts";

Deno.test("evenlySpread() is the same for one name, also in other versions", () => {
  // The first four bytes of the SHA-256 of an empty text are e3b0c442.
  assert.equal(evenlySpread(""), 0xe3b0c442 / 2 ** 32);
});

Deno.test("evenlySpread() spreads names over all tenths", () => {
  const counts = Array<number>(10).fill(0);
  for (let at = 0; at < 1000; at++) counts[Math.floor(10 * evenlySpread(`name-${at}`))]!++;
  assert.ok(counts.every((count) => count > 60 && count < 140), counts.join(" "));
});
