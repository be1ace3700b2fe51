import assert from "node:assert/strict";
import {
  aroundIn,
  codexFile,
  fieldsOf,
  hasLogin,
  NOTHING_AROUND,
} from "../../src/credentials/login_fields.ts";

for (
  const [login, access, refresh] of [
    [{ access_token: "a", refresh_token: "r" }, "a", "r"],
    [{ accessToken: "a", refreshToken: "r" }, "a", "r"],
    [{ access: " a ", refresh: "r" }, "a", "r"],
    [{ access_token: "", accessToken: "a", refresh_token: null }, "a", undefined],
    [{ access_token: 7 }, undefined, undefined],
  ] as const
) {
  Deno.test(`fieldsOf() reads ${JSON.stringify(login)}`, () => {
    const fields = fieldsOf(login, NOTHING_AROUND);
    assert.deepEqual([fields.access, fields.refresh], [access, refresh]);
  });
}

Deno.test("fieldsOf() takes from around what the login does not say", () => {
  const around = { label: "x", email: "out@example.com", accountId: "outer", isDisabled: true };
  const { email, accountId, isDisabled } = fieldsOf({ accountId: "inner" }, around);
  assert.deepEqual([email, accountId, isDisabled], ["out@example.com", "inner", true]);
  assert.equal(fieldsOf({ enabled: false }, NOTHING_AROUND).isDisabled, true);
  assert.equal(aroundIn({ name: "work", email: "a@example.com" }, NOTHING_AROUND).label, "work");
});

Deno.test("hasLogin() wants something to log in with", () => {
  for (const login of [{ key: "sk" }, { refreshToken: "r" }, { access: "a" }]) assert.ok(hasLogin(login));
  for (const other of [{}, { email: "a" }, null, [], "text"]) assert.ok(!hasLogin(other));
});

Deno.test("codexFile() writes each kind of login as Codex does", () => {
  const fields = fieldsOf({}, NOTHING_AROUND);
  const tokens = { id_token: "", access_token: "a", refresh_token: "r", account_id: "acct" };
  assert.deepEqual(codexFile({ ...fields, access: "a", refresh: "r", accountId: "acct" }), {
    auth_mode: "chatgpt",
    OPENAI_API_KEY: null,
    tokens,
  });
  assert.deepEqual(codexFile({ ...fields, apiKey: "sk-1" }), { auth_mode: "apikey", OPENAI_API_KEY: "sk-1" });
  assert.deepEqual(codexFile({ ...fields, access: "at-1", accountId: "acct" }), {
    OPENAI_API_KEY: null,
    personal_access_token: "at-1",
    account_id: "acct",
  });
});
