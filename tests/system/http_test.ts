// The network room against real sockets of this machine. What fetch does by itself differs between versions of Deno;
// these tests say what the rest of the program may count on.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import {
  accepts,
  createSend,
  freePort,
  type Handler,
  ListenError,
  openConnections,
  SendError,
  serve,
} from "../../src/system/http.ts";
import { hang, reset, sse, text } from "../support/answers.ts";
import { BlackHole } from "../support/black_hole.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import { runScript } from "../support/script.ts";

const LOOPBACK = "127.0.0.1";

const send = createSend();
const connections = openConnections();

function get(url: string, signal = new AbortController().signal): Promise<Response> {
  return send({ url, method: "GET", headers: new Headers({ "accept-encoding": "identity" }), signal });
}

async function failureOf(sending: Promise<Response>): Promise<SendError> {
  const error = await sending.then((response) => `answered ${response.status}`, (error) => error);
  assert.ok(error instanceof SendError, String(error));
  return error;
}

/** Serves with `handle` while `act` runs. */
async function serving(handle: Handler, act: (url: string) => Promise<void>): Promise<void> {
  const listener = serve({ hostname: LOOPBACK, port: 0 }, handle);
  try {
    await act(`http://${LOOPBACK}:${listener.port}`);
  } finally {
    await listener.shutdown();
  }
}

Deno.test("Send says whether a request that failed can have been sent", async () => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, reset());
  const cases = [
    [`http://${LOOPBACK}:${freePort(LOOPBACK)}/`, "not_sent", /^connection refused$/],
    ["http://no-such-name.invalid/", "not_sent", /name/],
    [upstream.url, "interrupted", /^connection (reset|closed)/],
  ] as const;
  for (const [url, failure, reason] of cases) {
    const error = await failureOf(get(url));
    assert.equal(error.failure, failure, url);
    assert.match(error.message, reason);
  }
});

Deno.test("Send ends with its signal, before and during a request", async () => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, hang());
  const leaving = new AbortController();
  const waiting = failureOf(get(upstream.url, leaving.signal));
  await upstream.untilRequested(1);
  leaving.abort();
  assert.equal((await waiting).failure, "aborted");
  await upstream.untilAborted(1);
  assert.equal((await failureOf(get(upstream.url, leaving.signal))).failure, "aborted");
});

Deno.test("Send names no part of a URL's query in an error", async () => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, reset());
  const origins = [`http://${LOOPBACK}:${freePort(LOOPBACK)}`, upstream.url];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...origins), fc.string(), fc.string(), async (origin, before, after) => {
      const { message } = await failureOf(get(`${origin}/?${before}recognisable${after}`));
      assert.doesNotMatch(message, /recognisable|http:/);
    }),
    { numRuns: 50 },
  );
});

Deno.test("Send returns a redirect and follows none", async () => {
  await using upstream = await startFakeUpstream({ basePath: "" });
  upstream.forPath("/from", text(307, "over there", { location: `${upstream.url}/to` }));
  const response = await get(`${upstream.url}/from`);
  assert.deepEqual([response.status, response.headers.get("location")], [307, `${upstream.url}/to`]);
  assert.equal(await response.text(), "over there");
  assert.deepEqual(upstream.requests.map(({ path }) => path), ["/from"]);
});

Deno.test("Send hands over a compressed body as it came when it asked for identity", async () => {
  await using upstream = await startFakeUpstream();
  const body = gzipSync("hello");
  upstream.reply({}, { kind: "whole", status: 200, headers: { "content-encoding": "gzip" }, body });
  const response = await get(upstream.url);
  assert.equal(response.headers.get("content-encoding"), "gzip");
  assert.deepEqual(await response.bytes(), new Uint8Array(body));
});

Deno.test("Send takes no answer whose status is not for an answer", async () => {
  for (const status of [101, 600, 999]) {
    const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
    const answering = listener.accept().then(async (connection) => {
      await connection.read(new Uint8Array(4096));
      const head = `HTTP/1.1 ${status} Odd\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi`;
      await connection.write(new TextEncoder().encode(head));
      connection.close();
    });
    const { failure, message } = await failureOf(get(`http://${LOOPBACK}:${listener.addr.port}/`));
    assert.deepEqual([failure, message.includes(String(status))], ["bad_answer", true]);
    await answering;
    listener.close();
  }
});

/** Sends GET requests on connections of their own or on used ones, and counts the connections. */
async function withConnections(
  act: (world: {
    readonly upstream: FakeUpstream;
    readonly hole: BlackHole;
    readonly dropUsed: () => void;
    readonly ask: (mayReuse: boolean, signal?: AbortSignal) => Promise<Response>;
  }) => Promise<void>,
): Promise<void> {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, text(200, "hello"));
  await using hole = await BlackHole.before(upstream.port);
  const { send, dropUsed } = connections;
  const url = `http://${LOOPBACK}:${hole.port}/`;
  const ask = (mayReuse: boolean, signal = new AbortController().signal) =>
    send({ url, method: "GET", headers: new Headers(), signal, mayReuse });
  await act({ upstream, hole, dropUsed, ask });
  dropUsed();
}

Deno.test("openConnections() sends on a used connection only what may be sent there", () =>
  withConnections(async ({ hole, dropUsed, ask }) => {
    const counts: number[] = [];
    const steps = [false, false, true, true, true, false, "drop", true, true] as const;
    for (const step of steps) {
      if (step === "drop") dropUsed();
      else await (await ask(step)).text();
      counts.push(hole.connectionCount);
    }
    assert.deepEqual(counts, [1, 2, 3, 3, 3, 4, 4, 5, 5]);
  }));

Deno.test("openConnections() lets answers go on whose connections are dropped", () =>
  withConnections(async ({ upstream, dropUsed, ask }) => {
    const { promise: lastAfter, resolve } = Promise.withResolvers<void>();
    upstream.reply({}, sse([{ type: "a" }, { type: "b" }], { lastAfter }));
    const streaming = await ask(true);
    upstream.reply({}, { kind: "delayed", delayMs: 50, answer: text(200, "late") });
    const waiting = ask(true);
    await upstream.untilRequested(2);
    dropUsed();
    resolve();
    assert.match(await streaming.text(), /"a"[^]*"b"/);
    assert.equal(await (await waiting).text(), "late");
  }));

Deno.test("openConnections() finds nothing of a router that has forgotten its connections, but on used ones", () =>
  withConnections(async ({ hole, dropUsed, ask }) => {
    for (const mayReuse of [true, false]) await (await ask(mayReuse)).text();
    hole.forget();
    assert.equal(await (await ask(false)).text(), "hello");
    assert.equal((await failureOf(ask(true, AbortSignal.timeout(200)))).failure, "aborted");
    dropUsed();
    assert.equal(await (await ask(true)).text(), "hello");
  }));

Deno.test("serve() hands over where a request comes from", () =>
  serving((_request, { clientIp }) => Promise.resolve(new Response(clientIp)), async (url) => {
    assert.equal(await (await get(url)).text(), LOOPBACK);
  }));

Deno.test("serve() tells when an exchange is over", async () => {
  const reads = {
    "to the end of the answer": (response: Response) => response.text(),
    "and leaves in the middle": (response: Response) => response.body!.cancel(),
  };
  for (const [how, read] of Object.entries(reads)) {
    const { promise: over, resolve: beOver } = Promise.withResolvers<void>();
    await serving((_request, { completed }) => {
      completed.then(beOver);
      return Promise.resolve(new Response(how.startsWith("to") ? "an answer" : endlessStream()));
    }, async (url) => {
      await read(await get(url));
      await over;
    });
  }
});

function endlessStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1024)) });
}

Deno.test("serve() breaks the client's body when an answer's stream breaks", () =>
  serving(() => Promise.resolve(new Response(brokenStream())), async (url) => {
    const response = await get(url);
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
  }));

function brokenStream(): ReadableStream<Uint8Array> {
  let isBegun = false;
  return new ReadableStream({
    pull(controller) {
      if (isBegun) throw new Error("the upstream broke off");
      isBegun = true;
      controller.enqueue(new Uint8Array(1));
    },
  });
}

Deno.test("serve() prints nothing when an answer's stream breaks or its handler fails", async () => {
  const { stdout, stderr } = await runScript(
    "system/http.ts",
    `const breaks = () => new Response(new ReadableStream({ pull() { throw new Error("broke off"); } }));
    const fails = () => { throw new Error("failed"); };
    const server = it.serve({ hostname: "127.0.0.1", port: 0 }, async ({ url }) => url.endsWith("b") ? breaks() : fails());
    for (const path of ["a", "b"]) {
      await fetch("http://127.0.0.1:" + server.port + "/" + path).then((response) => response.text()).catch(() => {});
    }
    await server.shutdown();`,
  );
  assert.deepEqual([stdout, stderr], ["", ""]);
});

Deno.test("shutdown() waits for answers that are under way, and takes no new ones", async () => {
  const { promise: finishing, resolve: finish } = Promise.withResolvers<void>();
  const { promise: asked, resolve: beAsked } = Promise.withResolvers<void>();
  const listener = serve({ hostname: LOOPBACK, port: 0 }, async () => {
    beAsked();
    await finishing;
    return new Response("to the end");
  });
  const url = `http://${LOOPBACK}:${listener.port}`;
  const answering = get(url).then((response) => response.text());
  await asked;
  const stopped = listener.shutdown();
  assert.equal((await failureOf(get(url))).failure, "not_sent");
  finish();
  assert.equal(await answering, "to the end");
  await stopped;
});

function listenFailure(hostname: string, port: number): string {
  try {
    serve({ hostname, port }, () => Promise.resolve(new Response()));
    return "none";
  } catch (error) {
    assert.ok(error instanceof ListenError, String(error));
    return error.reason;
  }
}

Deno.test("serve() says why it cannot listen", () => {
  using taken = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const cases = [
    [LOOPBACK, taken.addr.port, "address_in_use"],
    // Set apart for documentation: no machine has it.
    ["192.0.2.1", 0, "address_not_available"],
    ["no-such-name.invalid", 0, "other"],
  ] as const;
  for (const [hostname, port, reason] of cases) assert.equal(listenFailure(hostname, port), reason, hostname);
});

Deno.test({
  name: "serve() says so when it may not listen",
  permissions: { net: [`${LOOPBACK}:1`] },
  fn: () => assert.equal(listenFailure(LOOPBACK, 0), "denied"),
});

Deno.test("freePort() names a port that can be listened on", () => {
  const port = freePort(LOOPBACK);
  Deno.listen({ hostname: LOOPBACK, port }).close();
});

Deno.test("freePort() says why there is none", () => {
  assert.throws(() => freePort("203.0.113.1"), { name: "ListenError", reason: "address_not_available" });
});

Deno.test("accepts() tells a server that answers from one that is silent, and from none", async () => {
  const listener = serve(
    { hostname: LOOPBACK, port: 0 },
    () => Promise.reject(new Error("must not be asked")),
  );
  assert.equal(await accepts({ hostname: LOOPBACK, port: listener.port }, 5_000), "yes");
  await listener.shutdown();
  assert.equal(await accepts({ hostname: LOOPBACK, port: listener.port }, 5_000), "no");
  using silent = Deno.listen({ hostname: LOOPBACK, port: 0 });
  assert.equal(await accepts({ hostname: LOOPBACK, port: silent.addr.port }, 50), "no");
});
