// What travels through the proxy, byte for byte: requests to the upstream, answers and streams back.

import assert from "node:assert/strict";
import { readMore, writeAll } from "../../src/system/wire.ts";
import { chunks, delay, happyEvents, json, sse, text } from "../support/answers.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { UNTEXTUAL } from "../support/odd_json.ts";
import { Home, until } from "../support/program.ts";
import { type RunningProxy, startProxyWith } from "../support/running_proxy.ts";
import { Service } from "../support/service.ts";

/** A proxy with the keys `token-a` and `token-b` in front of a scripted upstream. */
function aProxy(env: Record<string, string> = {}): Promise<RunningProxy> {
  return startProxyWith(["a", "b"], { env });
}

const CASES: [string, (proxy: RunningProxy) => Promise<void>][] = [];

/** Registers a case for which a proxy may have served others before. */
function onOneProxy(name: string, test: (proxy: RunningProxy) => Promise<void>): void {
  CASES.push([name, test]);
}

onOneProxy("any method, path, query and body goes through as it came", async (proxy) => {
  proxy.upstream.reply({}, json(200, {}));
  const zstd = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x00, 0xff, 0x00]);
  const large = new Uint8Array(3_000_000).map((_, at) => at % 251);
  const sent = [
    { method: "POST", path: "/codex/responses", body: zstd, headers: { "content-encoding": "zstd" } },
    { method: "POST", path: "/codex/responses?a=%2F&b=1+2&c", body: large, headers: {} },
    { method: "PUT", path: "/codex/x", body: new Uint8Array([0]), headers: {} },
    { method: "PATCH", path: "/codex/x", body: new TextEncoder().encode("é"), headers: {} },
    { method: "DELETE", path: "/codex/x", body: new Uint8Array(), headers: {} },
    { method: "OPTIONS", path: "/codex/x", body: new Uint8Array(), headers: {} },
    { method: "GET", path: "/codex/x", body: new Uint8Array(), headers: {} },
  ];
  for (const { method, path, body, headers } of sent) {
    const init = { method, headers, ...(body.length > 0 ? { body } : {}) };
    const response = await fetch(proxy.url + path, init);
    await response.body?.cancel();
    assert.equal(response.status, 200, `${method} ${path}`);
  }
  const arrived = proxy.upstream.requests.map(({ method, path, body }) => ({ method, path, body }));
  assert.deepEqual(
    arrived,
    sent.map(({ method, path, body }) => ({ method, path: `/backend-api${path}`, body })),
  );
  await staysOpen(new URL(proxy.url), large);
});

/** A client may send one request after the other on one connection, however large they are. */
async function staysOpen({ hostname, port }: URL, body: Uint8Array): Promise<void> {
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const head = `POST /codex/responses HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n`;
  const request = new Uint8Array([...new TextEncoder().encode(head), ...body]);
  for (const _ of ["first", "second"]) {
    await writeAll(connection, request);
    let answer = "";
    while (!answer.endsWith("{}")) {
      const more = await readMore(connection);
      assert.ok(more, `closed after ${answer}`);
      answer += new TextDecoder().decode(more);
    }
    assert.match(answer, /^HTTP\/1.1 200 /);
  }
}

onOneProxy("HEAD, redirects, empty answers and odd statuses come back as they are", async (proxy) => {
  proxy.upstream.forPath("/backend-api/codex/head", text(200, "12345"));
  proxy.upstream.forPath(
    "/backend-api/codex/moved",
    text(307, "", { location: "https://elsewhere.example/" }),
  );
  proxy.upstream.forPath("/backend-api/codex/empty", text(204, ""));
  proxy.upstream.forPath("/backend-api/codex/teapot", text(418, "short and stout", { "x-kept": "1" }));
  const get = (path: string, method = "GET") =>
    fetch(`${proxy.url}/codex/${path}`, { method, redirect: "manual" });

  const head = await get("head", "HEAD");
  assert.deepEqual([head.status, head.headers.get("content-length"), await head.text()], [200, "5", ""]);
  const moved = await get("moved");
  assert.deepEqual([moved.status, moved.headers.get("location")], [307, "https://elsewhere.example/"]);
  assert.deepEqual([(await get("empty")).status], [204]);
  const teapot = await get("teapot");
  assert.deepEqual([teapot.status, teapot.headers.get("x-kept"), await teapot.text()], [
    418,
    "1",
    "short and stout",
  ]);
  await moved.body?.cancel();
});

onOneProxy("errors and events of which no text can be made are judged as others are", async (proxy) => {
  const quota = { code: "usage_limit_reached", status: UNTEXTUAL, limit_window_minutes: UNTEXTUAL };
  proxy.upstream.reply({ token: "token-a" }, json(429, { error: { ...quota, resets_in_seconds: 60 } }));
  const primary = { used_percent: 10, window_minutes: UNTEXTUAL };
  const limits = { type: "codex.rate_limits", metered_limit_name: UNTEXTUAL, rate_limits: { primary } };
  proxy.upstream.reply({ token: "token-b" }, sse([limits, ...happyEvents("all is well")]));
  for (const _ of ["with one key first", "with the other"]) {
    const init = { method: "POST", body: '{"model":"gpt-5","stream":true}' };
    const answer = await fetch(`${proxy.url}/codex/responses`, init);
    assert.deepEqual([answer.status, (await answer.text()).includes("response.completed")], [200, true]);
  }
  const outcomes = (await proxy.attempts()).map(({ auth_file, outcome }) => `${auth_file} ${outcome}`);
  assert.deepEqual(outcomes.sort(), ["a.json rate_limited", "b.json ok", "b.json ok"]);
});

onOneProxy("compressed answers keep their bytes and headers, cookies stay behind", async (proxy) => {
  const gzip = new Uint8Array([
    0x1f,
    0x8b,
    8,
    0,
    0,
    0,
    0,
    0,
    0,
    3,
    0x4b,
    4,
    0,
    0x43,
    0xbe,
    0xb7,
    0xe8,
    1,
    0,
    0,
    0,
  ]);
  proxy.upstream.reply(
    {},
    chunks([gzip], {
      headers: {
        "content-encoding": "x-unknown",
        "content-length": String(gzip.length),
        "set-cookie": ["a=1", "b=2"],
      },
    }),
  );
  const response = await fetch(`${proxy.url}/codex/x`);
  assert.equal(response.headers.get("content-encoding"), "x-unknown");
  assert.equal(response.headers.get("set-cookie"), null);
  assert.match(response.headers.get("x-cdx2-request-id") ?? "", /^req_[0-9a-f]{20}$/);
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), gzip);
});

onOneProxy("each event of a stream goes out at once, and all of them byte for byte", async (proxy) => {
  const frames = Array.from({ length: 50 }, (_, n) => `event: e.${n}\ndata: {"n":${n},"t":"é\\n"}\n\n`);
  proxy.upstream.reply({}, chunks(frames, { gapMs: 40, headers: { "content-type": "text/event-stream" } }));
  const response = await fetch(`${proxy.url}/v1/responses`, { method: "POST", body: "{}" });
  const arrivals: number[] = [];
  let all = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    arrivals.push(performance.now());
    all += piece;
  }
  assert.equal(all, frames.join(""));
  // Held back, they would come in a few lumps at the end.
  assert.ok(arrivals.length > 25, `came in ${arrivals.length} pieces`);
});

onOneProxy("a stream of 2,000 events comes out of judgement byte for byte", async (proxy) => {
  const delta = (n: number) =>
    `event: response.output_text.delta\ndata: {"delta":"${"é\\n".repeat(n % 40)}"}\n\n`;
  const events = [
    'event: response.created\ndata: {"response":{}}\n\n',
    ...Array.from({ length: 1998 }, (_, n) => delta(n)),
    'event: response.completed\ndata: {"response":{}}\n\n',
  ];
  const whole = new TextEncoder().encode(events.join(""));
  // Cut without regard to events, as a network does.
  const pieces = Array.from(
    { length: Math.ceil(whole.length / 777) },
    (_, n) => whole.slice(n * 777, (n + 1) * 777),
  );
  proxy.upstream.reply({}, chunks(pieces, { headers: { "content-type": "text/event-stream" } }));
  const response = await fetch(`${proxy.url}/v1/responses`, { method: "POST", body: "{}" });
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), whole);
  assert.equal((await proxy.attempts())[0]?.outcome, "ok");
});

Deno.test("what only the session's former key can decrypt goes back to that key", async () => {
  await using proxy = await aProxy();
  const foreign = json(400, { error: { code: "invalid_encrypted_content" } });
  proxy.upstream.forToken("token-a", [
    json(200, {}),
    json(429, {}, { "retry-after": "1" }),
    json(200, { by: "a" }),
  ]);
  proxy.upstream.forToken("token-b", [json(200, {}), foreign]);
  const ask = async () => {
    const init = { method: "POST", body: "{}", headers: { "session-id": "s1" } };
    const response = await fetch(`${proxy.url}/v1/responses`, init);
    return [response.status, await response.text()];
  };
  assert.equal((await ask())[0], 200);
  assert.equal((await ask())[0], 200, "moved to b");
  await until("a is free again", async () => {
    const { stdout } = await proxy.home.run(["doctor", "--json"]);
    return JSON.parse(stdout).accounts[0].status === "OK";
  });
  assert.deepEqual(await ask(), [200, '{"by":"a"}']);
});

onOneProxy("a client that leaves ends the upstream's work, before and inside a stream", async (proxy) => {
  const endless = Array.from({ length: 2000 }, (_, n) => `event: e\ndata: ${n}\n\n`);
  const stream = chunks(endless, { gapMs: 10, headers: { "content-type": "text/event-stream" } });
  proxy.upstream.forPath("/backend-api/codex/responses", [delay(60_000, stream), stream]);
  const post = (signal: AbortSignal) =>
    fetch(`${proxy.url}/codex/responses`, { method: "POST", body: "{}", signal });

  const beforeHead = new AbortController();
  const waiting = post(beforeHead.signal).catch(() => "left");
  await proxy.upstream.untilRequested(1);
  beforeHead.abort();
  assert.equal(await waiting, "left");
  await proxy.upstream.untilAborted(1);

  const inside = new AbortController();
  const response = await post(inside.signal);
  await response.body!.getReader().read();
  inside.abort();
  await proxy.upstream.untilAborted(2);

  await until("both attempts are in the trace", async () => (await proxy.attempts()).length === 2);
  assert.deepEqual((await proxy.attempts()).map(({ outcome }) => outcome), ["client_gone", "client_gone"]);
});

for (const then of ["reset", "cut"] as const) {
  onOneProxy(
    `an upstream whose stream is ${then} breaks the client's stream, never ends it cleanly`,
    async (proxy) => {
      const frames = ["event: one\ndata: {}\n\n", "event: two\ndata: {}\n\n"];
      const headers = { "content-type": "text/event-stream" };
      proxy.upstream.forPath("/backend-api/codex/responses", chunks(frames, { then, headers }));
      proxy.upstream.forPath(
        "/backend-api/codex/file",
        chunks(frames, { then, headers: { "content-length": "999" } }),
      );
      for (const path of ["responses", "file"]) {
        const response = await fetch(`${proxy.url}/codex/${path}`, { method: "POST", body: "{}" });
        await assert.rejects(response.text(), path);
      }
      const [judged] = await proxy.attempts();
      assert.deepEqual([judged?.outcome, judged?.error], ["origin_failed", "stream_broken"]);
    },
  );
}

Deno.test("an upstream that is silent inside a stream is given up after the idle time", async () => {
  await using proxy = await aProxy({ CLIPROXY_IDLE_TIMEOUT_SECONDS: "1" });
  const headers = { "content-type": "text/event-stream" };
  proxy.upstream.reply({}, chunks(["event: one\ndata: {}\n\n"], { then: "hang", headers }));
  const response = await fetch(`${proxy.url}/v1/responses`, { method: "POST", body: "{}" });
  await assert.rejects(response.text());
  await proxy.upstream.untilAborted(1);
  assert.equal((await proxy.attempts())[0]?.error, "stream_idle_timeout");
});

Deno.test("a request that waits for a key goes on when one is free", async () => {
  await using proxy = await aProxy();
  proxy.upstream.forToken("token-a", [json(429, {}, { "retry-after": "1" }), json(200, { from: "a" })]);
  proxy.upstream.forToken("token-b", json(429, { error: { resets_in_seconds: 3600 } }));
  const answer = await fetch(`${proxy.url}/v1/responses`, { method: "POST", body: "{}" });
  assert.deepEqual([answer.status, await answer.json()], [200, { from: "a" }]);
  const asked = proxy.upstream.requests.filter(({ path }) => path.endsWith("/responses"));
  assert.deepEqual(asked.map(({ token }) => token), ["token-a", "token-b", "token-a"]);
});

Deno.test("sessions stay on their key, and CLIPROXY_ROTATION=request takes turns instead", async () => {
  for (const [rotation, expected] of [["session", ["a", "a", "a"]], ["request", ["a", "b", "a"]]] as const) {
    await using proxy = await aProxy({ CLIPROXY_ROTATION: rotation });
    proxy.upstream.reply({}, sse(happyEvents("hi")));
    for (let turn = 0; turn < 3; turn++) {
      const headers = { "session-id": "s1" };
      await (await fetch(`${proxy.url}/v1/responses`, { method: "POST", body: "{}", headers })).text();
    }
    assert.deepEqual(
      proxy.upstream.requests.map(({ token }) => token),
      expected.map((name) => `token-${name}`),
    );
  }
});

Deno.test("a healed key comes back through probation while others serve", async () => {
  const short = { CLIPROXY_BLACKLIST_SECONDS: "0.2", CLIPROXY_TRIAL_SECONDS: "0.2" };
  await using proxy = await aProxy({ ...short, CLIPROXY_TRIAL_SUCCESSES: "2" });
  const usable = json(200, { rate_limit: { allowed: true, limit_reached: false } });
  proxy.upstream.reply({ token: "token-a", path: "/backend-api/codex/responses" }, [
    json(401, {}),
    json(200, {}),
  ]);
  proxy.upstream.reply({ token: "token-b", path: "/backend-api/codex/responses" }, json(200, {}));
  proxy.upstream.forPath("/backend-api/wham/usage", usable);
  const post = async () => (await fetch(`${proxy.url}/v1/responses`, { method: "POST", body: "{}" })).status;
  assert.equal(await post(), 200);
  await until("two probes have gone out", () => {
    return proxy.upstream.requests.filter(({ path }) => path.endsWith("/wham/usage")).length >= 2;
  });
  await until("the key serves clients again", async () => {
    await post();
    return proxy.upstream.requestsOf("token-a").filter(({ path }) => path.endsWith("/responses")).length >= 2;
  });
});

onOneProxy("the client's own login goes through where it belongs, and no key does", async (proxy) => {
  proxy.upstream.reply({}, json(200, {}));
  const login = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.sig";
  const headers = { authorization: login, "chatgpt-account-id": "mine" };
  for (const path of ["/backend-api/wham/settings/user", "/backend-api/codex/analytics-events/events"]) {
    await (await fetch(proxy.url + path, { headers })).text();
  }
  assert.deepEqual(proxy.upstream.requests.map((request) => request.headers.get("authorization")), [
    login,
    login,
  ]);
  const check = await fetch(`${proxy.url}/backend-api/wham/accounts/check`, { headers });
  assert.equal((await check.json()).default_account_id, "mine");
  assert.equal(proxy.upstream.requests.length, 2, "the account's check is answered by the proxy itself");
});

Deno.test("an upstream that is not the ChatGPT backend gets paths after its own base path", async () => {
  await using upstream = await startFakeUpstream({ basePath: "/v1" });
  upstream.reply({}, json(200, {}));
  await using home = await Home.make({ CLIPROXY_UPSTREAM: upstream.url });
  await home.addKey("a.json", "sk-a");
  const { baseUrl } = await Service.start(home);
  await (await fetch(`${baseUrl}/responses?x=1`, { method: "POST", body: "{}" })).text();
  assert.deepEqual(upstream.requests.map(({ path, token }) => [path, token]), [[
    "/v1/responses?x=1",
    "sk-a",
  ]]);
});

Deno.test("an upstream on this machine is reached directly, whatever HTTP_PROXY says", async () => {
  await using upstream = await startFakeUpstream();
  await using httpProxy = await startFakeUpstream();
  upstream.reply({}, json(200, {}));
  await using home = await Home.make({
    CLIPROXY_UPSTREAM: upstream.url,
    HTTP_PROXY: `http://127.0.0.1:${httpProxy.port}`,
    ALL_PROXY: `http://127.0.0.1:${httpProxy.port}`,
  });
  await home.addKey("a.json", "token-of-a");
  const { baseUrl } = await Service.start(home);
  assert.equal((await fetch(`${baseUrl}/v1/responses`, { method: "POST", body: "{}" })).status, 200);
  await home.run(["all", "--json"]);
  assert.ok(upstream.requests.some(({ path }) => path.endsWith("/wham/usage")));
  assert.deepEqual(httpProxy.requests.map(({ method, path }) => `${method} ${path}`), []);
});

Deno.test("what travels through one proxy", async (t) => {
  await using proxy = await aProxy();
  for (const [name, test] of CASES) {
    await t.step(name, async () => {
      await proxy.startOver();
      await test(proxy);
    });
  }
});
