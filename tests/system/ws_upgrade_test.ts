import assert from "node:assert/strict";
import { systemClock } from "../../src/system/clock.ts";
import { serve } from "../../src/system/http_server.ts";
import { createDial } from "../../src/system/ws_client.ts";
import type { ClientListener, ClientSocket } from "../../src/system/ws_upgrade.ts";
import { until } from "../support/program.ts";

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
