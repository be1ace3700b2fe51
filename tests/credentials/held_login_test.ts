import assert from "node:assert/strict";
import { heldLogin, isNewer, isSameLine, isSameUser } from "../../src/credentials/held_login.ts";
import { T0 } from "../support/builders.ts";
import { jwt } from "../support/jwt.ts";
import { accessToken, aLogin, loginFile } from "../support/logins.ts";

Deno.test("heldLogin() reads a file of Codex", () => {
  const login = heldLogin(loginFile({
    moreTokens: {
      oauth_provenance: { issuer: "https://a.example/", client_id: "app_x" },
      login_owner_id: "o",
    },
  }))!;
  assert.equal(login.place, "tokens");
  assert.equal(login.refreshToken?.reveal(), "rt_1");
  assert.deepEqual(login.line, {
    accountId: "acct-1",
    userId: "user-1",
    email: "ann@example.com",
    sessionId: "session-1",
  });
  assert.equal(login.issuedAtMs, T0 - 3_600_000);
  assert.equal(login.expiresAtMs, T0 + 9 * 3_600_000);
  assert.deepEqual([login.issuer, login.clientId, login.isOurs], ["https://a.example", "app_x", false]);
});

Deno.test("heldLogin() reads a flat file", () => {
  const token = accessToken({});
  const login = heldLogin(
    JSON.stringify({ type: "codex", access_token: token, refresh_token: "rt", email: "A@x.de" }),
  )!;
  assert.deepEqual([login.place, login.refreshToken?.reveal(), login.line.email], ["top", "rt", "a@x.de"]);
});

/** `[what, text]` */
const NONE: readonly [string, string][] = [
  ["no JSON", "{"],
  ["a list", "[]"],
  ["an API key", '{"auth_mode":"apikey","OPENAI_API_KEY":"sk-1"}'],
  ["an empty access token", '{"tokens":{"access_token":" ","refresh_token":"rt"}}'],
  ["only a refresh token", '{"refresh_token":"rt"}'],
];

for (const [what, text] of NONE) {
  Deno.test(`heldLogin() finds no login in ${what}`, () => assert.equal(heldLogin(text), undefined));
}

Deno.test("heldLogin() takes an empty refresh token for none: sending it would be an error", () => {
  assert.equal(heldLogin(loginFile({ refreshToken: "" }))!.refreshToken, undefined);
});

Deno.test("heldLogin() knows a login of cdx2 by what Codex's own have besides", () => {
  const oauth_provenance = { issuer: "https://a.example", client_id: "app_x" };
  assert.equal(aLogin({ moreTokens: { oauth_provenance } }).isOurs, true);
  assert.equal(aLogin({ moreTokens: { oauth_provenance, login_owner_id: "o" } }).isOurs, false);
  assert.equal(aLogin().isOurs, false);
});

const OURS = { oauth_provenance: { issuer: "https://a.example", client_id: "app_x" } };

/** `[what, one, other, are they one line?]` */
const LINES: readonly [string, Parameters<typeof aLogin>[0], Parameters<typeof aLogin>[0], boolean][] = [
  ["two generations of a login", { refreshToken: "rt_1" }, { refreshToken: "rt_2", issuedAtMs: T0 }, true],
  ["one refresh token, whatever else", { account: "x" }, { account: "y", user: "z" }, true],
  ["two logins of one user", { refreshToken: "rt_2", session: "session-2" }, {}, false],
  ["two users of a workspace", { refreshToken: "rt_2", user: "user-2" }, {}, false],
  ["one user in two workspaces", { refreshToken: "rt_2", account: "acct-2" }, {}, false],
  ["logins that name no session", { refreshToken: "rt_2", session: null }, { session: null }, true],
  ["a login that names no session, and one that does", { refreshToken: "rt_2", session: null }, {}, true],
  [
    "logins that name no session, one of which is ours",
    { refreshToken: "rt_2", session: null, moreTokens: OURS },
    { session: null },
    false,
  ],
];

for (const [what, one, other, expected] of LINES) {
  Deno.test(`isSameLine() is ${expected} for ${what}`, () => {
    assert.equal(isSameLine(aLogin(one), aLogin(other)), expected);
    assert.equal(isSameLine(aLogin(other), aLogin(one)), expected);
  });
}

Deno.test("isSameUser() does not tell users apart where the tokens say too little", () => {
  const line = { accountId: "a", userId: undefined, email: undefined, sessionId: undefined };
  assert.equal(isSameUser(line, { ...line, userId: "u", email: "e" }), true);
  assert.equal(isSameUser({ ...line, email: "e" }, { ...line, email: "f" }), false);
  assert.equal(isSameUser({ ...line, accountId: undefined }, { ...line, accountId: undefined }), false);
});

Deno.test("isNewer() compares when tokens were given out, else when they expire", () => {
  assert.equal(isNewer(aLogin({ issuedAtMs: T0 }), aLogin()), true);
  assert.equal(isNewer(aLogin(), aLogin({ issuedAtMs: T0 })), false);
  assert.equal(isNewer(aLogin(), aLogin()), false);
  const bare = (exp: number) => heldLogin(JSON.stringify({ access_token: jwt({ exp }) }))!;
  assert.equal(isNewer(bare(2), bare(1)), true);
});
