import assert from "node:assert/strict";
import { accountName, generationMs, loginId } from "../../src/credentials/login_id.ts";
import { Secret } from "../../src/values/secret.ts";
import { jwt } from "../support/jwt.ts";

const AUTH = "https://api.openai.com/auth";

function aToken({ account = "acct", user = "user", session = "s1", iat = 100, exp = 200 } = {}) {
  const claims = {
    [AUTH]: { chatgpt_account_id: account, chatgpt_user_id: user },
    session_id: session,
    iat,
    exp,
  };
  return { token: new Secret(jwt(claims)), accountId: account };
}

Deno.test("a renewal does not change the name of a login; another account, user or session does", () => {
  const id = loginId(aToken());
  assert.match(id!, /^[0-9a-f]{32}$/);
  assert.equal(loginId(aToken({ iat: 150, exp: 300 })), id);
  assert.equal(loginId({ ...aToken(), accountId: undefined }), id, "the token names the account as well");
  for (const other of [{ account: "b" }, { user: "b" }, { session: "b" }]) {
    assert.notEqual(loginId(aToken(other)), id);
  }
});

Deno.test("all logins of a user have the account's name in common, and no other user or account has it", () => {
  const name = accountName(aToken());
  assert.match(name!, /^[0-9a-f]{32}$/);
  assert.notEqual(name, loginId(aToken()));
  assert.equal(accountName(aToken({ session: "s2", iat: 150 })), name);
  for (const other of [{ account: "b" }, { user: "b" }]) assert.notEqual(accountName(aToken(other)), name);
});

Deno.test("a token that does not say whose it is has no name, and is of no generation", () => {
  const key = { token: new Secret("sk-1"), accountId: undefined };
  assert.deepEqual([loginId(key), accountName(key), generationMs(key)], [undefined, undefined, 0]);
});

Deno.test("a token given out later is of a newer generation", () => {
  assert.equal(generationMs(aToken({ iat: 100 })), 100_000);
  assert.ok(generationMs(aToken({ iat: 101, exp: 150 })) > generationMs(aToken({ iat: 100, exp: 900 })));
});
