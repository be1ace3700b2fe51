import assert from "node:assert/strict";
import { readAccount } from "../../../src/cli/doctor/account.ts";
import type { Fields } from "../../../src/values/json.ts";
import { anAccount, anEjectedEntry, isoIn, NOW_MS } from "../../support/doctor_facts.ts";

Deno.test("readAccount() reads what /health tells of a key", () => {
  const account = readAccount(anEjectedEntry());
  const { state, cause, untilMs, nextTrialMs, evidence } = account;
  assert.deepEqual({ state, cause, untilMs, nextTrialMs, evidence }, {
    state: "blacklist",
    cause: "token_revoked",
    untilMs: NOW_MS + 660_000,
    nextTrialMs: NOW_MS + 660_000,
    evidence: { status: 401, code: "token_revoked", requestId: "req_1", atMs: NOW_MS - 240_000 },
  });
});

Deno.test("readAccount() does with an entry that has nothing, or nonsense, in it", () => {
  const odd = {
    file: "a.json",
    evidence: [],
    until: "soon",
    used: "many",
    usage: { windows: [null, 7, {}] },
  };
  for (const fields of [{ file: "a.json" }, odd] as Fields[]) {
    const { file, evidence, untilMs, used, windows } = readAccount(fields);
    assert.deepEqual([file, evidence, untilMs, used, windows], ["a.json", undefined, undefined, 0, []]);
  }
});

Deno.test("readAccount() calls OK whitelist, and every other state as /health does", () => {
  for (
    const [status, state] of [["OK", "whitelist"], ["COOLDOWN", "cooldown"], ["PROBATION", "probation"], [
      "NEW",
      "new",
    ]]
  ) {
    assert.equal(readAccount({ file: "a", status: status! }).state, state);
  }
});

Deno.test("readAccount() takes the cause of a strike that is left from its evidence", () => {
  const evidence = { status: 429, code: "http_429", request_id: "req_2", at: isoIn(-5) };
  assert.equal(anAccount({ rate_limit_strikes: 1, evidence }).cause, "http_429");
});
