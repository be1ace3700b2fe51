import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import { choiceFor, type ChoiceView } from "../../src/proxy/request_choice.ts";
import { aRecord, LIMITED, limitedUntil, REJECTED, T0 } from "../support/builders.ts";

const A = aRecord("a");
const OTHER: Outcome = { kind: "other_account", code: "previous_response_not_found" };

type Row = readonly [what: string, outcomes: readonly Outcome[], hasNewToken: boolean, isTried: boolean];

const ROWS: readonly Row[] = [
  ["was not asked", [], false, false],
  ["is at its quota", [limitedUntil(T0)], false, true],
  ["met a burst", [LIMITED], false, false],
  ["was refused", [REJECTED], false, true],
  ["was refused and has a new token", [REJECTED], true, false],
  ["was refused with the new token as well", [REJECTED, REJECTED], true, true],
  ["has a new token, after another answer", [OTHER], true, true],
];

for (const [what, outcomes, hasNewToken, isTried] of ROWS) {
  Deno.test(`choiceFor() counts a key that ${what} as ${isTried ? "tried" : "not tried"}`, () => {
    const view: ChoiceView = {
      ownerOf: () => "a.json",
      renewals: { renewing: () => [], hasNewToken: () => hasNewToken },
    };
    const context = {
      session: undefined,
      stateIds: ["id"],
      model: undefined,
      mainOnly: false,
      withoutKeys: new Set<string>(),
    };
    const attempts = outcomes.map((outcome) => ({ key: A, outcome }));
    const { tried, owner } = choiceFor(view, context, attempts, { pinned: undefined, nowMs: T0 });
    assert.equal(tried.has("a.json"), isTried);
    const isDenied = outcomes.includes(OTHER) || (outcomes.includes(REJECTED) && isTried);
    assert.equal(owner, isDenied ? undefined : "a.json");
  });
}
