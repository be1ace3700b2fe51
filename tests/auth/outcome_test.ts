import assert from "node:assert/strict";
import {
  isOutcomeKind,
  isQuotaCode,
  meaningOf,
  type Outcome,
  OUTCOME_MEANINGS,
} from "../../src/auth/outcome.ts";
import { LIMITED, OK, REJECTED } from "../support/builders.ts";

Deno.test("isQuotaCode() tells a quota from a burst", () => {
  const codes = [
    "usage_limit_reached",
    "usage_not_included",
    "insufficient_quota",
    "rate_limit_exceeded",
    "http_429",
  ];
  assert.deepEqual(codes.map(isQuotaCode), [true, true, true, false, false]);
});

const OVERLOADED: Outcome = { kind: "overloaded", code: "server_is_overloaded" };
const FAILED: Outcome = { kind: "origin_failed", code: "no_answer" };

Deno.test("meaningOf() says that another key may do better after what is about the key, and after an overload", () => {
  const kinds = [OK, REJECTED, LIMITED, OVERLOADED, FAILED].map((outcome) =>
    meaningOf(outcome).isWorthAnotherKey
  );
  assert.deepEqual(kinds, [false, true, true, true, false]);
});

Deno.test("OUTCOME_MEANINGS count only what the upstream did as an error of the key", () => {
  const errors = Object.entries(OUTCOME_MEANINGS).filter(([, { isError }]) => isError).map(([kind]) => kind);
  assert.deepEqual(errors.sort(), ["auth_rejected", "origin_failed", "overloaded", "rate_limited"]);
});

Deno.test("OUTCOME_MEANINGS say which outcomes stay with the key in a replay", () => {
  const about = Object.entries(OUTCOME_MEANINGS).filter(([, { isAboutTheKey }]) => isAboutTheKey);
  assert.deepEqual(about.map(([kind]) => kind).sort(), ["auth_rejected", "ok", "rate_limited"]);
});

Deno.test("isOutcomeKind() knows the names of outcomes and nothing that every object has", () => {
  assert.ok(Object.keys(OUTCOME_MEANINGS).every(isOutcomeKind));
  for (const other of ["toString", "gone", "", undefined, 1]) assert.ok(!isOutcomeKind(other), String(other));
});
