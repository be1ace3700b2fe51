import assert from "node:assert/strict";
import fc from "fast-check";
import { firstTurn, nextInLine, ofHighestPriority } from "../../src/auth/turns.ts";
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

const FILES = "abcdef".split("").map((name) => `${name}.json`);

/** The keys in the order in which a member takes their first turns. */
function orderOf(memberId: string, files: readonly string[] = FILES): readonly string[] {
  return files.toSorted((a, b) => firstTurn(memberId, a) - firstTurn(memberId, b));
}

Deno.test("firstTurn() is before every turn, and of two keys in the same order whatever else is there", () => {
  fc.assert(fc.property(fc.string(), fc.subarray(FILES), (memberId, files) => {
    for (const file of files) {
      const turn = firstTurn(memberId, file);
      assert.ok(turn >= -1 && turn < 0, String(turn));
    }
    const order = orderOf(memberId);
    assert.deepEqual(orderOf(memberId, files), order.filter((file) => files.includes(file)));
  }));
});

Deno.test("firstTurn() spreads members over the keys, and those with one first key over the second ones", () => {
  const orders = Array.from({ length: 600 }, (_, at) => orderOf(`member-${at}`));
  for (const first of FILES) {
    const beginners = orders.filter((order) => order[0] === first);
    assert.ok(beginners.length > 60 && beginners.length < 140, `${beginners.length} begin with ${first}`);
    assert.equal(new Set(beginners.map((order) => order[1])).size, FILES.length - 1);
  }
});

/** `[what, turns of the keys a and b, the next one, the next one with drain]` */
const FIRST_TURNS: readonly [string, number, number, string, string][] = [
  ["of keys that had no turn, the first in the member's order", -0.2, -0.7, "b", "a"],
  ["a key without a turn, except to drain keys in order", 1, -0.7, "b", "a"],
  ["the other one after a turn, and with drain the same until it is full", -0.2, 3, "a", "b"],
];

for (const [what, a, b, expected, drained] of FIRST_TURNS) {
  Deno.test(`nextInLine() takes ${what}`, () => {
    const keys = [aCandidate("a", { turn: a }), aCandidate("b", { turn: b })];
    assert.equal(nextInLine(keys, POLICY, T0)?.record.file, `${expected}.json`);
    assert.equal(nextInLine(keys, { ...POLICY, rotation: "drain" }, T0)?.record.file, `${drained}.json`);
  });
}
