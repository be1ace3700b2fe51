import assert from "node:assert/strict";
import fc from "fast-check";
import {
  hasOwnLogin,
  modelOf,
  parseUpstream,
  requestHeaders,
  requestUrl,
  responseHeaders,
  type RouteName,
  sessionOf,
  targetOf,
} from "../../src/proxy/rules.ts";
import { aRecord } from "../support/builders.ts";

const CHATGPT = parseUpstream("https://chatgpt.com/backend-api");
const STAND_IN = parseUpstream("http://127.0.0.1:9/some/where/backend-api");
const API = parseUpstream("https://api.openai.com/v1");

/** `[URL, path and query]` */
const REQUEST_URLS: [string, string][] = [
  ["http://127.0.0.1:8317/v1/responses?a=%2F", "/v1/responses?a=%2F"],
  ["http://localhost:99999/x", "/x"],
  ["http://127.0.0.1, evil.example/x", "/x"],
  ["http://[::1].evil.example/x", "/x"],
  ["http:///x", "/x"],
  ["HTTP://Evil.Example", "/"],
  ["http://127.0.0.1//evil.example/x", "//evil.example/x"],
  ["http://127.0.0.1/http://evil.example/x", "/http://evil.example/x"],
];

Deno.test("requestUrl() reads path and query behind whatever a Host header says", () => {
  for (const [text, expected] of REQUEST_URLS) {
    const { origin, pathname, search } = requestUrl(text);
    assert.deepEqual([origin, pathname + search], ["http://localhost", expected], text);
  }
});

/** `[path, URL on the ChatGPT backend, route, personal]` */
const PATHS: [string, string, RouteName, boolean][] = [
  ["/v1/responses", "/backend-api/codex/responses", "request", false],
  ["/responses", "/backend-api/codex/responses", "request", false],
  ["/responses/compact", "/backend-api/codex/responses/compact", "compact", false],
  ["/v1/responses/resp_1/cancel", "/backend-api/codex/responses/resp_1/cancel", "request", false],
  ["/models", "/backend-api/codex/models", "models", false],
  ["/v1/models", "/backend-api/codex/models", "models", false],
  ["/codex/responses", "/backend-api/codex/responses", "request", false],
  ["/codex/models", "/backend-api/codex/models", "models", false],
  ["/backend-api/codex/responses", "/backend-api/codex/responses", "request", false],
  ["/backend-api/wham/usage", "/backend-api/wham/usage", "other", true],
  ["/wham/settings/user", "/backend-api/wham/settings/user", "other", true],
  ["/ps/mcp", "/backend-api/ps/mcp", "other", true],
  ["/codex/analytics-events/events", "/backend-api/codex/analytics-events/events", "other", true],
  ["/responsesque", "/backend-api/responsesque", "other", true],
  ["//elsewhere.example/x", "/backend-api//elsewhere.example/x", "other", true],
];

for (const [path, expected, route, isPersonal] of PATHS) {
  Deno.test(`targetOf() sends ${path} to ${expected} on the ChatGPT backend`, () => {
    const target = targetOf(CHATGPT, path, "?a=1");
    assert.deepEqual(target, { url: `https://chatgpt.com${expected}?a=1`, route, isPersonal });
    assert.equal(targetOf(STAND_IN, path, "").url, `http://127.0.0.1:9/some/where${expected}`);
  });
}

Deno.test("targetOf() leaves paths for any other upstream as they came, behind its base path", () => {
  assert.equal(targetOf(API, "/responses", "?x=%20y").url, "https://api.openai.com/v1/responses?x=%20y");
  assert.equal(targetOf(API, "/backend-api/wham/usage", "").isPersonal, false);
  assert.equal(targetOf(parseUpstream("http://h"), "/v1/models", "").url, "http://h/v1/models");
});

Deno.test("targetOf() never leaves the upstream's origin", () => {
  fc.assert(fc.property(fc.stringMatching(/^[/][a-z/.%0-9@:-]{0,30}$/), (path) => {
    for (const upstream of [CHATGPT, STAND_IN, API]) {
      assert.equal(new URL(targetOf(upstream, path, "").url).origin, upstream.origin);
    }
  }));
});

Deno.test("hasOwnLogin() knows a JWT from other tokens", () => {
  const login = (authorization?: string) => hasOwnLogin(new Headers(authorization ? { authorization } : {}));
  assert.ok(login("Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"));
  assert.ok(login("bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."));
  for (const other of [undefined, "Bearer sk-123", "Bearer cdx2-local", "Basic eyJh.b.c"]) {
    assert.ok(!login(other));
  }
});

Deno.test("requestHeaders() puts the key in the place of the client's login", () => {
  const incoming = new Headers({ authorization: "Bearer mine", "chatgpt-account-id": "mine", "x-kept": "1" });
  const headers = requestHeaders(incoming, CHATGPT, aRecord("a"));
  assert.equal(headers.get("authorization"), "Bearer token-of-a");
  assert.equal(headers.get("chatgpt-account-id"), "acct-a");
  assert.equal(headers.get("x-kept"), "1");
});

Deno.test("requestHeaders() drops the client's account id where the key has none", () => {
  const withoutAccount = aRecord("a", { accountId: undefined });
  const incoming = new Headers({ "chatgpt-account-id": "mine" });
  assert.equal(requestHeaders(incoming, CHATGPT, withoutAccount).get("chatgpt-account-id"), null);
});

Deno.test("requestHeaders() leaves the client's own login in when no key is used", () => {
  const incoming = new Headers({ authorization: "Bearer mine", "chatgpt-account-id": "mine" });
  const headers = requestHeaders(incoming, CHATGPT);
  assert.equal(headers.get("authorization"), "Bearer mine");
  assert.equal(headers.get("chatgpt-account-id"), "mine");
});

Deno.test("requestHeaders() drops what ends at this hop and asks for no compression", () => {
  const incoming = new Headers({
    connection: "keep-alive, X-Private",
    "x-private": "1",
    "keep-alive": "timeout=5",
    "transfer-encoding": "chunked",
    te: "trailers",
    upgrade: "h2c",
    "proxy-authorization": "Basic x",
    host: "127.0.0.1:8317",
    "content-length": "12",
    expect: "100-continue",
    "accept-encoding": "gzip, zstd",
    "content-encoding": "zstd",
    "x-management-key": "secret",
  });
  const headers = requestHeaders(incoming, CHATGPT, aRecord("a"));
  headers.delete("authorization");
  headers.delete("chatgpt-account-id");
  assert.deepEqual([...headers], [["accept-encoding", "identity"], ["content-encoding", "zstd"]]);
});

Deno.test("responseHeaders() keeps end-to-end headers, drops cookies, and names the request", () => {
  const answered = new Headers([
    ["content-type", "text/event-stream"],
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
    ["connection", "close, x-hop"],
    ["x-hop", "1"],
    ["x-codex-primary-used-percent", "61.5"],
    ["x-cdx2-request-id", "from-upstream"],
  ]);
  assert.deepEqual([...responseHeaders(answered, "req_1")], [
    ["content-type", "text/event-stream"],
    ["x-cdx2-request-id", "req_1"],
    ["x-codex-primary-used-percent", "61.5"],
  ]);
});

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

/** `[what, headers, body, session]` */
const SESSIONS: [string, Record<string, string>, string | undefined, string | undefined][] = [
  ["the session-id header", { "session-id": "s1" }, '{"prompt_cache_key":"k"}', "s1"],
  ["the session_id header", { session_id: "s1" }, undefined, "s1"],
  ["prompt_cache_key", JSON_TYPE, '{"model":"m","prompt_cache_key" : "k-1"}', "k-1"],
  ["no key inside a string", JSON_TYPE, '{"input":"say \\"prompt_cache_key\\":\\"k\\""}', undefined],
  ["no key that is no text", JSON_TYPE, '{"prompt_cache_key":null}', undefined],
  ["no compressed body", { ...JSON_TYPE, "content-encoding": "zstd" }, '{"prompt_cache_key":"k"}', undefined],
  ["no body of another type", { "content-type": "text/plain" }, '{"prompt_cache_key":"k"}', undefined],
  ["nothing", JSON_TYPE, undefined, undefined],
];

for (const [what, headers, body, session] of SESSIONS) {
  Deno.test(`sessionOf() reads ${what}`, () => {
    const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
    assert.equal(sessionOf(new Headers(headers), bytes), session);
  });
}

/** `[what, headers, body, model]` */
const MODELS: [string, Record<string, string>, string | undefined, string | undefined][] = [
  ["Codex's routing hint", { "x-codex-routing-hint": "model=gpt-6.1-sol" }, undefined, "gpt-6.1-sol"],
  ["a JSON body", JSON_TYPE, '{"model": "gpt-5.5","input":[]}', "gpt-5.5"],
  ["no compressed body", { ...JSON_TYPE, "content-encoding": "zstd" }, '{"model":"m"}', undefined],
  ["no text inside a string", JSON_TYPE, '{"input":"\\"model\\":\\"m\\""}', undefined],
  ["nothing", {}, undefined, undefined],
];

for (const [what, headers, body, model] of MODELS) {
  Deno.test(`modelOf() reads ${what}`, () => {
    const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
    assert.equal(modelOf(new Headers(headers), bytes), model);
  });
}
