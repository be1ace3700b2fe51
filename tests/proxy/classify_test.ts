import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import { classify } from "../../src/proxy/classify.ts";
import { T0 } from "../support/builders.ts";

const quota = '{"error":{"type":"usage_limit_reached","plan_type":"plus","resets_in_seconds":60}}';
const html = { "content-type": "text/html; charset=UTF-8" };

/** `[what, status, headers, body, outcome]` */
const ANSWERS: [string, number, Record<string, string>, string, Outcome][] = [
  ["200", 200, {}, "", { kind: "ok" }],
  ["a redirect", 307, {}, "", { kind: "ok" }],
  ["400", 400, {}, '{"error":{"code":"context_length_exceeded"}}', { kind: "client_error" }],
  ["404", 404, {}, "", { kind: "client_error" }],
  ["402", 402, {}, "", { kind: "client_error" }],
  ["500", 500, {}, "", { kind: "origin_failed", code: "http_500" }],
  ["529", 529, {}, "", { kind: "origin_failed", code: "http_529" }],
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
    code: "blocked_by_cdn",
  }],
  ["429", 429, {}, "slow down", { kind: "rate_limited", code: "http_429" }],
  ["429 of a quota", 429, {}, quota, {
    kind: "rate_limited",
    code: "usage_limit_reached",
    untilMs: T0 + 60_000,
  }],
  ["429 with Retry-After", 429, { "retry-after": "2" }, "{}", {
    kind: "rate_limited",
    code: "http_429",
    untilMs: T0 + 2000,
  }],
];

for (const [what, status, headers, bodyText, expected] of ANSWERS) {
  Deno.test(`classify() takes ${what} as ${expected.kind}`, () => {
    assert.deepEqual(classify({ status, headers: new Headers(headers), bodyText }, T0), expected);
  });
}
