import assert from "node:assert/strict";
import { parseAuthFile } from "../../src/auth/record.ts";
import { exchangeCode, type LoginClient, loginFile } from "../../src/credentials/login.ts";
import type { IssuedTokens } from "../../src/credentials/token_endpoint.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";
import { codexLogin } from "../support/login.ts";

const TO_EXCHANGE = {
  code: new Secret("ac_1"),
  verifier: new Secret("verifier"),
  redirectUri: "http://127.0.0.1:1455/auth/callback",
};
const TOKENS = { access_token: "at", refresh_token: "rt", id_token: "id" };

function aClient(send: FakeSend, clock = new FakeClock()): LoginClient {
  return { send: send.send, clock, issuer: "https://issuer.example", timeoutMs: 30_000, clientId: "app_1" };
}

Deno.test("exchangeCode() sends a form with the proof of the attempt", async () => {
  const send = new FakeSend(answer(200, TOKENS));
  assert.equal((await exchangeCode(aClient(send), TO_EXCHANGE)).kind, "tokens");
  const form = new URLSearchParams(new TextDecoder().decode(send.requests[0]!.body));
  assert.deepEqual(Object.fromEntries(form), {
    grant_type: "authorization_code",
    client_id: "app_1",
    code: "ac_1",
    redirect_uri: TO_EXCHANGE.redirectUri,
    code_verifier: "verifier",
  });
});

for (
  const { replies, sends, says } of [
    { replies: ["not_sent", answer(200, TOKENS)], sends: 2, says: undefined },
    { replies: ["not_sent"], sends: 3, says: /not reachable: connection refused/ },
    { replies: ["interrupted", answer(200, TOKENS)], sends: 1, says: /did not answer/ },
    { replies: [answer(400, { error: "invalid_grant" })], sends: 1, says: /status 400, invalid_grant/ },
    { replies: [answer(503)], sends: 1, says: /status 503/ },
    { replies: [answer(200, {})], sends: 1, says: /gave no tokens/ },
  ] satisfies { replies: Reply[]; sends: number; says: RegExp | undefined }[]
) {
  Deno.test(`exchangeCode() sends a code ${sends} times, then says ${says}`, async () => {
    const [send, clock] = [new FakeSend(...replies), new FakeClock()];
    const exchanged = exchangeCode(aClient(send, clock), TO_EXCHANGE);
    await clock.advance(10_000);
    const outcome = await exchanged;
    assert.equal(send.requests.length, sends);
    if (says === undefined) assert.equal(outcome.kind, "tokens");
    else assert.match(outcome.kind === "failed" ? outcome.reason : outcome.kind, says);
  });
}

function issued(login: string, without: readonly (keyof IssuedTokens)[] = []): IssuedTokens {
  const { access_token, id_token } = JSON.parse(login).tokens;
  const tokens = { accessToken: new Secret(access_token), idToken: new Secret(id_token) };
  const all = { ...tokens, refreshToken: new Secret("rt_1") };
  return { ...all, ...Object.fromEntries(without.map((name) => [name, undefined])) };
}

const OPTIONS = { issuer: "https://issuer.example", clientId: "app_1", nowMs: Date.UTC(2026, 10, 25) };

Deno.test("loginFile() is an auth file in the shape of Codex, with who gave it out", () => {
  const text = loginFile(issued(codexLogin()), OPTIONS);
  const { tokens, ...rest } = JSON.parse(text);
  assert.deepEqual(rest, {
    auth_mode: "chatgpt",
    OPENAI_API_KEY: null,
    last_refresh: "2026-11-25T00:00:00.000Z",
  });
  assert.deepEqual([tokens.refresh_token, tokens.account_id, tokens.oauth_provenance], [
    "rt_1",
    "acct-ann",
    { issuer: "https://issuer.example", client_id: "app_1" },
  ]);
  const parsed = parseAuthFile("a.json", text);
  assert.ok(parsed.kind === "key");
  assert.deepEqual([parsed.record.email, parsed.record.accountId], ["ann@example.com", "acct-ann"]);
});

Deno.test("loginFile() knows the account without an id token, and writes a refresh token that Codex accepts", () => {
  const { tokens } = JSON.parse(loginFile(issued(codexLogin(), ["idToken", "refreshToken"]), OPTIONS));
  assert.deepEqual([tokens.id_token, tokens.refresh_token, tokens.account_id], ["", "", "acct-ann"]);
});
