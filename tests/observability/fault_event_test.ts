import assert from "node:assert/strict";
import { faultEvent } from "../../src/observability/fault_event.ts";
import { T0 } from "../support/builders.ts";

Deno.test("faultEvent() tells the class and the message of an error, and the request that it was in", () => {
  const fields = { request_id: "req_1", method: "POST", path: "/v1/responses" };
  assert.deepEqual(faultEvent(new TypeError("x is not a function"), T0, fields), {
    atMs: T0,
    level: "error",
    event: "proxy.error",
    message: "unexpected: TypeError: x is not a function",
    fields,
  });
});

Deno.test("faultEvent() tells whatever else was thrown as a text", () => {
  const { message, fields } = faultEvent("broken", T0);
  assert.deepEqual([message, fields], ["unexpected: broken", {}]);
});
