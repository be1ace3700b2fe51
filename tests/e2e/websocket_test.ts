// WebSockets through the real program: what a client sees, what reaches the upstream, what becomes of the keys. The
// keys are a, b and c, asked in this order.

import assert from "node:assert/strict";
import { clientFrame } from "../../src/system/ws_codec.ts";
import { aCertificate } from "../support/certificate.ts";
import { FakeHttpProxy } from "../support/fake_http_proxy.ts";
import { replaceKeys } from "../support/fresh_keys.ts";
import { FakeWsUpstream, type Script, type ServerSocket } from "../support/fake_ws_upstream.ts";
import { testWith } from "../support/installed.ts";
import { Home, until } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";
import { ask, type ClientSide, connect } from "../support/ws_client.ts";
import { textsOf } from "../support/written_files.ts";

const IN_AN_HOUR = Math.floor(Date.now() / 1000) + 3600;
const TOO_LARGE = 16 * 2 ** 20;

const created = { type: "response.created", response: { id: "r1" } };
const delta = { type: "response.output_text.delta", delta: "hi" };
const completed = { type: "response.completed", response: { id: "r1" } };
const quotaError = { type: "usage_limit_reached", message: "used up", resets_at: IN_AN_HOUR };
const quota = { type: "error", status: 429, error: quotaError };
const revoked = { type: "error", status: 401, error: { code: "token_revoked", message: "no" } };
const answers: Script = (socket) => socket.send(created, delta, completed);
const says = (...events: readonly unknown[]): Script => (socket) => socket.send(...events);
/** The first call is answered, the ones after it are not. */
const firstThen = (...events: readonly unknown[]): Script => (socket, _, nth) =>
  nth === 1 ? socket.send(created, delta, completed) : socket.send(...events);
const body = JSON.stringify({ error: quotaError });

class Stage implements AsyncDisposable {
  /** The number of the case that is played, from 1; 0: it is the only one. */
  #round = 0;
  #rowsBefore = 0;
  #metricsBefore = "";

  private constructor(readonly home: Home, readonly upstream: FakeWsUpstream, readonly service: Service) {}

  static async open(
    names: string,
    env: Readonly<Record<string, string>> = {},
    upstream = new FakeWsUpstream(),
    files: Readonly<Record<string, object>> = {},
  ): Promise<Stage> {
    const home = await Home.make({
      CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
      CLIPROXY_UPSTREAM: upstream.url,
      CLIPROXY_HOLD_SECONDS: "0",
      ...env,
    });
    for (const [name, file] of Object.entries(files)) {
      await Deno.writeTextFile(`${home.authDir}/${name}`, JSON.stringify(file));
    }
    for (const name of names) await home.addKey(`${name}0.json`, `token-0${name}`);
    const stage = new Stage(home, upstream, await Service.start(home));
    for (const name of names) stage.script(name, answers);
    return stage;
  }

  /** Begins a case with new keys. */
  async begin(names: string): Promise<void> {
    this.#round++;
    for (const name of names) this.script(name, answers);
    const tokens = [...names].map((name) => [`${name}${this.#round}.json`, this.token(name)]);
    await replaceKeys(this.home, this.service, Object.fromEntries(tokens));
    this.#rowsBefore = (await this.#allRows()).length;
    this.#metricsBefore = await this.#metrics();
  }

  /** Ends a case and what it has left open. */
  async end(): Promise<void> {
    await this.upstream.startOver();
    await until("every session has ended", async () => {
      return valueIn(await this.#metrics(), "cdx2_websockets_open") === 0;
    });
  }

  token(name: string): string {
    return `token-${this.#round}${name}`;
  }

  get url(): string {
    return this.service.baseUrl;
  }

  /** What a key answers to each call. */
  script(name: string, script: Script): void {
    this.upstream.script(this.token(name), script);
  }

  refuse(name: string, refusal: Parameters<FakeWsUpstream["refuse"]>[1]): void {
    this.upstream.refuse(this.token(name), refusal);
  }

  socketsOf(name: string): readonly ServerSocket[] {
    return this.upstream.socketsOf(this.token(name));
  }

  connect(thread = "t1"): Promise<ClientSide> {
    return connect(this.url, { headers: { "thread-id": thread, "session-id": thread } });
  }

  /** The keys that got a handshake, in order. */
  get asked(): string {
    return this.upstream.handshakes.map((token) => token.at(-1)).join("");
  }

  /** `key status outcome` of each attempt. */
  async trace(): Promise<readonly string[]> {
    const rows = await this.rows();
    return rows.map(({ auth_file, status, outcome }) => `${auth_file[0]} ${status} ${outcome}`);
  }

  /** The attempts of this case. */
  // deno-lint-ignore no-explicit-any -- pages have schemas of their own; here a few fields are read
  async rows(): Promise<any[]> {
    return (await this.#allRows()).slice(this.#rowsBefore);
  }

  // deno-lint-ignore no-explicit-any -- as above
  async #allRows(): Promise<any[]> {
    const { events } = await (await this.service.manage("/trace?limit=500")).json();
    return events;
  }

  /** All that the proxy has written. */
  async written(): Promise<string> {
    const names = (await Array.fromAsync(Deno.readDir(this.home.authDir))).map(({ name }) => name);
    const written = names.filter((name) => /^rr_proxy/.test(name));
    return (await textsOf(written.map((name) => `${this.home.authDir}/${name}`))).join("\n");
  }

  /** O: OK, C: COOLDOWN, B: BLACKLIST. */
  async keys(): Promise<string> {
    return (await this.service.accounts()).map(({ status }) => status[0]).join("");
  }

  /** Of a metric that only grows, what this case has added. */
  async metric(name: string): Promise<number> {
    const now = valueIn(await this.#metrics(), name);
    return name.endsWith("_total") ? now - valueIn(this.#metricsBefore, name) : now;
  }

  async #metrics(): Promise<string> {
    return await (await this.service.manage("/metrics")).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.home[Symbol.asyncDispose]();
    await this.upstream[Symbol.asyncDispose]();
  }
}

function valueIn(metrics: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
}

type Case = readonly [what: string, keys: string, play: (stage: Stage) => Promise<void>];
const cases: Case[] = [];

/** A case with these keys on a proxy that it shares with others: a start takes longer than most of them. */
function shared(...it: Case): void {
  cases.push(it);
}

Deno.test("sessions over WebSocket", async (test) => {
  await using stage = await Stage.open("");
  for (const [what, keys, play] of cases) {
    await test.step(what, async () => {
      await stage.begin(keys);
      try {
        await play(stage);
      } finally {
        await stage.end();
      }
    });
  }
});

shared("a session is relayed, and each call is an attempt", "a", async (stage) => {
  stage.upstream.acceptHeaders = {
    "x-models-etag": "etag-1",
    "x-codex-turn-state": "turn",
    "set-cookie": "secret=cookie",
    "x-codex-primary-used-percent": "42",
    "x-codex-primary-window-minutes": "300",
  };
  const { socket, headers } = await ask(stage.url, {
    headers: { authorization: "Bearer the-client's", "chatgpt-account-id": "acct", "x-own": "kept" },
  });
  const client = socket!;
  assert.equal(headers.get("x-models-etag"), "etag-1");
  assert.equal(headers.get("x-codex-turn-state"), "turn");
  assert.equal(headers.get("set-cookie"), null);
  assert.match(headers.get("x-cdx2-request-id") ?? "", /^req_/);
  client.call({ generate: false, input: [] });
  await client.untilEvent("response.completed");
  const text = '{"type":"response.create","model":"m2","previous_response_id":"r1","x":1.0,"input":["ü"]}';
  client.sendText(text);
  await client.untilEvent("response.completed", 2);
  assert.deepEqual(client.types.slice(0, 3), [created.type, delta.type, completed.type]);
  const [server] = stage.upstream.sockets;
  assert.equal(server!.texts[1], text);
  assert.equal(server!.headers.get("authorization"), `Bearer ${stage.token("a")}`);
  assert.equal(server!.headers.get("x-own"), "kept");
  assert.equal(server!.headers.get("accept-encoding"), null);
  assert.equal(await stage.metric("cdx2_websockets_open"), 1);
  client.close();
  await until("the upstream's connection is closed", () => server!.closeCode === 1000);
  const rows = await stage.rows();
  assert.deepEqual(
    rows.map((
      { status, transport, prewarm, model, attempt, stream_end },
    ) => [status, transport, prewarm, model, attempt, stream_end]),
    [[200, "ws", true, "m", 1, "completed"], [200, "ws", undefined, "m2", 1, "completed"]],
  );
  assert.notEqual(rows[0].request_id, rows[1].request_id);
  const secrets = new RegExp(`${stage.token("a")}|secret=cookie|the-client's`);
  assert.doesNotMatch(JSON.stringify(rows), secrets);
  assert.doesNotMatch(await stage.written(), secrets);
});

shared("a key that is refused at the handshake is replaced unseen", "abc", async (stage) => {
  stage.refuse("a", { status: 429, body });
  stage.refuse("b", { status: 401, body: '{"error":{"code":"token_revoked"}}' });
  const client = await stage.connect();
  client.call();
  await client.untilEvent("response.completed");
  assert.equal(stage.asked, "abc");
  assert.equal(await stage.keys(), "CBO");
  assert.deepEqual(await stage.trace(), ["a 429 rate_limited", "b 401 auth_rejected", "c 200 ok"]);
  stage.refuse("c", { status: 429, body });
  const refused = await ask(stage.url);
  const { error } = JSON.parse(refused.body);
  assert.deepEqual([refused.status, error.type, stage.asked], [429, "usage_limit_reached", "abcc"]);
  assert(Math.abs(error.resets_at - IN_AN_HOUR) < 5, `resets at ${error.resets_at}, not at ${IN_AN_HOUR}`);
});

shared("a whole call that meets a quota is made again with the next key, unseen", "abc", async (stage) => {
  stage.script("a", says(created, quota));
  stage.script("b", says(created, revoked));
  const client = await stage.connect();
  client.call({ instructions: "x" });
  await client.untilEvent("response.completed");
  assert.deepEqual(client.types, [created.type, delta.type, completed.type]);
  assert.deepEqual(stage.socketsOf("c")[0]!.texts, stage.socketsOf("a")[0]!.texts);
  await until(
    "the others are closed",
    () => stage.socketsOf("a")[0]!.isGone && stage.socketsOf("b")[0]!.isGone,
  );
  assert.equal(await stage.keys(), "CBO");
  const rows = await stage.rows();
  assert.deepEqual(rows.map(({ attempt, status }) => [attempt, status]), [[1, 429], [2, 401], [3, 200]]);
  assert.equal(new Set(rows.map(({ request_id }) => request_id)).size, 1);
  assert.equal(await stage.metric("cdx2_websocket_replays_total"), 2);
  // The session goes on where it is.
  client.call({ previous_response_id: "r1" });
  await client.untilEvent("response.completed", 2);
  assert.equal(stage.asked, "abc");
});

shared(
  "a call that goes on from a prewarm is whole, and is made again without its id",
  "ab",
  async (stage) => {
    stage.script("a", firstThen(quota));
    const client = await stage.connect();
    client.call({ generate: false, input: [] });
    await client.untilEvent("response.completed");
    client.sendText('{"type":"response.create","model":"m","previous_response_id":"r1","input":["all"]}');
    await client.untilEvent("response.completed", 2);
    assert.deepEqual(stage.socketsOf("b")[0]!.texts, [
      '{"type":"response.create","model":"m","input":["all"]}',
    ]);
  },
);

shared(
  "a call that goes on from the lost connection is asked for in full, and the next one gets the next key",
  "ab",
  async (stage) => {
    stage.script("a", firstThen(created, quota));
    const client = await stage.connect();
    client.call();
    await client.untilEvent("response.completed");
    client.call({ previous_response_id: "r1" });
    await client.untilClosed();
    assert.equal(client.closeCode, 1012);
    const { status, error, headers } = client.events.at(-1);
    assert.deepEqual([status, error.code, headers["retry-after"]], [400, "previous_response_not_found", "0"]);
    assert.deepEqual(client.types, [created.type, delta.type, completed.type, "error"]);
    const next = await stage.connect();
    next.call();
    await next.untilEvent("response.completed");
    assert.equal(stage.asked, "ab");
    assert.equal(await stage.keys(), "CO");
    assert.equal(await stage.metric("cdx2_websocket_resends_total"), 1);
  },
);

shared("after visible output the client is asked to ask again", "ab", async (stage) => {
  stage.script("a", says(created, delta, quota));
  const client = await stage.connect();
  client.call();
  await client.untilClosed();
  const { status, headers } = client.events.at(-1);
  assert.deepEqual([status, headers["retry-after"], client.closeCode], [503, "0", 1012]);
  assert.deepEqual(client.types, [created.type, delta.type, "error"]);
  assert.equal(await stage.keys(), "CO");
});

shared("with no key left the client is told so, with the time of the pool", "ab", async (stage) => {
  const later = { ...quotaError, resets_at: IN_AN_HOUR + 7200 };
  stage.script("a", says({ ...quota, error: later }));
  stage.script("b", says(quota));
  const client = await stage.connect();
  client.call();
  await client.untilClosed();
  const { status, error, headers } = client.events.at(-1);
  assert.deepEqual([status, error.type, headers], [429, "usage_limit_reached", undefined]);
  assert(Math.abs(error.resets_at - IN_AN_HOUR) < 5, `resets at ${error.resets_at}, not at ${IN_AN_HOUR}`);
  assert.equal(client.events.length, 1);
  const refused = await ask(stage.url);
  assert.equal(refused.status, 429);
  assert.match(refused.body, /usage_limit_reached/);
  assert.equal(stage.asked, "ab");
});

shared("with every token rejected Codex is told so at its next handshake", "a", async (stage) => {
  stage.script("a", says(revoked));
  const client = await stage.connect();
  client.call();
  await client.untilClosed();
  assert.equal(client.closeCode, 1012);
  // A refused token may be renewed first; without a refresh token that is decided within a moment.
  await until("the key is ejected", async () => await stage.keys() === "B");
  // Codex asks again at once, and prints what that is answered with.
  const refused = await ask(stage.url);
  assert.equal(refused.status, 400);
  assert.match(refused.body, /cdx2 doctor/);
  // Another client would take a 400 for its own fault, and may never get a 503 at a handshake.
  assert.equal((await ask(stage.url, { headers: { originator: "other" } })).status, 426);
});

shared(
  "a burst is tried with one other key, then the client is told to wait for a moment",
  "abc",
  async (stage) => {
    const burst = { type: "error", status: 429, error: { code: "rate_limit_exceeded" } };
    for (const name of "abc") stage.script(name, says(burst));
    const client = await stage.connect();
    client.call();
    await client.untilClosed();
    const { status, error, headers } = client.events.at(-1);
    assert.deepEqual([status, error.type, headers["retry-after"]], [429, "rate_limit_exceeded", "3"]);
    assert.equal(stage.asked, "ab");
  },
);

shared("an error without a status never reaches the client", "a", async (stage) => {
  stage.script("a", says(created, { type: "error", status: null, error: { code: "server_error" } }));
  const client = await stage.connect();
  client.call();
  await client.untilClosed();
  assert.deepEqual([client.types.includes("error"), client.closeCode], [false, 1011]);
  assert.equal(await stage.keys(), "O");
});

shared("errors of the request, and those that the client solves, go on", "ab", async (stage) => {
  const unknown = { type: "error", error: { code: "previous_response_not_found" } };
  const bad = {
    type: "error",
    status: 400,
    error: { code: "invalid_value", message: `bad with ${stage.token("a")}` },
  };
  stage.script("a", (socket, _, nth) => socket.send(nth === 1 ? unknown : bad));
  const client = await stage.connect();
  client.call({ previous_response_id: "r0" });
  await client.untilEvent("error");
  client.call();
  await client.untilEvent("error", 2);
  assert.deepEqual(client.events[0], unknown);
  assert.equal(client.events[1].error.message, "bad with " + "*".repeat(stage.token("a").length));
  assert.equal(client.end, undefined);
  assert.deepEqual([stage.asked, await stage.keys()], ["a", "OO"]);
});

shared("idle sessions of a penalized key are closed, and the next ones get another", "ab", async (stage) => {
  const idle = await connect(stage.url, { headers: { "thread-id": "t1", "session-id": "s" } });
  const child = await connect(stage.url, { headers: { "thread-id": "t2", "session-id": "s" } });
  idle.call();
  await idle.untilEvent("response.completed");
  stage.script("a", says(revoked));
  child.call();
  await idle.untilClosed();
  await child.untilEvent("response.completed");
  assert.equal(idle.closeCode, 1012);
  const next = await connect(stage.url, { headers: { "thread-id": "t1", "session-id": "s" } });
  next.call();
  await next.untilEvent("response.completed");
  assert.equal(stage.asked, "aabb");
});

shared("where the upstream has no WebSocket, HTTP is left to decide", "ab", async (stage) => {
  const refusals = [
    { status: 404 },
    { status: 405 },
    { status: 426 },
    { status: 200, body: "{}" },
    { status: 500 },
    { status: 403, headers: { "content-type": "text/html" }, body: "<html>Just a moment" },
    "reset",
  ] as const;
  for (const refusal of refusals) {
    stage.refuse("a", refusal);
    stage.refuse("b", refusal);
    assert.equal((await ask(stage.url)).status, 426, JSON.stringify(refusal));
  }
  assert.equal(await stage.keys(), "OO");
});

Deno.test("a key with an upstream of its own serves there where that has WebSockets, else over HTTP", async () => {
  await using api = new FakeWsUpstream();
  api.script("sk-own", answers);
  const own = { api_key: "sk-own", upstream: `${api.origin}/v1`, priority: -10, models: { m: "m-there" } };
  await using stage = await Stage.open("a", {}, new FakeWsUpstream(), { "own.json": own });
  stage.script("a", says(created, quota));
  const client = await stage.connect();
  client.call();
  await client.untilEvent("response.completed");
  assert.deepEqual([stage.asked, api.handshakes], ["a", ["sk-own"]]);
  const [server] = api.sockets;
  assert.deepEqual(server!.texts, ['{"type":"response.create","model":"m-there","input":["all"]}']);
  api.refuse("sk-own", { status: 404 });
  assert.equal((await ask(stage.url, { headers: { "thread-id": "t2" } })).status, 426);
  assert.equal(await stage.keys(), "CO");
});

shared(
  "a 403 without a reason is not the key's fault while other sockets of the key work",
  "a",
  async (stage) => {
    const client = await stage.connect("t1");
    stage.refuse("a", { status: 403 });
    assert.equal((await ask(stage.url, { headers: { "thread-id": "t2" } })).status, 426);
    assert.equal(await stage.keys(), "O");
    client.call();
    await client.untilEvent("response.completed");
  },
);

shared(
  "other upgrades, and all of them when it is off or the way leads through a proxy, get 426",
  "a",
  async (stage) => {
    for (const path of ["/v1/models", "/v1/responses/resp_1", "/v1/realtime", "/backend-api/wham/usage"]) {
      assert.equal((await ask(stage.url, { path })).status, 426, path);
    }
    for (
      const path of ["/v1/responses", "//responses/", "/backend-api/codex/responses", "/v1/responses?a=b"]
    ) {
      const { socket } = await ask(stage.url, { path });
      assert(socket, path);
      socket.close();
    }
    await using off = await Stage.open("a", { CLIPROXY_WEBSOCKET: "off" });
    assert.equal((await ask(off.url)).status, 426);
    await using proxied = await Stage.open("a", {
      CLIPROXY_UPSTREAM: "http://upstream.invalid/backend-api",
      HTTP_PROXY: off.upstream.origin.replace("http:", "socks5:"),
    });
    assert.equal((await ask(proxied.url)).status, 426);
    assert.equal(off.asked, "");
  },
);

testWith(
  "openssl",
  "an upstream over TLS with a private authority is reached, also through an HTTP proxy",
  async () => {
    await using certificate = await aCertificate(["IP:127.0.0.1", "DNS:upstream.test"]);
    const env = { DENO_CERT: certificate.authorityFile };
    await using direct = await Stage.open("a", env, new FakeWsUpstream(certificate));
    const client = await direct.connect();
    client.call();
    await client.untilEvent("response.completed");
    await using httpProxy = new FakeHttpProxy();
    httpProxy.hosts["upstream.test:443"] = `127.0.0.1:${direct.upstream.port}`;
    await using tunnelled = await Stage.open("a", {
      ...env,
      CLIPROXY_UPSTREAM: "https://upstream.test/backend-api",
      HTTPS_PROXY: httpProxy.url.replace("//", "//us%40er:word-of-proxy@"),
    });
    const through = await tunnelled.connect();
    through.call();
    await through.untilEvent("response.completed");
    assert.equal(direct.asked, "aa");
    assert.deepEqual(httpProxy.heads, [[
      "CONNECT upstream.test:443 HTTP/1.1",
      "host: upstream.test:443",
      `proxy-authorization: Basic ${btoa("us@er:word-of-proxy")}`,
    ]]);
    httpProxy.answer = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
    assert.equal((await ask(tunnelled.url)).status, 426);
    assert.equal(await tunnelled.keys(), "O");
    const told = JSON.stringify([
      await tunnelled.rows(),
      await (await tunnelled.service.manage("/debug")).json(),
    ]);
    assert.doesNotMatch(told, /word-of-proxy/);
    assert.doesNotMatch(await tunnelled.written(), /word-of-proxy/);
  },
);

shared("a web page elsewhere is refused before anything is dialled", "a", async (stage) => {
  assert.equal((await ask(stage.url, { headers: { origin: "https://evil.example" } })).status, 403);
  assert.equal(stage.asked, "");
});

shared("a client that leaves during the handshake leaves no connection behind", "a", async (stage) => {
  stage.refuse("a", "hang");
  const leaving = new AbortController();
  const asked = ask(stage.url, { signal: leaving.signal });
  await until("the handshake has arrived", () => stage.asked === "a");
  leaving.abort();
  await assert.rejects(asked);
  await until("the upstream's connection is closed", () => stage.upstream.openCount === 0);
  assert.equal(await stage.metric("cdx2_websockets_open"), 0);
});

shared("a client that leaves during its call ends the upstream's connection", "a", async (stage) => {
  stage.script("a", says(created, delta));
  const client = await stage.connect();
  client.call();
  await client.untilEvent(delta.type);
  assert.equal(await stage.metric("cdx2_requests_in_flight"), 1);
  client.close();
  await until("the upstream sees the end", () => stage.socketsOf("a")[0]!.closeCode === 1000);
  await until("the attempt is recorded", async () => (await stage.trace())[0] === "a null client_gone");
});

shared("an upstream that ends is followed, with its code where there is one", "a", async (stage) => {
  stage.script("a", (socket) => socket.close(1008));
  const closed = await stage.connect();
  closed.call();
  await closed.untilClosed();
  assert.equal(closed.closeCode, 1008);
  const idle = await stage.connect("idle");
  stage.socketsOf("a")[1]!.cut();
  await idle.untilClosed();
  assert.equal(idle.closeCode, 1011);
  stage.script("a", (socket) => socket.cut());
  const cut = await stage.connect();
  cut.call();
  await cut.untilClosed();
  assert.equal(cut.closeCode, 1011);
  assert.equal(await stage.keys(), "O");
  assert.deepEqual(await stage.trace(), ["a null origin_failed", "a null origin_failed"]);
});

shared("a thread whose messages are too large goes on over HTTP", "a", async (stage) => {
  const client = await stage.connect("large");
  client.call({ input: ["x".repeat(TOO_LARGE)] });
  await client.untilClosed();
  assert.equal(client.closeCode, 1009);
  assert.equal((await ask(stage.url, { headers: { "thread-id": "large" } })).status, 426);
  assert.deepEqual(stage.socketsOf("a")[0]!.texts, []);
  stage.script("a", (socket) => socket.close(1009));
  const other = await stage.connect("other");
  other.call();
  await other.untilClosed();
  assert.equal((await ask(stage.url, { headers: { "thread-id": "other" } })).status, 426);
  assert.equal(await stage.keys(), "O");
});

shared("pings of the upstream are answered while the client does not read", "a", async (stage) => {
  const large = { ...delta, delta: "x".repeat(2_000_000) };
  stage.script("a", (socket) => {
    socket.send(created, large, large, large, large, large);
    socket.sendFrame(9);
  });
  // A client that never reads what it gets.
  const { hostname, port } = new URL(stage.url);
  using slow = await Deno.connect({ hostname, port: Number(port) });
  const head = `GET /v1/responses HTTP/1.1\r\nhost: ${hostname}:${port}\r\nconnection: Upgrade\r\n` +
    "upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  await slow.write(new TextEncoder().encode(head));
  await until("the session is open", () => stage.upstream.sockets.length === 1);
  const call = new TextEncoder().encode('{"type":"response.create"}');
  await slow.write(clientFrame(1, call, new Uint8Array(4)));
  await until("the ping is answered", () => stage.upstream.sockets[0]!.pongs === 1);
});

Deno.test("a stop ends idle sessions at once, and lets a call finish", async () => {
  await using stage = await Stage.open("a");
  let finish = () => {};
  stage.script("a", (socket) => {
    socket.send(created, delta);
    finish = () => socket.send(completed);
  });
  const idle = await stage.connect("idle");
  const busy = await stage.connect("busy");
  busy.call();
  await busy.untilEvent(delta.type);
  const stopping = stage.home.run(["stop"]);
  await idle.untilClosed();
  assert.equal(idle.closeCode, 1001);
  assert.equal((await ask(stage.url)).status, 426);
  assert.equal(busy.end, undefined);
  finish();
  await busy.untilEvent("response.completed");
  await busy.untilClosed();
  assert.equal(busy.closeCode, 1001);
  assert.equal((await stopping).code, 0);
});

Deno.test("a stop cuts a call that does not finish within the drain time", async () => {
  await using stage = await Stage.open("a", { CLIPROXY_DRAIN_SECONDS: "0.3" });
  stage.script("a", says(created, delta));
  const busy = await stage.connect();
  busy.call();
  await busy.untilEvent(delta.type);
  assert.equal((await stage.home.run(["stop"])).code, 0);
  await busy.untilClosed();
  await stage.service.untilGone();
});
