import assert from "node:assert/strict";
import { creditsView } from "../../src/api/credits.ts";
import { someCredits } from "../support/builders.ts";

Deno.test("creditsView() shows whether the account can go on, and a balance only where there is one", () => {
  assert.deepEqual(creditsView(someCredits(), true), {
    has_credits: true,
    unlimited: false,
    balance: "12.50",
  });
  assert.deepEqual(creditsView(someCredits({ balance: undefined, isUnlimited: true }), false), {
    has_credits: false,
    unlimited: true,
    balance: null,
  });
});
