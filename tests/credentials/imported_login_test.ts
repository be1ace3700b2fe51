import assert from "node:assert/strict";
import { hasRefreshToken, importedText, withOwner } from "../../src/credentials/imported_login.ts";
import { Secret } from "../../src/values/secret.ts";
import { codexLogin } from "../support/login.ts";
import { loginFile } from "../support/logins.ts";

const AS_IT_IS = { isBorrowed: false, isMoved: false, upstream: undefined };
const LOGIN = codexLogin({ refreshToken: "rt_1" });

function imported(text: string, as: Partial<typeof AS_IT_IS> | { upstream: string }): string {
  return importedText(new Secret(text), { ...AS_IT_IS, ...as }).reveal();
}

Deno.test("importedText() changes nothing unless it is told to", () => {
  assert.equal(imported(LOGIN, {}), LOGIN);
  assert.equal(imported(LOGIN, { isMoved: true }), LOGIN);
});

Deno.test("importedText() leaves the refresh token out of a borrowed login, and nothing else", () => {
  assert.equal(imported(LOGIN, { isBorrowed: true }), LOGIN.replace("rt_1", ""));
  const flat = '{"access_token":"a","refresh_token":"rt_1","more":[1]}';
  assert.equal(imported(flat, { isBorrowed: true }), flat.replace("rt_1", ""));
  const both = '{"refresh_token":"rt_1","tokens":{"access_token":"a","refreshToken":"rt_2"}}';
  assert.doesNotMatch(imported(both, { isBorrowed: true }), /rt_/);
  const twice = '{"tokens":{"access_token":"a","refresh_token":"rt_1","refresh_token":"rt_2"}}';
  assert.doesNotMatch(imported(twice, { isBorrowed: true }), /rt_2/);
});

Deno.test("importedText() frees a login that is taken over from the process of Codex that owned it", () => {
  const owned = loginFile({ moreTokens: { login_owner_id: "x", oauth_provenance: { issuer: "i" } } });
  const { tokens } = JSON.parse(imported(owned, { isMoved: true }));
  assert.deepEqual([tokens.login_owner_id, tokens.oauth_provenance], [undefined, { issuer: "i" }]);
  assert.match(imported(owned, {}), /login_owner_id/);
});

Deno.test("importedText() writes the key's own upstream into its file", () => {
  assert.equal(
    JSON.parse(imported(LOGIN, { upstream: "https://api.example/v1" })).upstream,
    "https://api.example/v1",
  );
});

Deno.test("hasRefreshToken() looks in both places", () => {
  assert.ok(hasRefreshToken(new Secret(LOGIN)));
  assert.ok(hasRefreshToken(new Secret('{"refresh_token":"rt"}')));
  for (const text of ["{}", '{"refresh_token":""}', '{"tokens":{"refresh_token":null}}', "x"]) {
    assert.ok(!hasRefreshToken(new Secret(text)), text);
  }
});

Deno.test("withOwner() adds the account and the e-mail", () => {
  const text = withOwner(new Secret('{"personal_access_token":"at-1"}'), {
    accountId: "acct",
    email: "a@example.com",
  });
  assert.deepEqual(JSON.parse(text.reveal()), {
    personal_access_token: "at-1",
    account_id: "acct",
    email: "a@example.com",
  });
});
