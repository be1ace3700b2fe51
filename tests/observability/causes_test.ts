import assert from "node:assert/strict";
import { causeOf } from "../../src/observability/causes.ts";

Deno.test("causeOf() puts a code into words, with what can be done", () => {
  const { says, fix } = causeOf("token_revoked");
  assert.equal(says, "its token was revoked");
  assert.match(fix ?? "", /cdx2 auth login --replace KEY/);
});

Deno.test("causeOf() has nothing to do where time alone helps", () => {
  for (const code of ["usage_limit_reached", "http_429", "rate_limited_persistent"]) {
    assert.equal(causeOf(code).fix, undefined, code);
  }
});

Deno.test("causeOf() shows a code that it does not know as it is", () => {
  assert.deepEqual(causeOf("quux_error"), { says: "quux_error" });
});
