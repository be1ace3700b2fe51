import assert from "node:assert/strict";
import { isQuotaCode } from "../../src/auth/outcome.ts";

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
