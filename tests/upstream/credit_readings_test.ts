import assert from "node:assert/strict";
import { readCreditEvent, readCreditHeaders } from "../../src/upstream/credit_readings.ts";
import { JsonOutline } from "../../src/upstream/json_outline.ts";
import { someCredits } from "../support/builders.ts";

const HEADERS = {
  "x-codex-credits-has-credits": "true",
  "x-codex-credits-unlimited": "false",
  "x-codex-credits-balance": "12.50",
};

Deno.test("readCreditHeaders() reads the credits that every answer names", () => {
  assert.deepEqual(readCreditHeaders(new Headers(HEADERS)), someCredits());
  const without = { "x-codex-credits-has-credits": "False", "x-codex-credits-balance": "" };
  assert.deepEqual(
    readCreditHeaders(new Headers(without)),
    someCredits({ hasCredits: false, balance: undefined }),
  );
});

Deno.test("readCreditHeaders() finds nothing where nothing is named", () => {
  assert.equal(readCreditHeaders(new Headers({ "x-codex-primary-used-percent": "100" })), undefined);
});

const NAMED = { has_credits: true, unlimited: false, balance: "12.50" };

/** `[what, event, whether credits are found in it]` */
const EVENTS: [string, unknown, boolean][] = [
  ["credits beside the limits", { type: "codex.rate_limits", rate_limits: {}, credits: NAMED }, true],
  ["credits among the limits", { type: "codex.rate_limits", rate_limits: { credits: NAMED } }, true],
  ["a balance that is a number", { credits: { ...NAMED, balance: 12.5 } }, true],
  ["no credits", { type: "codex.rate_limits", credits: null }, false],
  ["nothing", undefined, false],
];

for (const [what, event, isFound] of EVENTS) {
  Deno.test(`readCreditEvent() of an event with ${what}`, () => {
    const outline = new JsonOutline();
    outline.feed(new TextEncoder().encode(JSON.stringify(event ?? {})));
    const credits = readCreditEvent(outline.value);
    assert.equal(credits?.hasCredits ?? false, isFound);
    assert.equal(credits === undefined ? 12.5 : Number(credits.balance), 12.5);
  });
}
