import assert from "node:assert/strict";
import { sharedText } from "../../src/cli/shared_text.ts";
import { aShared } from "../support/shared.ts";

Deno.test("sharedText() says how a shared pool is doing in one line", () => {
  assert.match(sharedText(aShared()), /^rediss:\/\/build:6379 up, 2 members, a change takes /);
  assert.equal(sharedText(aShared({ lag_ms: null, members: [] })), "rediss://build:6379 up, 0 members");
  assert.equal(sharedText(aShared({ state: "connecting" })), "rediss://build:6379 connecting");
});

Deno.test("sharedText() says why a pool is degraded, and that nothing stops", () => {
  const degraded = aShared({ state: "degraded", reason: "no answer within 1s" });
  assert.match(
    sharedText(degraded),
    /degraded since 2027.* \(no answer within 1s\): this proxy acts alone$/,
  );
  assert.match(sharedText({ ...degraded, pending: 12 }), /acts alone, 12 changes to tell$/);
});
