// Each reason for which a refresh token is not sent is a row: sending one of these ends a login.

import assert from "node:assert/strict";
import { parseAuthFile } from "../../src/auth/record.ts";
import { heldLogin } from "../../src/credentials/held_login.ts";
import { newMark, type RenewalMark } from "../../src/credentials/renewal_mark.ts";
import { type RenewalFacts, type RenewalKey, renewerOf } from "../../src/credentials/renewable.ts";
import { T0 } from "../support/builders.ts";
import { accessToken, aLogin, loginFile, type LoginOptions } from "../support/logins.ts";

const ISSUER = "https://auth.openai.com";

function aKey(text: string, over: Partial<RenewalKey> = {}, file = "work.json"): RenewalKey {
  const parsed = parseAuthFile(file, text);
  assert.ok(parsed.kind === "key", JSON.stringify(parsed));
  const { record } = parsed;
  return {
    record,
    path: `/keys/${file}`,
    login: heldLogin(text),
    links: 1,
    mark: undefined,
    successor: undefined,
    home: { kind: "free" },
    ...over,
  };
}

function aMark(state: RenewalMark["state"], over: Partial<RenewalMark> = {}): RenewalMark {
  return { ...newMark("/keys/work.json", T0), state, ...over };
}

function codexWith(options: LoginOptions, path = "/home/ann/.codex/auth.json"): RenewalFacts["codex"] {
  return { path, login: aLogin(options) };
}

/** What the renewer of `key` is, as text. */
function renewerText(key: RenewalKey, over: Partial<RenewalFacts> = {}): string {
  const renewer = renewerOf(key, { isOn: true, issuer: ISSUER, codex: undefined, keys: [key], ...over });
  return renewer.by === "nobody" ? `${renewer.reason}${renewer.needsLogin ? " (log in)" : ""}` : renewer.by;
}

/** `[what, key, facts, renewer]` */
const ROWS: readonly [string, RenewalKey, Partial<RenewalFacts>, string | RegExp][] = [
  ["a login of our own", aKey(loginFile()), {}, "cdx2"],
  ["a flat file", aKey(JSON.stringify({ access_token: accessToken({}), refresh_token: "rt" })), {}, "cdx2"],
  ["a disabled key: it rots otherwise", aKey(loginFile({ more: { disabled: true } })), {}, "cdx2"],
  ["a token that we have got", aKey(loginFile(), { mark: aMark("fresh") }), {}, "cdx2"],
  ["a token whose renewal failed", aKey(loginFile(), { mark: aMark("failed") }), {}, "cdx2"],
  [
    "a login that was interrupted: that is for the plan",
    aKey(loginFile(), { mark: aMark("sent") }),
    {},
    "cdx2",
  ],
  [
    "its own issuer, with a slash",
    aKey(loginFile({ moreTokens: { oauth_provenance: { issuer: `${ISSUER}/` } } })),
    {},
    "cdx2",
  ],
  ["an API key", aKey('{"auth_mode":"apikey","OPENAI_API_KEY":"sk-1"}'), {}, "an API key does not expire"],
  ["an API key beside other tokens", aKey('{"api_key":"sk-1","refresh_token":"rt"}'), {}, /API key/],
  ["a personal access token", aKey('{"OPENAI_API_KEY":null,"personal_access_token":"at-1"}'), {}, /personal/],
  ["a bare token", aKey('{"token":"abc"}'), {}, /holds no login/],
  ["no refresh token", aKey(loginFile({ refreshToken: undefined })), {}, /no refresh token/],
  ["an empty refresh token", aKey(loginFile({ refreshToken: "" })), {}, /no refresh token/],
  [
    "tokens of another program",
    aKey(loginFile({ more: { auth_mode: "chatgptAuthTokens" } })),
    {},
    /another program/,
  ],
  [
    "a login of a kind that is called as nothing should be",
    aKey(loginFile({ more: { auth_mode: "constructor" } })),
    {},
    "cdx2",
  ],
  ["an agent identity", aKey(loginFile({ more: { auth_mode: "agentIdentity" } })), {}, /agent identity/],
  ["Codex's very refresh token", aKey(loginFile()), { codex: codexWith({}) }, "codex"],
  [
    "what Codex has renewed since",
    aKey(loginFile()),
    { codex: codexWith({ refreshToken: "rt_2", issuedAtMs: T0 }) },
    "codex",
  ],
  [
    "what Codex has renewed since, in the keyring",
    aKey(loginFile()),
    { codex: { path: undefined, login: aLogin({ refreshToken: "rt_2" }) } },
    "codex",
  ],
  ["Codex's file, linked into the folder", aKey(loginFile()), {
    codex: codexWith({ account: "x" }, "/keys/work.json"),
  }, "codex"],
  ["what was Codex's once", aKey(loginFile(), { mark: aMark("codex") }), {}, "codex"],
  [
    "a borrowed login, also after Codex has logged in again",
    aKey(loginFile({ refreshToken: undefined })),
    { codex: codexWith({ refreshToken: "rt_2", session: "session-2" }) },
    "codex",
  ],
  ["another login of Codex's user", aKey(loginFile()), {
    codex: codexWith({ refreshToken: "rt_2", session: "s-2" }),
  }, "cdx2"],
  ["another user than Codex's", aKey(loginFile()), {
    codex: codexWith({ refreshToken: "rt_2", user: "u-2" }),
  }, "cdx2"],
  [
    "a login without a session, of Codex's user",
    aKey(loginFile({ session: null })),
    { codex: codexWith({ refreshToken: "rt_2", session: null }) },
    "codex",
  ],
  [
    "a refused token",
    aKey(loginFile(), { mark: aMark("dead", { reason: "invalid_grant" }) }),
    {},
    /refused .*\(invalid_grant\) \(log in\)/,
  ],
  ["a used token: a restored backup", aKey(loginFile(), { mark: aMark("spent") }), {}, /used up.*\(log in\)/],
  ["a token without an answer twice", aKey(loginFile(), { mark: aMark("lost") }), {}, /twice \(log in\)/],
  ["a file with two names", aKey(loginFile(), { links: 2 }), {}, /hard-linked/],
  [
    "another issuer",
    aKey(loginFile({ moreTokens: { oauth_provenance: { issuer: "https://b.example" } } })),
    {},
    /another issuer/,
  ],
  ["renewal switched off", aKey(loginFile()), { isOn: false }, "the setting refresh is off"],
];

for (const [what, key, facts, expected] of ROWS) {
  Deno.test(`renewerOf() ${what}: ${expected}`, () => {
    const text = renewerText(key, facts);
    if (typeof expected === "string") assert.equal(text, expected);
    else assert.match(text, expected);
  });
}

Deno.test("renewerOf() renews only the newest of the copies of a login", () => {
  const old = aKey(loginFile(), {}, "a-old.json");
  const fresh = aKey(loginFile({ refreshToken: "rt_2", issuedAtMs: T0 }), {}, "b-new.json");
  const other = aKey(loginFile({ refreshToken: "rt_3", session: "session-2", issuedAtMs: T0 }), {}, "c.json");
  const keys = [old, fresh, other];
  assert.equal(renewerText(old, { keys }), "an older copy of the login in b-new.json");
  assert.equal(renewerText(fresh, { keys }), "cdx2");
  assert.equal(renewerText(other, { keys }), "cdx2");
});
