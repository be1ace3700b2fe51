import assert from "node:assert/strict";
import * as z from "zod/mini";
import { received } from "../../src/api/received.ts";
import { renewals } from "../../src/api/renewals.ts";

Deno.test("renewals read an outcome that this version does not know, and refuse what is none", () => {
  const entry = {
    file: "work.json",
    outcome: "put_off",
    message: "work.json is put off",
    token_expires_at: null,
    next_try_at: null,
    login_needed: false,
  };
  assert.deepEqual(received(renewals, { keys: [entry, {}] }), { keys: [entry] });
  assert.equal(z.safeParse(renewals.schema(z), { keys: [entry] }).success, false);
});
