import assert from "node:assert/strict";
import { systemClock } from "../../src/system/clock.ts";
import { serve } from "../../src/system/http_server.ts";
import { createDial } from "../../src/system/ws_client.ts";
import { closePayload, OPCODES } from "../../src/system/ws_codec.ts";
import type { ClientListener, ClientSocket } from "../../src/system/ws_upgrade.ts";
import { latin1 } from "../../src/values/latin1.ts";
import { until } from "../support/program.ts";
import { bytesOf } from "../support/raw_http.ts";
import { answersIn, plain, Served } from "../support/served.ts";
import { handshake, masked, serverFrame, serverFrames } from "../support/ws_frames.ts";

/** A server that upgrades every request. */
async function withServer(
  listenerOf: (socket: () => ClientSocket) => ClientListener,
  test: (url: string) => Promise<void>,
): Promise<void> {
  const sockets: ClientSocket[] = [];
  const server = serve({ hostname: "127.0.0.1", port: 0 }, (_, { upgrade }) => {
    const { response, socket } = upgrade(listenerOf(() => sockets.at(-1)!));
    sockets.push(socket);
    response.headers.set("x-own", "yes");
    return Promise.resolve(response);
  });
  await test(`http://127.0.0.1:${server.port}/`);
  await server.shutdown();
}

async function connected(url: string) {
  const dialed = await createDial({ clock: systemClock, connectTimeoutMs: 5000, tunnelTo: () => undefined })({
    url,
    headers: new Headers(),
    signal: new AbortController().signal,
  });
  assert(dialed.kind === "accepted");
  return dialed;
}

Deno.test("upgrade() gives a socket that talks both ways, and headers of our own", async () => {
  const heard: string[] = [];
  await withServer((socket) => ({
    onOpen: () => socket().send("welcome"),
    onText: (text) => {
      heard.push(text);
      socket().close(1012);
    },
    onEnd: () => heard.push("end"),
  }), async (url) => {
    const { socket, headers } = await connected(url);
    const got: unknown[] = [];
    socket.listen({ onText: (text) => got.push(text), onEnd: (end) => got.push(end) });
    assert.equal(headers.get("x-own"), "yes");
    await until("the welcome", () => got.length === 1);
    socket.send("hello");
    await until("the close", () => got.length === 2);
    assert.deepEqual(got, ["welcome", { kind: "closed", code: 1012, reason: "" }]);
    // The one who closes is not told.
    assert.deepEqual(heard, ["hello"]);
  });
});

Deno.test("upgrade() tells once that the client has left", async () => {
  let ends = 0;
  await withServer(() => ({ onOpen: () => {}, onText: () => {}, onEnd: () => ends++ }), async (url) => {
    const { socket } = await connected(url);
    socket.listen({ onText: () => {}, onEnd: () => {} });
    socket.close(1000);
    await until("the end", () => ends > 0);
  });
  assert.equal(ends, 1);
});

Deno.test("upgrade() throws for a request that is not a valid handshake", async () => {
  const server = serve({ hostname: "127.0.0.1", port: 0 }, (_, { upgrade }) => {
    assert.throws(() => upgrade({ onOpen: () => {}, onText: () => {}, onEnd: () => {} }), TypeError);
    return Promise.resolve(new Response("refused"));
  });
  const response = await fetch(`http://127.0.0.1:${server.port}/`);
  assert.equal(await response.text(), "refused");
  await server.shutdown();
});

const INVALID: Readonly<Record<string, string>> = {
  "no upgrade": handshake({ upgrade: "" }),
  "an upgrade to something else": handshake({ upgrade: "h2c" }),
  "no connection header": handshake({ connection: "" }),
  "a connection header without an upgrade": handshake({ connection: "keep-alive" }),
  "a connection header that only looks like an upgrade": handshake({ connection: "x-upgrade" }),
  "no version": handshake({ "sec-websocket-version": "" }),
  "an old version": handshake({ "sec-websocket-version": "8" }),
  "no key": handshake({ "sec-websocket-key": "" }),
  "a short key": handshake({ "sec-websocket-key": "dGhlIHNhbXBsZQ==" }),
  "a key that is not base64": handshake({ "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZ!==" }),
  "two keys": handshake({ "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==" }),
  "another method": handshake({ "content-length": "0" }, "POST / HTTP/1.1"),
  "HTTP/1.0": handshake({ connection: "upgrade, keep-alive" }, "GET / HTTP/1.0"),
  "a body": handshake({ "content-length": "3" }) + "abc",
  "a body in chunks": `${handshake({ "transfer-encoding": "chunked" })}0\r\n\r\n`,
};

for (const [what, bytes] of Object.entries(INVALID)) {
  Deno.test(`upgrade() refuses a handshake with ${what}`, async () => {
    const served = new Served((_, { upgrade }) => {
      assert.throws(() => upgrade({ onOpen() {}, onText() {}, onEnd() {} }), TypeError);
      return Promise.resolve(plain("refused", 426));
    });
    await served.say(bytes, bytes);
    assert.deepEqual(answersIn(served.wire.sent).map(({ body, isKept }) => `${body} ${isKept}`), [
      "refused true",
      "refused true",
    ]);
  });
}

/** A handshake on a connection, and what is told of the socket; `onOpen` is called with it. */
function upgrading(
  onOpen: (socket: ClientSocket) => void = () => {},
  answering: Promise<unknown> = Promise.resolve(),
) {
  const told: string[] = [];
  const count = { completed: 0 };
  const sockets: ClientSocket[] = [];
  const served = new Served(async (_, { upgrade, completed }) => {
    void completed.then(() => count.completed++);
    const { response, socket } = upgrade({
      onOpen: () => {
        told.push("open");
        onOpen(socket);
      },
      onText: (text) => told.push(text),
      onEnd: () => told.push("end"),
    });
    sockets.push(socket);
    return await answering === "refused" ? plain("refused") : response;
  });
  const frames = () => serverFrames(bytesOf(served.wire.sent.split("\r\n\r\n").slice(1).join("\r\n\r\n")));
  return { served, told, count, socket: () => sockets[0]!, frames };
}

const hello = latin1(masked(serverFrame(OPCODES.text, bytesOf("hello"))));

Deno.test("upgrade() accepts what clients send, and reads the frames after it", async () => {
  for (const headers of [{}, { connection: "keep-alive, upgrade", upgrade: "WebSocket" }]) {
    for (const parts of [[handshake(headers) + hello], [handshake(headers), ...hello]]) {
      const { served, told, count } = upgrading();
      for (const part of parts) await served.say(part);
      const [{ status, headers: answer }] = answersIn(served.wire.sent) as [ReturnType<typeof answersIn>[0]];
      assert.deepEqual([status, answer.get("sec-websocket-accept")], [101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
      assert.deepEqual([answer.get("connection"), answer.get("upgrade")], ["Upgrade", "websocket"]);
      assert.deepEqual([told, count.completed], [["open", "hello"], 1]);
      assert.deepEqual([served.hasEnded, served.wire.isClosed], [true, false]);
      await served.end();
      assert.deepEqual([told.at(-1), served.wire.isClosed, served.clock.pendingTimers], ["end", true, 0]);
    }
  }
});

Deno.test("a client that leaves before its socket opens ends it, once", async () => {
  const answering = Promise.withResolvers<void>();
  const { served, told, count } = upgrading(undefined, answering.promise);
  await served.say(handshake());
  await served.end();
  answering.resolve();
  await served.settle();
  assert.deepEqual([told, count.completed, served.hasEnded, served.wire.sent], [["end"], 1, true, ""]);
});

Deno.test("a handshake that gets another answer ends its socket", async () => {
  const { served, told } = upgrading(undefined, Promise.resolve("refused"));
  await served.say(handshake(), handshake());
  assert.deepEqual(answersIn(served.wire.sent).map(({ body }) => body), ["refused", "refused"]);
  assert.deepEqual(told, ["end", "end"]);
});

Deno.test("a socket that is closed before it opens ends its connection, and is told nothing", async () => {
  const answering = Promise.withResolvers<void>();
  const { served, told, socket } = upgrading(undefined, answering.promise);
  await served.say(handshake());
  socket().send("too early");
  socket().close(1012);
  assert.equal(socket().bufferedBytes, 0);
  answering.resolve();
  await served.settle();
  assert.deepEqual([told, served.wire.isClosed, served.clock.pendingTimers], [[], true, 0]);
});

Deno.test("a socket can be closed when it opens, and is told nothing more", async () => {
  const { served, told, frames } = upgrading((socket) => socket.close(1012, "later"));
  await served.say(handshake() + hello);
  assert.deepEqual([frames(), served.wire.isClosed], [["8 1012 later"], false]);
  await served.say(latin1(masked(serverFrame(OPCODES.close, closePayload(1012, "")))));
  assert.deepEqual([told, served.wire.isClosed, served.clock.pendingTimers], [
    ["open"],
    true,
    0,
  ]);
});

Deno.test("a client that does not answer a close frame is cut off after 2 s", async () => {
  const { served, told, socket } = upgrading();
  await served.say(handshake());
  socket().close(1000);
  await served.clock.advance(1999);
  assert.equal(served.wire.isClosed, false);
  await served.clock.advance(1);
  assert.deepEqual([told, served.wire.isClosed, served.clock.pendingTimers], [
    ["open"],
    true,
    0,
  ]);
});

Deno.test("a client that masks nothing is closed with 1002", async () => {
  const { served, told, frames } = upgrading();
  await served.say(handshake(), latin1(serverFrame(OPCODES.text, bytesOf("hello"))));
  assert.deepEqual([frames(), told], [["8 1002"], ["open", "end"]]);
  assert.deepEqual([served.wire.isClosed, served.clock.pendingTimers], [true, 0]);
});
