import assert from "node:assert/strict";
import {
  authorizeUrl,
  challengeOf,
  isCallbackPath,
  newAttempt,
  readCallback,
  readPasted,
} from "../../src/credentials/login_request.ts";
import { randomKey } from "../../src/system/random.ts";
import { Secret } from "../../src/values/secret.ts";

const ATTEMPT = newAttempt(1455, randomKey);
const GOOD = `state=${ATTEMPT.state}&code=ac_1`;

Deno.test("challengeOf() is that of RFC 7636, appendix B", () => {
  const verifier = new Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  assert.equal(challengeOf(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
});

Deno.test("newAttempt() makes a state and a verifier that nobody can guess", () => {
  const other = newAttempt(1455, randomKey);
  assert.notEqual(ATTEMPT.state, other.state);
  assert.ok(!ATTEMPT.verifier.equals(other.verifier));
  assert.match(ATTEMPT.state, /^[\w-]{43}$/);
  // RFC 7636 §4.1: 43 to 128 characters.
  assert.match(ATTEMPT.verifier.reveal(), /^[\w-]{86}$/);
});

Deno.test("authorizeUrl() asks as Codex does, and holds no verifier", () => {
  const url = new URL(authorizeUrl("https://issuer.example", "app_1", ATTEMPT));
  assert.equal(url.origin + url.pathname, "https://issuer.example/oauth/authorize");
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    response_type: "code",
    client_id: "app_1",
    redirect_uri: "http://127.0.0.1:1455/auth/callback",
    scope: "openid profile email offline_access api.connectors.read api.connectors.invoke",
    code_challenge: challengeOf(ATTEMPT.verifier),
    code_challenge_method: "S256",
    id_token_add_organizations: "true",
    codex_cli_simplified_flow: "true",
    state: ATTEMPT.state,
  });
  assert.doesNotMatch(url.href, /\+/);
  assert.ok(!url.href.includes(ATTEMPT.verifier.reveal()));
});

Deno.test("isCallbackPath() knows no other path", () => {
  assert.ok(isCallbackPath("/auth/callback"));
  for (const path of ["/", "/success", "/auth/callback/", "/auth/Callback", "//auth/callback"]) {
    assert.ok(!isCallbackPath(path), path);
  }
});

for (
  const [query, kind] of [
    [GOOD, "code"],
    [`${GOOD}&scope=openid`, "code"],
    [`state=${ATTEMPT.state}&error=access_denied`, "ended"],
    [`state=${ATTEMPT.state}&error=access_denied&code=ac_1`, "ended"],
    ["", "not_ours"],
    ["code=ac_1", "not_ours"],
    ["code=ac_1&state=", "not_ours"],
    ["code=ac_1&state=forged", "not_ours"],
    [`code=ac_1&state=forged&state=${ATTEMPT.state}`, "not_ours"],
    ["error=access_denied&state=forged", "not_ours"],
    ["error=access_denied", "not_ours"],
    [`state=${ATTEMPT.state}`, "not_ours"],
    [`state=${ATTEMPT.state}&code=`, "not_ours"],
  ] as const
) {
  Deno.test(`readCallback() finds ${kind} in ?${query.replaceAll(ATTEMPT.state, "STATE")}`, () => {
    assert.equal(readCallback(new URLSearchParams(query), ATTEMPT).kind, kind);
  });
}

Deno.test("readCallback() repeats only what can be an error code", () => {
  const code = (error: string) => {
    const callback = readCallback(new URLSearchParams({ state: ATTEMPT.state, error }), ATTEMPT);
    return callback.kind === "ended" ? callback.code : callback.kind;
  };
  assert.equal(code("server_error"), "server_error");
  assert.equal(code("<script>"), undefined);
});

const CALLBACK = `http://127.0.0.1:1455/auth/callback?${GOOD}`;

for (
  const [text, kind] of [
    [CALLBACK, "code"],
    [`  "${CALLBACK}"\n`, "code"],
    [`<${CALLBACK}>`, "code"],
    [`${CALLBACK}#`, "code"],
    [CALLBACK.replace("127.0.0.1", "localhost"), "code"],
    [CALLBACK.replaceAll("&", "&amp;"), "code"],
    [GOOD, "code"],
    [`?${GOOD}`, "code"],
    ["ac_1", "not_ours"],
    ["", "not_ours"],
    ["http://127.0.0.1:1455/success", "not_ours"],
    [CALLBACK.replace(ATTEMPT.state, "forged"), "not_ours"],
  ] as const
) {
  Deno.test(`readPasted() finds ${kind} in ${text.replaceAll(ATTEMPT.state, "STATE")}`, () => {
    const callback = readPasted(text, ATTEMPT);
    assert.equal(callback.kind, kind);
    if (callback.kind === "code") assert.equal(callback.code.reveal(), "ac_1");
  });
}
