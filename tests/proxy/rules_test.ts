import assert from "node:assert/strict";
import { hasOwnLogin, planForward, requestUrl, responseHeaders } from "../../src/proxy/rules.ts";
import { NO_NAMES } from "../../src/proxy/request_names.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { Secret } from "../../src/values/secret.ts";
import { T0 } from "../support/builders.ts";
import { aQuestion } from "../support/client_request.ts";

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

Deno.test("requestUrl() reads path and query whatever a Host header says", () => {
  for (const [text, expected] of REQUEST_URLS) {
    const { origin, pathname, search } = requestUrl(text);
    assert.deepEqual([origin, pathname + search], ["http://localhost", expected], text);
  }
});

Deno.test("hasOwnLogin() knows a JWT from other tokens", () => {
  const login = (authorization?: string) => hasOwnLogin(new Headers(authorization ? { authorization } : {}));
  assert.ok(login("Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"));
  assert.ok(login("bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."));
  for (const other of [undefined, "Bearer sk-123", "Bearer cdx2-local", "Basic eyJh.b.c"]) {
    assert.ok(!login(other));
  }
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
  assert.deepEqual([...responseHeaders(answered, { requestId: "req_1" })], [
    ["content-type", "text/event-stream"],
    ["x-cdx2-request-id", "req_1"],
    ["x-codex-primary-used-percent", "61.5"],
  ]);
});

Deno.test("responseHeaders() blanks the token that was sent", () => {
  const answered = new Headers({ location: "/login?token=sk-1", "x-echo": "Bearer sk-1, sk-1" });
  assert.deepEqual([...responseHeaders(answered, { requestId: "req_1", token: new Secret("sk-1") })], [
    ["location", "/login?token=****"],
    ["x-echo", "Bearer ****, ****"],
    ["x-cdx2-request-id", "req_1"],
  ]);
});

/** `[method, path, is a model call, what it means to send it again]` */
const MODEL_CALLS: [string, string, boolean, string][] = [
  ["POST", "/v1/responses", true, "costly"],
  ["POST", "/responses/", true, "costly"],
  ["POST", "/codex/v1/responses", true, "costly"],
  ["POST", "/responses/compact", true, "costly"],
  ["POST", "/v1/responses/input_tokens", true, "costly"],
  ["GET", "/v1/responses", true, "harmless"],
  ["GET", "/v1/responses/resp_1", false, "harmless"],
  ["DELETE", "/v1/responses/resp_1", false, "harmless"],
  ["GET", "/v1/responses/resp_1/input_items", false, "harmless"],
  ["POST", "/v1/responses/resp_1/cancel", false, "unsafe"],
  ["POST", "/v1/responses/resp_1/compact", false, "unsafe"],
  ["GET", "/v1/models", false, "harmless"],
  ["POST", "/v1/embeddings", false, "unsafe"],
  ["POST", "/v1/chat/completions", false, "unsafe"],
  ["POST", "/v1/files", false, "unsafe"],
];

for (const [method, path, isModelCall, repeating] of MODEL_CALLS) {
  Deno.test(`planForward() takes ${method} ${path} for ${isModelCall ? "a" : "no"} model call, ${repeating} to repeat`, () => {
    const rules = { authDir: "/auths", holdMs: 0, maxAttempts: 8, rotation: "session" } as const;
    for (const url of ["https://chatgpt.example/backend-api", "https://api.example/v1"]) {
      const plan = planForward(aQuestion(path, { method }), new Upstream(url), {
        rules,
        nowMs: T0,
        names: NO_NAMES,
      });
      assert.deepEqual([plan.asked.isModelCall, plan.repeating], [isModelCall, repeating], url);
    }
  });
}
