import assert from "node:assert/strict";
import fc from "fast-check";
import {
  areUsable,
  type Credits,
  creditsIn,
  servesOnCredits,
  UNKNOWN_CREDITS,
  withCredits,
  withQuotaRefusal,
} from "../../src/auth/credits.ts";
import { someCredits } from "../support/builders.ts";

/** `[fields, whether there are credits, unlimited, the balance, whether the account can go on]` */
const FIELDS: [unknown, boolean, boolean, string | undefined, boolean][] = [
  [{ has_credits: true, unlimited: false, balance: "12.50" }, true, false, "12.50", true],
  [{ has_credits: "true", unlimited: "false", balance: "12.50" }, true, false, "12.50", true],
  [{ has_credits: "True", unlimited: "False", balance: " 3 " }, true, false, "3", true],
  [{ has_credits: 1, unlimited: 0, balance: 0.5 }, true, false, "0.5", true],
  [{ has_credits: true, balance: 12.5 }, true, false, "12.5", true],
  [{ has_credits: true, balance: "$2.50" }, true, false, "$2.50", true],
  [{ has_credits: true, balance: "1,250" }, true, false, "1,250", true],
  [{ has_credits: true, balance: null }, true, false, undefined, true],
  [{ has_credits: true, balance: "" }, true, false, undefined, true],
  [{ has_credits: true, balance: "n/a" }, true, false, undefined, true],
  [{ has_credits: true, balance: "0" }, true, false, "0", false],
  [{ has_credits: true, balance: "0.00" }, true, false, "0.00", false],
  [{ has_credits: true, balance: 0 }, true, false, "0", false],
  [{ has_credits: true, balance: -3 }, true, false, "-3", false],
  [{ has_credits: false, unlimited: true, balance: "0" }, false, true, "0", true],
  [{ unlimited: true }, false, true, undefined, true],
  [{ has_credits: false, unlimited: false, balance: "0" }, false, false, "0", false],
  [{ has_credits: false, balance: "5" }, false, false, "5", false],
  [{ balance: "5" }, true, false, "5", true],
  [{ balance: "0" }, false, false, "0", false],
  [{ unlimited: false }, false, false, undefined, false],
  [{ has_credits: true, balance: `sk-${"x".repeat(40)}` }, true, false, undefined, true],
  [{ has_credits: true, balance: "1\u001b[2J" }, true, false, undefined, true],
  [{ has_credits: true, balance: "9".repeat(40) }, true, false, undefined, true],
];

for (const [fields, hasCredits, isUnlimited, balance, isUsable] of FIELDS) {
  Deno.test(`creditsIn() reads ${JSON.stringify(fields)}`, () => {
    const credits = creditsIn(fields);
    assert.deepEqual(credits, { hasCredits, isUnlimited, balance, isCapped: false });
    assert.equal(areUsable(credits), isUsable);
  });
}

for (
  const nothing of [undefined, null, {}, [], "12.50", 5, { has_credits: null, balance: null }, {
    has_credits: {},
  }, { has_credits: "constructor", unlimited: "valueof" }]
) {
  Deno.test(`creditsIn() finds nothing in ${JSON.stringify(nothing)}`, () => {
    assert.equal(creditsIn(nothing), undefined);
    assert.equal(areUsable(undefined), false);
  });
}

Deno.test("areUsable() is false once a limit on spending has been reached", () => {
  assert.equal(areUsable(someCredits({ isCapped: true })), false);
  assert.equal(areUsable(someCredits({ isUnlimited: true, isCapped: true })), false);
});

Deno.test("creditsIn() never throws", () => {
  fc.assert(fc.property(fc.anything(), fc.anything(), (a, b) => {
    creditsIn({ has_credits: a, balance: b });
    creditsIn(a);
  }));
});

/** `[what is read after a refusal, whether the credits count again]` */
const AFTER_REFUSAL: [string, Partial<Credits>, boolean][] = [
  ["the same balance", {}, false],
  ["a lower balance", { balance: "3" }, false],
  ["a higher balance", { balance: "112.50" }, true],
  ["no balance", { balance: undefined }, false],
  ["no end to them", { isUnlimited: true }, true],
];

for (const [what, over, counts] of AFTER_REFUSAL) {
  Deno.test(`withCredits() after a refusal, with ${what}: they ${counts ? "" : "do not "}count`, () => {
    const refused = withQuotaRefusal(withCredits(UNKNOWN_CREDITS, someCredits()));
    assert.equal(servesOnCredits(refused), false);
    assert.equal(servesOnCredits(withCredits(refused, someCredits(over))), counts);
  });
}

Deno.test("withCredits() lets credits count that come after they were used up", () => {
  const refused = withQuotaRefusal(withCredits(UNKNOWN_CREDITS, someCredits()));
  const usedUp = withCredits(refused, someCredits({ hasCredits: false, balance: "0" }));
  assert.equal(servesOnCredits(withCredits(usedUp, someCredits({ balance: "1" }))), true);
});

Deno.test("withQuotaRefusal() says nothing about credits that could not have helped", () => {
  assert.equal(withQuotaRefusal(UNKNOWN_CREDITS), UNKNOWN_CREDITS);
  const none = withCredits(UNKNOWN_CREDITS, someCredits({ balance: "0" }));
  assert.equal(withQuotaRefusal(none), none);
});
