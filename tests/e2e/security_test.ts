// Who may ask, and where a request may go. Secrets have a test of their own (secrets_test.ts), as have the sandbox
// (sandbox_test.ts) and the modes of files (bad_input_test.ts).

import assert from "node:assert/strict";
import { json } from "../support/answers.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { type RunningProxy, startProxyWith } from "../support/running_proxy.ts";
import { MANAGEMENT_KEY } from "../support/service.ts";

/** A proxy with one key, in front of an upstream that answers anything. */
async function aProxy(basePath?: string, env: Record<string, string> = {}): Promise<RunningProxy> {
  const proxy = await startProxyWith(["work"], { env, basePath });
  proxy.upstream.reply({}, json(200, {}));
  return proxy;
}

/** Sends a request as it stands, which no client would do. Returns the answer as it came. */
async function answerTo(address: string, requestLine: string, headers: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(`http://${address}`);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = [`${requestLine} HTTP/1.1`, ...headers, "connection: close", "", ""];
  await connection.write(new TextEncoder().encode(lines.join("\r\n")));
  return await new Response(connection.readable).text();
}

async function statusOf(...request: Parameters<typeof answerTo>): Promise<number> {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(await answerTo(...request))?.[1]);
}

const OWN_NAMES = ["127.0.0.1", "127.0.0.1:1", "localhost", "LOCALHOST:8317", "[::1]:8317"];
const FOREIGN_NAMES = [
  "evil.example",
  "evil.example:8317",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "127.0.0.1@evil.example",
  "127.0.0.1, evil.example",
  "evil.example#127.0.0.1",
  "[::1].evil.example",
  "0.0.0.0",
  "192.168.0.1",
  "",
];

/** Headers of a request, beside Host, that a browser sends for a page. */
const FROM_OWN_PAGES = [
  "origin: http://localhost:3000",
  "sec-fetch-site: same-origin",
  "sec-fetch-site: none",
];
const FROM_FOREIGN_PAGES = [
  "origin: https://evil.example",
  "origin: http://127.0.0.1.evil.example",
  "origin: null",
  "sec-fetch-site: cross-site",
];

Deno.test("only requests under an own name and from no foreign page are answered", async () => {
  await using proxy = await aProxy();
  const ask = async (headers: readonly string[]) => [
    await statusOf(proxy.service.address, "GET /v1/responses/resp_1", headers),
    await statusOf(proxy.service.address, "GET /debug", [`x-management-key: ${MANAGEMENT_KEY}`, ...headers]),
    await statusOf(proxy.service.address, "OPTIONS /v1/responses", headers),
  ];
  const foreign = [
    ...FOREIGN_NAMES.map((name) => [`host: ${name}`]),
    ...FROM_FOREIGN_PAGES.map((header) => [`host: ${proxy.service.address}`, header]),
    [],
  ];
  for (const headers of foreign) {
    // No server may take a request that names two hosts (RFC 9112 §3.2).
    const status = headers.some((header) => header.includes(",")) ? 400 : 403;
    assert.deepEqual(await ask(headers), [status, status, status], headers.join("; "));
  }
  assert.equal(proxy.upstream.requests.length, 0);

  const own = [
    ...OWN_NAMES.map((name) => [`host: ${name}`]),
    ...FROM_OWN_PAGES.map((header) => [`host: ${proxy.service.address}`, header]),
  ];
  for (const headers of own) assert.deepEqual(await ask(headers), [200, 200, 200], headers.join(", "));
});

Deno.test("names that the settings admit may ask, and a refusal says which name and which setting", async () => {
  await using proxy = await aProxy("/backend-api", {
    CLIPROXY_ALLOWED_HOSTS: "host.docker.internal, studio.lan",
    CLIPROXY_ALLOWED_ORIGINS: "app://obsidian.md",
  });
  const { address } = proxy.service;
  const ask = "GET /v1/responses/resp_1";
  assert.equal(await statusOf(address, ask, ["host: host.docker.internal:8317"]), 200);
  assert.equal(await statusOf(address, ask, ["host: studio.lan"]), 200);
  const fromApp = [`host: ${address}`, "origin: app://obsidian.md", "sec-fetch-site: cross-site"];
  const answer = await answerTo(address, ask, fromApp);
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /^access-control-allow-origin: app:\/\/obsidian\.md\r$/mi);

  const forwarded = proxy.upstream.requests.length;
  const preflight = ["access-control-request-method: POST", "access-control-request-headers: authorization"];
  const permission = await answerTo(address, "OPTIONS /v1/responses", [...fromApp, ...preflight]);
  assert.match(permission, /^HTTP\/1\.1 204 /);
  assert.match(permission, /^access-control-allow-headers: authorization\r$/mi);

  const otherHost = await answerTo(address, ask, ["host: nas.lan"]);
  assert.match(otherHost, /^HTTP\/1\.1 403 [\s\S]*nas\.lan[\s\S]*CLIPROXY_ALLOWED_HOSTS/);
  const otherPage = await answerTo(address, ask, [`host: ${address}`, "origin: app://other"]);
  assert.match(otherPage, /^HTTP\/1\.1 403 [\s\S]*app:\/\/other[\s\S]*CLIPROXY_ALLOWED_ORIGINS/);
  assert.doesNotMatch(otherPage, /^access-control-/mi);
  assert.equal(proxy.upstream.requests.length, forwarded);
});

Deno.test("what nearly is a path of the proxy never travels upstream with a key, and / says what the proxy is", async () => {
  await using proxy = await aProxy();
  const host = [`host: ${proxy.service.address}`];
  for (
    const path of ["/debug/", "//debug", "/%64ebug", "/DEBUG", "/auth-files/", "/%2564ebug", "/debug%00"]
  ) {
    assert.match(
      await answerTo(proxy.service.address, `GET ${path}`, host),
      /^HTTP\/1\.1 404 [\s\S]*no_such_page/,
      path,
    );
  }
  assert.match(await answerTo(proxy.service.address, "GET /", host), /^HTTP\/1\.1 200 [\s\S]*This is cdx2/);
  assert.equal(proxy.upstream.requests.length, 0);
});

for (const basePath of ["/backend-api", ""]) {
  Deno.test(`whatever host a request line names, "${basePath}" of the upstream is asked and no other`, async () => {
    await using proxy = await aProxy(basePath);
    await using other = await startFakeUpstream();
    const elsewhere = `127.0.0.1:${other.port}`;
    const targets = {
      [`http://${elsewhere}/codex/x`]: "/codex/x",
      [`https://${elsewhere}/codex/x`]: "/codex/x",
      [`http://user@${elsewhere}/codex/x`]: "/codex/x",
      [`//${elsewhere}/codex/x`]: `//${elsewhere}/codex/x`,
      [`/codex/..//${elsewhere}/x`]: `//${elsewhere}/x`,
      [`/@${elsewhere}/x`]: `/@${elsewhere}/x`,
      "/%2e%2e/../x": "/x",
    };
    const host = [`host: ${proxy.service.address}`];
    for (const [target, path] of Object.entries(targets)) {
      assert.equal(await statusOf(proxy.service.address, `GET ${target}`, host), 200, target);
      assert.equal(proxy.upstream.requests.at(-1)!.path, basePath + path);
    }
    for (const line of [`CONNECT ${elsewhere}`, `TRACE http://${elsewhere}/x`, `GET @${elsewhere}/x`]) {
      assert.equal(await statusOf(proxy.service.address, line, host), 400, line);
    }
    assert.equal(proxy.upstream.requests.length, Object.keys(targets).length);
    assert.equal(other.requests.length, 0);
  });
}
