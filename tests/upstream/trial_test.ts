import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import { readTrial, trialVerdict } from "../../src/upstream/trial.ts";
import { aRecord, LIMITED, OK, REJECTED, SECOND, T0 } from "../support/builders.ts";

const usagePage = (limit: Record<string, unknown>) => JSON.stringify({ rate_limit: limit });
const FULL = {
  limit_reached: true,
  primary_window: { used_percent: 100, limit_window_seconds: 18_000, reset_at: T0 / SECOND + 60 },
};
const LIMIT_STANDS = { kind: "rate_limited", code: "usage_limit_reached", scope: "key" } as const;

/** `[what, status, text, outcome on the ChatGPT backend, what it says of the usage there]` */
const ANSWERS: [string, number, string, Outcome, boolean | undefined][] = [
  ["a usage page with room", 200, usagePage({ allowed: true, limit_reached: false }), OK, true],
  ["a full usage page", 200, usagePage(FULL), { ...LIMIT_STANDS, untilMs: T0 + 60 * SECOND }, false],
  ["a full usage page without a reset", 200, usagePage({ limit_reached: true }), LIMIT_STANDS, false],
  ["a page of another kind", 200, "<html>", OK, undefined],
  ["a backend without the page", 404, "", OK, undefined],
  ["a backend that wants another method", 405, "", OK, undefined],
  ["a rejected token", 401, '{"error":{"code":"token_revoked"}}', {
    kind: "auth_rejected",
    code: "token_revoked",
  }, undefined],
  ["a failing backend", 503, "", { kind: "origin_failed", code: "http_503" }, undefined],
];

for (const [what, status, text, outcome, isAllowed] of ANSWERS) {
  Deno.test(`readTrial() reads ${what}`, () => {
    const finding = readTrial({ status, headers: new Headers(), text }, true, T0);
    assert.deepEqual([finding.outcome, finding.usage?.allowed], [outcome, isAllowed]);
  });
}

Deno.test("readTrial() looks for no usage in an OpenAI API's list of models", () => {
  const finding = readTrial({ status: 200, headers: new Headers(), text: usagePage(FULL) }, false, T0);
  assert.deepEqual(finding, { outcome: OK, usage: undefined });
});

Deno.test("trialVerdict() applies to a key that waits for its quota only that its token is rejected", () => {
  const lease = { record: aRecord("a"), startedMs: T0 };
  const outcomes = [OK, LIMITED, REJECTED];
  const verdicts = (waitsForQuota: boolean) =>
    outcomes.map((outcome) => trialVerdict({ lease, waitsForQuota }, outcome));
  assert.deepEqual(verdicts(false), outcomes);
  assert.deepEqual(verdicts(true), [undefined, undefined, REJECTED]);
});
