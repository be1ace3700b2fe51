import assert from "node:assert/strict";
import { UserError } from "../../src/values/user_error.ts";

Deno.test("UserError exits with 1 and has no hint unless told", () => {
  const plain = new UserError("Cannot start");
  assert.deepEqual([plain.message, plain.hint, plain.exitCode], ["Cannot start", undefined, 1]);
  const told = new UserError("Bad port", { hint: "pass --port", exitCode: 2 });
  assert.deepEqual([told.hint, told.exitCode], ["pass --port", 2]);
});
