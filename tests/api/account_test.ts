import assert from "node:assert/strict";
import { msOf } from "../../src/values/iso_time.ts";
import { causeCode, stateOf } from "../../src/api/account.ts";
import { anAccount, anEjectedAccount, isoIn, NOW_MS } from "../support/doctor_facts.ts";

Deno.test("an ejected key says its state, its cause and its times", () => {
  const account = anEjectedAccount();
  assert.deepEqual(
    [stateOf(account), causeCode(account), msOf(account.until), msOf(account.next_trial_at)],
    ["blacklist", "token_revoked", NOW_MS + 660_000, NOW_MS + 660_000],
  );
});

for (
  const [status, state] of [["OK", "whitelist"], ["COOLDOWN", "cooldown"], ["PROBATION", "probation"], [
    "NEW",
    "new",
  ]] as const
) {
  Deno.test(`stateOf() of ${status} is ${state}`, () => {
    assert.equal(stateOf(anAccount({ status })), state);
  });
}

Deno.test("causeCode() takes the cause of a strike that is left from its evidence", () => {
  const evidence = { status: 429, code: "http_429", request_id: "req_2", at: isoIn(-5) };
  assert.equal(causeCode(anAccount({ rate_limit_strikes: 1, evidence })), "http_429");
  assert.equal(causeCode(anAccount()), undefined);
});
