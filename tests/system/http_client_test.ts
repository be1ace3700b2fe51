// What the rest of the program may count on, whichever client sends: ours, or fetch. Against real sockets of this
// machine. Where the two differ, a row says so.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { streamOf } from "../../src/system/http_body.ts";
import { systemClock as clock } from "../../src/system/clock.ts";
import { type Connections, openConnections, SendError, type UpstreamRequest } from "../../src/system/http.ts";
import { ownConnections } from "../../src/system/http_client.ts";
import { hang, reset, sse, text } from "../support/answers.ts";
import { BlackHole } from "../support/black_hole.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import { unusedPort } from "../support/unused_port.ts";

const LOOPBACK = "127.0.0.1";

const CLIENTS: readonly (readonly [name: string, open: () => Connections])[] = [
  ["own", () => ownConnections({ clock, connectTimeoutMs: 5000, tunnelTo: () => undefined })],
  ["fetch", openConnections],
];

type Ask = (url: string, more?: Partial<UpstreamRequest>) => Promise<Response>;

/** Registers a test for each client; its connections are closed at its end. */
function testEach(
  name: string,
  act: (ask: Ask, connections: Connections, client: string) => Promise<void>,
): void {
  for (const [client, open] of CLIENTS) {
    Deno.test(`${client} client: ${name}`, async () => {
      const connections = open();
      const ask: Ask = async (url, more = {}) => {
        const { signal } = new AbortController();
        const { status, headers, body } = await connections.send({
          url,
          method: "GET",
          headers: new Headers({ "accept-encoding": "identity" }),
          signal,
          ...more,
        });
        return new Response(streamOf(body), { status, headers });
      };
      await act(ask, connections, client);
      connections.dropUsed();
    });
  }
}

async function failureOf(sending: Promise<Response>): Promise<SendError> {
  const error = await sending.then((response) => `answered ${response.status}`, (error) => error);
  assert.ok(error instanceof SendError, String(error));
  return error;
}

testEach("says whether a request that failed can have been sent", async (ask) => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, reset());
  const cases = [
    [`http://${LOOPBACK}:${unusedPort()}/`, "not_sent", /^connection refused$/],
    ["http://no-such-name.invalid/", "not_sent", /name/],
    [upstream.url, "interrupted", /^connection (reset|closed)/],
  ] as const;
  for (const [url, failure, reason] of cases) {
    const error = await failureOf(ask(url));
    assert.equal(error.failure, failure, url);
    assert.match(error.message, reason);
  }
});

testEach("ends with its signal, before and during a request", async (ask) => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, hang());
  const leaving = new AbortController();
  const waiting = failureOf(ask(upstream.url, { signal: leaving.signal }));
  await upstream.untilRequested(1);
  leaving.abort();
  assert.equal((await waiting).failure, "aborted");
  await upstream.untilAborted(1);
  assert.equal((await failureOf(ask(upstream.url, { signal: leaving.signal }))).failure, "aborted");
});

testEach("names no part of a URL's query in an error", async (ask) => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, reset());
  const origins = [`http://${LOOPBACK}:${unusedPort()}`, upstream.url];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...origins), fc.string(), fc.string(), async (origin, before, after) => {
      const { message } = await failureOf(ask(`${origin}/?${before}recognisable${after}`));
      assert.doesNotMatch(message, /recognisable|http:/);
    }),
    { numRuns: 50 },
  );
});

testEach("returns a redirect and follows none", async (ask) => {
  await using upstream = await startFakeUpstream({ basePath: "" });
  upstream.forPath("/from", text(307, "over there", { location: `${upstream.url}/to` }));
  const response = await ask(`${upstream.url}/from`);
  assert.deepEqual([response.status, response.headers.get("location")], [307, `${upstream.url}/to`]);
  assert.equal(await response.text(), "over there");
  assert.deepEqual(upstream.requests.map(({ path }) => path), ["/from"]);
});

testEach("hands over a compressed body as it came when it asked for identity", async (ask) => {
  await using upstream = await startFakeUpstream();
  const body = gzipSync("hello");
  upstream.reply({}, { kind: "whole", status: 200, headers: { "content-encoding": "gzip" }, body });
  const response = await ask(upstream.url);
  assert.equal(response.headers.get("content-encoding"), "gzip");
  assert.deepEqual(await response.bytes(), new Uint8Array(body));
});

testEach("takes no answer whose status is not for an answer", async (ask) => {
  for (const status of [101, 600, 999]) {
    const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
    const answering = listener.accept().then(async (connection) => {
      await connection.read(new Uint8Array(4096));
      const head = `HTTP/1.1 ${status} Odd\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi`;
      await connection.write(new TextEncoder().encode(head));
      connection.close();
    });
    const { failure, message } = await failureOf(ask(`http://${LOOPBACK}:${listener.addr.port}/`));
    assert.deepEqual([failure, message.includes(String(status))], ["bad_answer", true]);
    await answering;
    listener.close();
  }
});

testEach("sends a body whole, with its length, whatever its size", async (ask) => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, text(200, "thanks"));
  for (const size of [0, 1, 70_000, 5_000_000]) {
    const body = new Uint8Array(size).map((_, at) => at);
    const response = await ask(upstream.url, { method: "POST", body, mayReuse: true });
    assert.equal(await response.text(), "thanks");
    const { headers, body: received } = upstream.requests.at(-1)!;
    assert.equal(headers.get("content-length"), String(size));
    assert.deepEqual(received, body);
  }
});

/** Sends GET requests on connections of their own or on used ones, and counts the connections. */
async function throughRouter(
  ask: Ask,
  act: (world: {
    readonly upstream: FakeUpstream;
    readonly hole: BlackHole;
    readonly get: (mayReuse: boolean, signal?: AbortSignal) => Promise<Response>;
  }) => Promise<void>,
): Promise<void> {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, text(200, "hello"));
  await using hole = await BlackHole.before(upstream.port);
  const url = `http://${LOOPBACK}:${hole.port}/`;
  const get = (mayReuse: boolean, signal = new AbortController().signal) => ask(url, { signal, mayReuse });
  await act({ upstream, hole, get });
}

testEach(
  "uses a used connection only for what may be sent there",
  (ask, { dropUsed }, client) =>
    throughRouter(ask, async ({ hole, get }) => {
      const counts: number[] = [];
      const steps = [false, false, true, true, true, false, "drop", true, true] as const;
      for (const step of steps) {
        if (step === "drop") dropUsed();
        else await (await get(step)).text();
        counts.push(hole.connectionCount);
      }
      // fetch cannot use again what was opened for one request alone.
      const expected = { own: [1, 2, 2, 2, 2, 3, 3, 4, 4], fetch: [1, 2, 3, 3, 3, 4, 4, 5, 5] };
      assert.deepEqual(counts, expected[client as keyof typeof expected]);
    }),
);

testEach(
  "lets answers go on whose connections are dropped",
  (ask, { dropUsed }) =>
    throughRouter(ask, async ({ upstream, get }) => {
      const { promise: lastAfter, resolve } = Promise.withResolvers<void>();
      upstream.reply({}, sse([{ type: "a" }, { type: "b" }], { lastAfter }));
      const streaming = await get(true);
      upstream.reply({}, { kind: "delayed", delayMs: 50, answer: text(200, "late") });
      const waiting = get(true);
      await upstream.untilRequested(2);
      dropUsed();
      resolve();
      assert.match(await streaming.text(), /"a"[^]*"b"/);
      assert.equal(await (await waiting).text(), "late");
    }),
);

testEach(
  "finds nothing of a router that has forgotten its connections, but on used ones",
  (ask, { dropUsed }) =>
    throughRouter(ask, async ({ hole, get }) => {
      for (const mayReuse of [true, false]) await (await get(mayReuse)).text();
      hole.forget();
      assert.equal(await (await get(false)).text(), "hello");
      hole.forget();
      assert.equal((await failureOf(get(true, AbortSignal.timeout(200)))).failure, "aborted");
      dropUsed();
      assert.equal(await (await get(true)).text(), "hello");
    }),
);
