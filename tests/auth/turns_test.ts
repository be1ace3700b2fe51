import assert from "node:assert/strict";
import { nextInLine, ofHighestPriority } from "../../src/auth/turns.ts";
import { aCandidate, aReading, aRecord, POLICY, T0 } from "../support/builders.ts";

Deno.test("nextInLine() takes the key whose turn is the longest ago; with drain, the one that resets first", () => {
  const early = aCandidate("early", { turn: 2, windows: [aReading({ resetAtMs: T0 + 60_000 })] });
  const late = aCandidate("late", { turn: 1, windows: [aReading({ resetAtMs: T0 + 90_000 })] });
  assert.equal(nextInLine([early, late], POLICY, T0), late);
  assert.equal(nextInLine([late, early], { ...POLICY, rotation: "drain" }, T0), early);
  assert.equal(nextInLine([], POLICY, T0), undefined);
});

Deno.test("ofHighestPriority() keeps all keys of the highest priority", () => {
  const keys = [1, 5, 5].map((priority, at) => ({
    ...aCandidate(`k${at}`),
    record: aRecord(`k${at}`, { priority }),
  }));
  assert.deepEqual(ofHighestPriority(keys), keys.slice(1));
  assert.deepEqual(ofHighestPriority([]), []);
});
