// The HTTP client for the upstream: ours through HTTP proxies and over TLS, and that of Deno, which a setting chooses.
// What the upstream may do otherwise is in situations_test.ts, with ours.

import assert from "node:assert/strict";
import { chunks, happyEvents, json, reset, sse, text } from "../support/answers.ts";
import { aCertificate } from "../support/certificate.ts";
import { FakeHttpProxy } from "../support/fake_http_proxy.ts";
import { testWith } from "../support/installed.ts";
import { startProxyWith } from "../support/running_proxy.ts";
import { type Situation, Stage } from "../support/situations.ts";

const GOOD = sse(happyEvents("hello"));
const SITUATIONS: readonly Situation[] = [
  { what: "serves", answers: [GOOD], client: "200", says: "completed", keys: "OOO", trace: ["a 200 ok"] },
  {
    what: "serves JSON",
    path: "/v1/files",
    method: "GET",
    answers: [json(200, { id: 1 })],
    client: "200",
    keys: "OOO",
    trace: ["a 200 ok"],
  },
  {
    what: "limits a burst",
    answers: [text(429, "slow down"), GOOD],
    client: "200",
    keys: "COO",
    trace: ["a 429 rate_limited", "b 200 ok"],
  },
  {
    what: "breaks off JSON",
    answers: [
      chunks(['{"a":'], {
        headers: { "content-type": "application/json", "content-length": "99" },
        then: "cut",
      }),
    ],
    client: "200 broken",
    keys: "OOO",
    trace: ["a 200 origin_failed"],
  },
  {
    what: "resets the connection",
    answers: [reset()],
    client: "502",
    keys: "OOO",
    trace: ["a null origin_failed"],
  },
];

Deno.test("with CLIPROXY_UPSTREAM_CLIENT=fetch Deno's client asks the upstream", async (t) => {
  await using stage = await Stage.open({ CLIPROXY_UPSTREAM_CLIENT: "fetch" });
  for (const situation of SITUATIONS) {
    await t.step(`when the upstream ${situation.what}`, () => stage.check(situation));
  }
});

Deno.test("nothing is added to a request but host and length", async () => {
  await using proxy = await startProxyWith(["a"]);
  proxy.upstream.reply({}, json(200, {}));
  const { hostname, port } = new URL(proxy.url);
  const client = await Deno.connect({ hostname, port: Number(port) });
  const head =
    `POST /codex/x HTTP/1.1\r\nhost: ${hostname}:${port}\r\nx-a: 1\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`;
  await client.write(new TextEncoder().encode(head));
  const answer = await new Response(client.readable).text();
  assert.match(answer, /^HTTP\/1.1 200 /);
  const { headers } = proxy.upstream.requests[0]!;
  assert.deepEqual([...headers.keys()], [
    "accept-encoding",
    "authorization",
    "content-length",
    "host",
    "x-a",
  ]);
});

testWith(
  "openssl",
  "the upstream is reached through an HTTP proxy, with its credentials, with TLS and without",
  async () => {
    await using certificate = await aCertificate(["DNS:upstream.test"]);
    const { cert, key, authorityFile } = certificate;
    const options = { hostname: "127.0.0.1", port: 0, cert, key, onListen: () => {} };
    await using secure = Deno.serve(options, async (request) => Response.json({ got: await request.text() }));
    await using httpProxy = new FakeHttpProxy();
    httpProxy.hosts["upstream.test:443"] = `127.0.0.1:${secure.addr.port}`;
    const withCredentials = httpProxy.url.replace("//", "//us%40er:word-of-proxy@");
    await using tunnelled = await startProxyWith(["a"], {
      env: {
        CLIPROXY_UPSTREAM: "https://upstream.test/backend-api",
        DENO_CERT: authorityFile,
        HTTPS_PROXY: withCredentials,
      },
    });
    const large = "x".repeat(200_000);
    const response = await fetch(`${tunnelled.url}/codex/x`, { method: "POST", body: large });
    assert.deepEqual(await response.json(), { got: large });
    await using passed = await startProxyWith(["a"], {
      env: { CLIPROXY_UPSTREAM: "http://upstream.test/backend-api", HTTP_PROXY: withCredentials },
    });
    passed.upstream.reply({}, chunks(["a", "b"]));
    httpProxy.hosts["upstream.test:80"] = new URL(passed.upstream.url).host;
    assert.equal(await (await fetch(`${passed.url}/codex/y`)).text(), "ab");
    const credentials = `proxy-authorization: Basic ${btoa("us@er:word-of-proxy")}`;
    const [connect, get] = httpProxy.heads;
    assert.deepEqual(connect, ["CONNECT upstream.test:443 HTTP/1.1", "host: upstream.test:443", credentials]);
    assert.equal(get![0], "GET http://upstream.test/backend-api/codex/y HTTP/1.1");
    assert.ok(get!.includes(credentials));
    assert.doesNotMatch(
      JSON.stringify(await (await tunnelled.service.manage("/trace")).json()),
      /word-of-proxy/,
    );
  },
);
