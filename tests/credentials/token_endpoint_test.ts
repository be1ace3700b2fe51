import assert from "node:assert/strict";
import {
  askTokenEndpoint,
  type TokenAnswer,
  type TokenEndpointOptions,
  type TokenRequest,
} from "../../src/credentials/token_endpoint.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";

const FORM: TokenRequest = { format: "form", fields: { grant_type: "authorization_code", code: "ac/1+2" } };
const JSON_BODY: TokenRequest = {
  format: "json",
  fields: { grant_type: "refresh_token", refresh_token: "rt" },
};

function options(send: FakeSend, clock = new FakeClock()): TokenEndpointOptions {
  return { send: send.send, clock, issuer: "https://issuer.example", timeoutMs: 10_000 };
}

function ask(reply: Reply): Promise<TokenAnswer> {
  return askTokenEndpoint(options(new FakeSend(reply)), FORM);
}

for (
  const { request, type, body } of [
    {
      request: FORM,
      type: "application/x-www-form-urlencoded",
      body: "grant_type=authorization_code&code=ac%2F1%2B2",
    },
    {
      request: JSON_BODY,
      type: "application/json",
      body: '{"grant_type":"refresh_token","refresh_token":"rt"}',
    },
  ]
) {
  Deno.test(`askTokenEndpoint() posts ${request.format}, once`, async () => {
    const send = new FakeSend(answer(200, { access_token: "at" }));
    await askTokenEndpoint(options(send), request);
    const [sent, ...more] = send.requests;
    assert.equal(more.length, 0);
    assert.deepEqual([sent!.method, sent!.url], ["POST", "https://issuer.example/oauth/token"]);
    assert.equal(sent!.headers.get("content-type"), type);
    assert.equal(new TextDecoder().decode(sent!.body), body);
  });
}

Deno.test("askTokenEndpoint() gives the tokens of an answer as secrets", async () => {
  const read = await ask(answer(200, { access_token: "at", refresh_token: "rt", id_token: "id", more: 1 }));
  assert.ok(read.kind === "tokens");
  const { accessToken, refreshToken, idToken } = read.tokens;
  assert.deepEqual([accessToken, refreshToken, idToken].map((token) => token?.reveal()), ["at", "rt", "id"]);
  assert.doesNotMatch(JSON.stringify(read), /"at"|"rt"|"id"/);
});

Deno.test("askTokenEndpoint() takes an absent or empty token for none", async () => {
  const read = await ask(answer(200, { access_token: "at", refresh_token: "", id_token: null }));
  assert.ok(read.kind === "tokens");
  assert.deepEqual([read.tokens.refreshToken, read.tokens.idToken], [undefined, undefined]);
});

const openAi = (code: string) => ({
  error: { message: "…", type: "invalid_request_error", param: null, code },
});

for (
  const [status, body, code] of [
    [400, { error: "invalid_grant", error_description: "no" }, "invalid_grant"],
    [401, openAi("refresh_token_reused"), "refresh_token_reused"],
    [401, { error: { type: "invalid_request_error" } }, "invalid_request_error"],
    [401, { code: "token_expired" }, "token_expired"],
    [403, "<html>", undefined],
    [500, { error: ["x"] }, undefined],
    [400, { error: "a sentence with eyJhbGciOi" }, undefined],
    [200, {}, undefined],
    [200, [], undefined],
    [200, { access_token: "" }, undefined],
    [200, { access_token: 7 }, undefined],
    [302, { access_token: "at" }, undefined],
  ] as const
) {
  Deno.test(`askTokenEndpoint() reads ${status} ${JSON.stringify(body)} as refused, code ${code}`, async () => {
    const refused = { kind: "refused", status, code, retryAfterMs: undefined };
    assert.deepEqual(await ask(answer(status, body)), refused);
  });
}

const NOW_MS = new FakeClock().nowMs();

for (
  const [value, retryAfterMs] of [
    ["7", 7_000],
    ["0.5", 500],
    [new Date(NOW_MS + 30_000).toUTCString(), 30_000],
    [new Date(NOW_MS - 30_000).toUTCString(), 0],
    ["999999999", 3_600_000],
    ["soon", undefined],
  ] as const
) {
  Deno.test(`askTokenEndpoint() reads Retry-After: ${value}`, async () => {
    const read = await ask(answer(429, {}, { "retry-after": value }));
    assert.ok(read.kind === "refused");
    assert.equal(read.retryAfterMs, retryAfterMs);
  });
}

Deno.test("askTokenEndpoint() tells what never left from what may have arrived", async () => {
  assert.deepEqual(await ask("not_sent"), { kind: "not_sent", reason: "connection refused" });
  assert.deepEqual(await ask("interrupted"), { kind: "unknown", reason: "connection refused" });
  const broken = () =>
    new Response(new ReadableStream({ pull: (stream) => stream.error(new Error("reset")) }));
  assert.deepEqual(await ask(broken), { kind: "unknown", reason: "the answer broke off" });
});

Deno.test("askTokenEndpoint() does not know what came of a request without an answer in time", async () => {
  const clock = new FakeClock();
  const asked = askTokenEndpoint(options(new FakeSend("hang"), clock), FORM);
  await clock.advance(10_000);
  assert.deepEqual(await asked, { kind: "unknown", reason: "no answer within 10s" });
});
