import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import { classify, classifyFailure, isRefusal } from "../../src/upstream/classify.ts";
import { errorDetails } from "../../src/upstream/error_details.ts";
import { T0 } from "../support/builders.ts";

const quota = '{"error":{"type":"usage_limit_reached","plan_type":"plus","resets_in_seconds":60}}';
const MODEL_CALL = { isModelCall: true, namesAccountState: false };
const html = { "content-type": "text/html; charset=UTF-8" };

/** `[what, status, headers, body, outcome]` */
const ANSWERS: [string, number, Record<string, string>, string, Outcome][] = [
  ["200", 200, {}, "", { kind: "ok" }],
  ["a redirect", 307, {}, "", { kind: "ok" }],
  ["400", 400, {}, '{"error":{"code":"context_length_exceeded"}}', {
    kind: "client_error",
    code: "context_length_exceeded",
  }],
  ["404", 404, {}, "", { kind: "client_error", code: undefined }],
  ["402", 402, {}, "", { kind: "auth_rejected", code: "http_402" }],
  ["500", 500, {}, "", { kind: "origin_failed", code: "http_500" }],
  ["529", 529, {}, "", { kind: "overloaded", code: "http_529" }],
  ["401", 401, {}, "", { kind: "auth_rejected", code: "http_401" }],
  ["401 with a code", 401, {}, '{"error":{"code":"token_revoked","type":"x"}}', {
    kind: "auth_rejected",
    code: "token_revoked",
  }],
  ["401 with an error that is one word", 401, {}, '{"error":"invalid_token"}', {
    kind: "auth_rejected",
    code: "invalid_token",
  }],
  ["401 whose code is prose", 401, {}, '{"error":{"code":"Your token sk-123 is bad"}}', {
    kind: "auth_rejected",
    code: "http_401",
  }],
  ["401 that gives the token back", 401, {}, '{"error":{"code":"sk-a1b2c3","type":"eyJhbGciOi.J9.x"}}', {
    kind: "auth_rejected",
    code: "http_401",
  }],
  ["403", 403, {}, '{"error":{"code":"account_deactivated"}}', {
    kind: "auth_rejected",
    code: "account_deactivated",
  }],
  ["403 of a challenge page", 403, html, "<!DOCTYPE html>", {
    kind: "origin_failed",
    code: "blocked_by_cdn",
  }],
  ["403 of a page without a type", 403, {}, "  <html>", { kind: "origin_failed", code: "blocked_by_cdn" }],
  ["403 with cf-mitigated", 403, { "cf-mitigated": "challenge" }, "{}", {
    kind: "origin_failed",
    code: "blocked_by_cdn",
  }],
  ["403 for a region", 403, {}, '{"error":{"code":"unsupported_country_region_territory"}}', {
    kind: "origin_failed",
    code: "unsupported_country_region_territory",
  }],
  ["429 of a page", 429, html, "<title>Error 1015</title>", {
    kind: "origin_failed",
    code: "blocked_by_cdn",
  }],
  ["400 for a model", 400, {}, `{"detail":"The 'gpt-6' model is not supported"}`, {
    kind: "model_refused",
    code: "model_not_supported",
  }],
  ["400 for foreign encryption", 400, {}, '{"error":{"code":"invalid_encrypted_content"}}', {
    kind: "other_account",
    code: "invalid_encrypted_content",
  }],
  ["503 of an overload", 503, {}, '{"error":{"code":"server_is_overloaded"}}', {
    kind: "overloaded",
    code: "server_is_overloaded",
  }],
  ["429", 429, {}, "slow down", {
    kind: "rate_limited",
    code: "http_429",
    scope: "key",
    isMoment: false,
    untilMs: undefined,
  }],
  ["429 of a quota", 429, {}, quota, {
    kind: "rate_limited",
    code: "usage_limit_reached",
    scope: "key",
    isMoment: false,
    untilMs: T0 + 60_000,
  }],
  ["429 with Retry-After", 429, { "retry-after": "2" }, "{}", {
    kind: "rate_limited",
    code: "http_429",
    scope: "key",
    isMoment: false,
    untilMs: T0 + 2000,
  }],
];

for (const [what, status, headers, bodyText, expected] of ANSWERS) {
  Deno.test(`classify() takes ${what} as ${expected.kind}`, () => {
    assert.deepEqual(classify({ status, headers: new Headers(headers), bodyText }, MODEL_CALL, T0), expected);
  });
}

Deno.test("isRefusal() is true of the statuses whose body says more, and of no others", () => {
  const refusals = Array.from({ length: 500 }, (_, at) => 100 + at).filter(isRefusal);
  assert.deepEqual(refusals, [...Array.from({ length: 100 }, (_, at) => 400 + at), 503, 529]);
});

/** `[what, event, outcome]` */
const FAILURES: [string, unknown, Outcome][] = [
  ["a quota", { response: { error: { code: "usage_limit_reached", resets_in_seconds: 60 } } }, {
    kind: "rate_limited",
    code: "usage_limit_reached",
    scope: "key",
    isMoment: false,
    untilMs: T0 + 60_000,
  }],
  ["a spent budget", { response: { error: { code: "insufficient_quota" } } }, {
    kind: "rate_limited",
    code: "insufficient_quota",
    scope: "key",
    isMoment: false,
    untilMs: undefined,
  }],
  ["a burst", { response: { error: { code: "rate_limit_exceeded", message: "try again in 2s" } } }, {
    kind: "rate_limited",
    code: "rate_limit_exceeded",
    scope: "key",
    isMoment: false,
    untilMs: T0 + 2000,
  }],
  ["a dead token", { type: "error", error: { code: "token_expired" } }, {
    kind: "auth_rejected",
    code: "token_expired",
  }],
  ["an overload", { type: "error", code: "server_is_overloaded" }, {
    kind: "overloaded",
    code: "server_is_overloaded",
  }],
  ["a request that is too long", { response: { error: { code: "context_length_exceeded" } } }, {
    kind: "client_error",
    code: "context_length_exceeded",
  }],
  ["an event that cannot be read", undefined, { kind: "origin_failed", code: "response_failed" }],
];

Deno.test("classify() believes a quota's own time before a short Retry-After", () => {
  const head = { status: 429, headers: new Headers({ "retry-after": "2" }), bodyText: quota };
  const outcome = classify(head, MODEL_CALL, T0);
  assert.equal(outcome.kind === "rate_limited" && outcome.untilMs, T0 + 60_000);
});

Deno.test("classify() takes a nameless 401 outside of model calls as the request's fault", () => {
  const head = { status: 401, headers: new Headers(), bodyText: "" };
  const outcome = classify(head, { isModelCall: false, namesAccountState: false }, T0);
  assert.deepEqual(outcome, { kind: "client_error", code: undefined });
});

for (const [what, event, expected] of FAILURES) {
  Deno.test(`classifyFailure() takes ${what} as ${expected.kind}`, () => {
    assert.deepEqual(
      classifyFailure(errorDetails(event), { headers: new Headers(), asked: MODEL_CALL }, T0),
      expected,
    );
  });
}
