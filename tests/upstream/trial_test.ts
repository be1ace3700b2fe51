import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import { readTrial, trialVerdict } from "../../src/upstream/trial.ts";
import { aRecord, aUsage, LIMITED, OK, REJECTED, SECOND, T0 } from "../support/builders.ts";

const usagePage = (limit: Record<string, unknown>) => JSON.stringify({ rate_limit: limit });
const FULL = {
  limit_reached: true,
  primary_window: { used_percent: 100, limit_window_seconds: 18_000, reset_at: T0 / SECOND + 60 },
};
const LIMIT_STANDS = {
  kind: "rate_limited",
  code: "usage_limit_reached",
  scope: "key",
  isMoment: false,
  untilMs: undefined,
} as const;

/** `[what, status, text, outcome on the ChatGPT backend, what it says of the usage there]` */
const ANSWERS: [string, number, string, Outcome, boolean | undefined][] = [
  ["a usage page with room", 200, usagePage({ allowed: true, limit_reached: false }), OK, true],
  [
    "a full usage page",
    200,
    usagePage(FULL),
    { ...LIMIT_STANDS, isMoment: true, untilMs: T0 + 60 * SECOND },
    false,
  ],
  ["a full usage page without a reset", 200, usagePage({ limit_reached: true }), LIMIT_STANDS, false],
  [
    "a full usage page with credits",
    200,
    JSON.stringify({ rate_limit: FULL, credits: { has_credits: true, unlimited: false, balance: "3" } }),
    OK,
    false,
  ],
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

/** `[what, status, text]`: each of them proves nothing about model calls. */
const PROVE_NOTHING: [string, number, string][] = [
  ["a nameless 401", 401, ""],
  ["a 401 in plain text", 401, "Unauthorized"],
  ["a 401 with FastAPI's detail", 401, '{"detail":"Unauthorized"}'],
  ["missing scopes", 403, '{"error":{"message":"Missing scopes: api.model.read"}}'],
  ["a nameless 403", 403, "{}"],
  ["a page of the CDN", 403, "<!DOCTYPE html>"],
  ["a foreign organization", 401, '{"error":{"code":"mismatched_organization"}}'],
  ["a page that is asked too often", 429, "{}"],
  ["a failing backend", 503, ""],
];

for (const [what, status, text] of PROVE_NOTHING) {
  Deno.test(`trialVerdict() applies nothing for ${what}`, () => {
    const finding = readTrial({ status, headers: new Headers(), text }, true, T0);
    const lease = { record: aRecord("a"), startedMs: T0 };
    assert.equal(trialVerdict({ lease, waitsForQuota: false }, finding), undefined);
  });
}

Deno.test("trialVerdict() applies to a key that waits for its quota only that its token is rejected", () => {
  const lease = { record: aRecord("a"), startedMs: T0 };
  const findings = [
    { outcome: OK, usage: undefined },
    { outcome: LIMITED, usage: aUsage({ allowed: false }) },
    { outcome: REJECTED, usage: undefined },
  ];
  const verdicts = (waitsForQuota: boolean) =>
    findings.map((finding) => trialVerdict({ lease, waitsForQuota }, finding));
  assert.deepEqual(verdicts(false), [OK, LIMITED, REJECTED]);
  assert.deepEqual(verdicts(true), [undefined, undefined, REJECTED]);
});
