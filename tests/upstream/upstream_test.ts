import assert from "node:assert/strict";
import fc from "fast-check";
import { type RouteName, Upstream } from "../../src/upstream/upstream.ts";
import { aRecord } from "../support/builders.ts";
import { fuzzRuns } from "../support/fuzz.ts";

const CHATGPT = new Upstream("https://chatgpt.com/backend-api");
const COPY = new Upstream("http://127.0.0.1:9/some/where/backend-api");
const API = new Upstream("https://api.openai.com/v1");

const HOST = "https://gw.example";

/** `[base URL, ChatGPT backend, URL of POST /v1/responses, of the usage page, of a trial]` */
const KINDS: [string, boolean, string, string, string][] = [
  [
    "/backend-api",
    true,
    "/backend-api/codex/responses",
    "/backend-api/wham/usage",
    "/backend-api/wham/usage",
  ],
  [
    "/x/backend-api/",
    true,
    "/x/backend-api/codex/responses",
    "/x/backend-api/wham/usage",
    "/x/backend-api/wham/usage",
  ],
  [
    "/backend-api/codex",
    true,
    "/backend-api/codex/responses",
    "/backend-api/wham/usage",
    "/backend-api/wham/usage",
  ],
  [
    "/x/backend-api/codex/",
    true,
    "/x/backend-api/codex/responses",
    "/x/backend-api/wham/usage",
    "/x/backend-api/wham/usage",
  ],
  ["", false, "/v1/responses", "/api/codex/usage", "/v1/models"],
  ["/v1", false, "/v1/responses", "/v1/api/codex/usage", "/v1/models"],
  [
    "/backend-apix",
    false,
    "/backend-apix/v1/responses",
    "/backend-apix/api/codex/usage",
    "/backend-apix/v1/models",
  ],
  [
    "/backend-api/v2",
    false,
    "/backend-api/v2/v1/responses",
    "/backend-api/v2/api/codex/usage",
    "/backend-api/v2/v1/models",
  ],
];

for (const [base, isChatGpt, responses, usage, trial] of KINDS) {
  Deno.test(`Upstream() takes a base path of "${base}" for ${isChatGpt ? "the ChatGPT backend" : "an OpenAI API"} everywhere`, () => {
    const upstream = new Upstream(HOST + base);
    const key = aRecord("a");
    assert.deepEqual(
      [
        upstream.isChatGpt,
        upstream.target("/v1/responses", "").url,
        upstream.usageQuestion(key, "cdx2").url,
        upstream.trialQuestion(key, "cdx2").url,
      ],
      [isChatGpt, HOST + responses, HOST + usage, HOST + trial],
    );
    const { headers } = {
      headers: upstream.headersWithKey(new Headers({ "chatgpt-account-id": "mine" }), key),
    };
    assert.equal(headers.get("chatgpt-account-id"), isChatGpt ? "acct-a" : "mine");
  });
}

Deno.test("Upstream() keeps the paths of the ChatGPT backend when the base names its Codex routes", () => {
  const upstream = new Upstream(`${HOST}/backend-api/codex`);
  for (const path of ["/responses", "/codex/responses", "/backend-api/codex/responses"]) {
    assert.equal(upstream.target(path, "").url, `${HOST}/backend-api/codex/responses`);
  }
  const { url, isPersonal } = upstream.target("/wham/settings/user", "");
  assert.deepEqual([url, isPersonal], [`${HOST}/backend-api/wham/settings/user`, true]);
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
  Deno.test(`target() sends ${path} to ${expected} on the ChatGPT backend`, () => {
    const target = CHATGPT.target(path, "?a=1");
    assert.deepEqual(target, { url: `https://chatgpt.com${expected}?a=1`, route, isPersonal });
    assert.equal(COPY.target(path, "").url, `http://127.0.0.1:9/some/where${expected}`);
  });
}

Deno.test("target() leaves paths for any other upstream as they came, after its base path", () => {
  assert.equal(API.target("/responses", "?x=%20y").url, "https://api.openai.com/v1/responses?x=%20y");
  assert.equal(API.target("/backend-api/wham/usage", "").isPersonal, false);
  assert.equal(new Upstream("http://h").target("/v1/models", "").url, "http://h/v1/models");
});

Deno.test("target() never leaves the upstream's origin", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[/][a-z/.%0-9@:-]{0,30}$/), (path) => {
      for (const upstream of [CHATGPT, COPY, API]) {
        assert.equal(new URL(upstream.target(path, "").url).origin, upstream.origin);
      }
    }),
    { numRuns: fuzzRuns() },
  );
});

Deno.test("headersWithKey() puts the key in the place of the client's login", () => {
  const incoming = new Headers({ authorization: "Bearer mine", "chatgpt-account-id": "mine", "x-kept": "1" });
  const headers = CHATGPT.headersWithKey(incoming, aRecord("a"));
  assert.equal(headers.get("authorization"), "Bearer token-of-a");
  assert.equal(headers.get("chatgpt-account-id"), "acct-a");
  assert.equal(headers.get("x-kept"), "1");
});

Deno.test("headersWithKey() drops the client's account id where the key has none", () => {
  const withoutAccount = aRecord("a", { accountId: undefined });
  const incoming = new Headers({ "chatgpt-account-id": "mine" });
  assert.equal(CHATGPT.headersWithKey(incoming, withoutAccount).get("chatgpt-account-id"), null);
});

Deno.test("headersWithOwnLogin() leaves the client's own login in", () => {
  const incoming = new Headers({ authorization: "Bearer mine", "chatgpt-account-id": "mine" });
  const headers = CHATGPT.headersWithOwnLogin(incoming);
  assert.equal(headers.get("authorization"), "Bearer mine");
  assert.equal(headers.get("chatgpt-account-id"), "mine");
});

Deno.test("headersWithKey() drops what ends at this hop and asks for no compression", () => {
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
  const headers = CHATGPT.headersWithKey(incoming, aRecord("a"));
  headers.delete("authorization");
  headers.delete("chatgpt-account-id");
  assert.deepEqual(Object.fromEntries(headers), {
    "accept-encoding": "identity",
    "content-encoding": "zstd",
  });
});

Deno.test("usageQuestion() is asked as the key's account, under both paths", () => {
  for (const upstream of [CHATGPT, API]) {
    const { method, headers } = upstream.usageQuestion(aRecord("work"), "cdx2/1.2.3");
    assert.equal(method, "GET");
    assert.deepEqual(Object.fromEntries(headers), {
      accept: "application/json",
      "accept-encoding": "identity",
      authorization: "Bearer token-of-work",
      "chatgpt-account-id": "acct-work",
      "user-agent": "cdx2/1.2.3",
    });
  }
});

Deno.test("trialQuestion() is a page that spends nothing", () => {
  const url = (upstream: string) => new Upstream(upstream).trialQuestion(aRecord("a"), "cdx2").url;
  assert.equal(url("https://chatgpt.com/backend-api"), "https://chatgpt.com/backend-api/wham/usage");
  assert.equal(url("https://api.openai.com/v1"), "https://api.openai.com/v1/models");
  assert.equal(url("http://127.0.0.1:9"), "http://127.0.0.1:9/v1/models");
});

/** `[base URL, path of the client, URL at the upstream, route]` */
const SPELLINGS: [string, string, string, string][] = [
  [
    "https://chatgpt.com/backend-api",
    "//responses",
    "https://chatgpt.com/backend-api/codex/responses",
    "request",
  ],
  [
    "https://chatgpt.com/backend-api",
    "/responses/",
    "https://chatgpt.com/backend-api/codex/responses",
    "request",
  ],
  [
    "https://chatgpt.com/backend-api",
    "/v1//responses",
    "https://chatgpt.com/backend-api/codex/responses",
    "request",
  ],
  [
    "https://chatgpt.com/backend-api",
    "/v1/responses",
    "https://chatgpt.com/backend-api/codex/responses",
    "request",
  ],
  [
    "https://chatgpt.com/backend-api",
    "/codex/v1/responses",
    "https://chatgpt.com/backend-api/codex/responses",
    "request",
  ],
  [
    "https://chatgpt.com/backend-api",
    "/codex/responses/",
    "https://chatgpt.com/backend-api/codex/responses",
    "request",
  ],
  [
    "https://chatgpt.com/backend-api",
    "/v1/codex/responses",
    "https://chatgpt.com/backend-api/v1/codex/responses",
    "request",
  ],
  [
    "https://chatgpt.com/backend-api",
    "/backend-api/codex/v1/responses",
    "https://chatgpt.com/backend-api/codex/responses",
    "request",
  ],
  [
    "https://chatgpt.com/backend-api",
    "/v1/responses/compact/",
    "https://chatgpt.com/backend-api/codex/responses/compact",
    "compact",
  ],
  [
    "https://chatgpt.com/backend-api",
    "/v1/models/",
    "https://chatgpt.com/backend-api/codex/models",
    "models",
  ],
  [
    "https://chatgpt.com/backend-api",
    "/backend-api/models",
    "https://chatgpt.com/backend-api/models",
    "models",
  ],
  ["https://chatgpt.com/backend-api", "/wham/usage", "https://chatgpt.com/backend-api/wham/usage", "other"],
  ["https://api.openai.com/v1", "/v1/responses", "https://api.openai.com/v1/responses", "request"],
  ["https://api.openai.com/v1", "/responses", "https://api.openai.com/v1/responses", "request"],
  ["https://api.openai.com/v1", "/v1/responses", "https://api.openai.com/v1/responses", "request"],
  ["https://api.openai.com", "/v1/responses", "https://api.openai.com/v1/responses", "request"],
  ["https://api.openai.com", "/responses", "https://api.openai.com/v1/responses", "request"],
  ["https://api.openai.com", "//responses/", "https://api.openai.com/v1/responses", "request"],
  ["https://api.openai.com", "/codex/responses", "https://api.openai.com/v1/responses", "request"],
  [
    "https://api.openai.com",
    "/v1/files/file-1/content",
    "https://api.openai.com/v1/files/file-1/content",
    "other",
  ],
  ["https://api.openai.com/v1", "/chat/completions", "https://api.openai.com/v1/chat/completions", "other"],
  ["https://gw.example/api", "/v1/responses", "https://gw.example/api/v1/responses", "request"],
  ["https://gw.example/api", "/other//thing/", "https://gw.example/api/other//thing/", "other"],
];

for (const [base, path, url, route] of SPELLINGS) {
  Deno.test(`target() of ${path} below ${base} is ${url}`, () => {
    const target = new Upstream(base).target(path, "?a=1");
    assert.deepEqual([target.url, target.route], [`${url}?a=1`, route]);
  });
}

Deno.test("headersWithKey() drops what belongs to the client's own account", () => {
  const incoming = new Headers({
    "cookie": "session=1",
    "openai-organization": "org-1",
    "openai-project": "proj-1",
    "openai-beta": "responses=v1",
    "chatgpt-account-id": "mine",
  });
  const names = (
    base: string,
  ) =>
    [...new Upstream(base).headersWithKey(incoming, { ...aRecord("a"), accountId: undefined }).keys()]
      .toSorted();
  assert.deepEqual(names("https://chatgpt.com/backend-api"), [
    "accept-encoding",
    "authorization",
    "openai-beta",
  ]);
  assert.deepEqual(names("https://api.openai.com"), [
    "accept-encoding",
    "authorization",
    "chatgpt-account-id",
    "openai-beta",
  ]);
  assert.equal(
    new Upstream("https://api.openai.com").headersWithOwnLogin(incoming).get("cookie"),
    "session=1",
  );
});
