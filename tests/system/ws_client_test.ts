import assert from "node:assert/strict";
import { systemClock } from "../../src/system/clock.ts";
import { closeQuietly } from "../../src/system/wire.ts";
import { SendError } from "../../src/system/http.ts";
import { createDial, type Dialed } from "../../src/system/ws_client.ts";
import { FakeWsUpstream } from "../support/fake_ws_upstream.ts";
import { until } from "../support/program.ts";

const dial = createDial({ clock: systemClock, connectTimeoutMs: 5000, tunnelTo: () => undefined });

function call(url: string, headers: Record<string, string> = {}, signal = new AbortController().signal) {
  return dial({ url, headers: new Headers(headers), signal });
}

async function accepted(dialed: Promise<Dialed>) {
  const result = await dialed;
  assert.equal(result.kind, "accepted");
  return result as Dialed & { kind: "accepted" };
}

/** A server that sends `answer`, then closes or waits. */
function rawServer(answer: string, then: "close" | "wait"): { url: string } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  (async () => {
    for await (const connection of listener) {
      connections.push(connection);
      await connection.read(new Uint8Array(4096));
      await connection.write(new TextEncoder().encode(answer));
      if (then === "close") connection.close();
    }
  })().catch(() => {});
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`,
    [Symbol.dispose]() {
      listener.close();
      for (const connection of connections) closeQuietly(connection);
    },
  };
}

Deno.test("dial() sends the headers that it is given and talks over the socket", async () => {
  await using upstream = new FakeWsUpstream();
  upstream.acceptHeaders = { "x-models-etag": "e1" };
  upstream.script("t", (socket, message) => socket.send({ echo: message }));
  const { socket, headers } = await accepted(
    call(`${upstream.origin}/responses?a=b`, { authorization: "Bearer t", "user-agent": "codex" }),
  );
  assert.equal(headers.get("x-models-etag"), "e1");
  const texts: string[] = [];
  socket.listen({ onText: (text) => texts.push(text), onEnd: () => {} });
  socket.send('{"n":1}');
  await until("the echo", () => texts.length === 1);
  assert.equal(texts[0], '{"echo":{"n":1}}');
  const [server] = upstream.sockets;
  assert.equal(server!.headers.get("user-agent"), "codex");
  socket.close(1000);
  await until(
    "the upstream has seen the close",
    () => server!.closeCode === 1000 && upstream.openCount === 0,
  );
});

Deno.test("dial() sends the bytes of a header as they came, also those over 127", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const received = (async () => {
    using connection = await listener.accept();
    const bytes = new Uint8Array(4096);
    const count = await connection.read(bytes);
    return Array.from(bytes.subarray(0, count!), (byte) => String.fromCharCode(byte)).join("");
  })();
  const { port } = listener.addr as Deno.NetAddr;
  await assert.rejects(call(`http://127.0.0.1:${port}/a?b=c`, { "x-name": "caf\xe9\x80" }));
  const lines = (await received).split("\r\n");
  assert.equal(lines[0], "GET /a?b=c HTTP/1.1");
  assert.ok(lines.includes("x-name: caf\xe9\x80"));
});

Deno.test("dial() returns a refusal with its status, headers and body", async () => {
  await using upstream = new FakeWsUpstream();
  const body = '{"error":{"type":"usage_limit_reached"}}';
  upstream.refuse("t", { status: 429, headers: { "retry-after": "7" }, body });
  const dialed = await call(`${upstream.origin}/`, { authorization: "Bearer t" });
  assert.equal(dialed.kind, "refused");
  const { response } = dialed as Dialed & { kind: "refused" };
  assert.deepEqual([response.status, response.headers.get("retry-after"), await response.text()], [
    429,
    "7",
    body,
  ]);
});

Deno.test("dial() returns a refusal whose body breaks off with what came of it", async () => {
  using server = rawServer("HTTP/1.1 403 No\r\ncontent-length: 100\r\n\r\nhalf a", "close");
  const dialed = await call(server.url);
  const { response } = dialed as Dialed & { kind: "refused" };
  assert.deepEqual([response.status, await response.text()], [403, "half a"]);
});

const ACCEPTING = "HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ";
const BROKEN: readonly (readonly [what: string, answer: string, reason: RegExp])[] = [
  ["closes without an answer", "", /ended without an answer|reset/],
  ["closes in the middle of the head", "HTTP/1.1 1", /ended without an answer|reset/],
  ["does not speak HTTP", "220 smtp\r\n\r\n", /not HTTP/],
  ["accepts another key", `${ACCEPTING}xxx\r\n\r\n`, /Accept/],
  ["sends an endless head", `HTTP/1.1 200 x\r\na: ${"b".repeat(70_000)}`, /too long/],
];

for (const [what, answer, reason] of BROKEN) {
  Deno.test(`dial() rejects when the server ${what}`, async () => {
    using server = rawServer(answer, "close");
    await assert.rejects(call(server.url), (error) => {
      assert(error instanceof SendError);
      assert.equal(error.failure, "interrupted");
      assert.match(error.message, reason);
      return true;
    });
  });
}

Deno.test("dial() says that nothing was sent when nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  await assert.rejects(call(`http://127.0.0.1:${port}/`), { failure: "not_sent", message: /refused/ });
});

Deno.test("dial() ends when its signal aborts, and leaves no connection open", async () => {
  await using upstream = new FakeWsUpstream();
  upstream.refuse("t", "hang");
  const leaving = new AbortController();
  const dialed = call(`${upstream.origin}/`, { authorization: "Bearer t" }, leaving.signal);
  await until("the handshake has arrived", () => upstream.handshakes.length === 1);
  leaving.abort();
  await assert.rejects(dialed, { failure: "aborted" });
  await until("the connection is closed", () => upstream.openCount === 0);
  await assert.rejects(call(`${upstream.origin}/`, {}, leaving.signal), { failure: "aborted" });
});

Deno.test("dial() carries a message of 3 MB both ways", async () => {
  await using upstream = new FakeWsUpstream();
  upstream.script("t", (socket) => socket.send(socket.texts[0]!));
  const { socket } = await accepted(call(`${upstream.origin}/`, { authorization: "Bearer t" }));
  const texts: string[] = [];
  socket.listen({ onText: (text) => texts.push(text), onEnd: () => {} });
  const text = JSON.stringify({ input: "x".repeat(3_000_000) });
  socket.send(text);
  await until("the echo", () => texts.length === 1);
  assert.equal(texts[0], text);
  socket.close(1000);
});
