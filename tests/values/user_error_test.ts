import assert from "node:assert/strict";
import { failureOf, UserError } from "../../src/values/user_error.ts";

Deno.test("UserError has exit code 1 and no hint by default", () => {
  const plain = new UserError("Cannot start");
  assert.deepEqual([plain.message, plain.hint, plain.exitCode], ["Cannot start", undefined, 1]);
  const told = new UserError("Bad port", { hint: "pass --port", exitCode: 2 });
  assert.deepEqual([told.hint, told.exitCode], ["pass --port", 2]);
});

Deno.test("failureOf() is the message of an error, with the hint where there is one", () => {
  assert.deepEqual(failureOf(new UserError("Bad port", { hint: "pass --port" })), {
    message: "Bad port",
    fields: { hint: "pass --port" },
  });
  assert.deepEqual(failureOf("odd"), { message: "odd", fields: {} });
});
