// The network room against real sockets of this machine. What fetch does by itself differs between versions of Deno;
// these tests say what the rest of the program may count on.

import assert from "node:assert/strict";
import { createSend, type HttpAnswer, reasonOf, SendError } from "../../src/system/http.ts";
import type { Handler } from "../../src/system/exchange.ts";
import { serve } from "../../src/system/http_server.ts";
import { freePort, ListenError } from "../../src/system/listen.ts";
import { runScript } from "../support/script.ts";

const LOOPBACK = "127.0.0.1";

const send = createSend();

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
      return Promise.resolve(how.startsWith("to") ? new Response("an answer") : streamed(endlessStream()));
    }, async (url) => {
      await read(await get(url));
      await over;
    });
  }
});

function streamed(body: ReadableStream<Uint8Array>): HttpAnswer {
  return { status: 200, headers: new Headers(), body };
}

function endlessStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1024)) });
}

Deno.test("serve() breaks the client's body when an answer's stream breaks", () =>
  serving(() => Promise.resolve(streamed(brokenStream())), async (url) => {
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
    "system/http_server.ts",
    `const body = () => new ReadableStream({ pull() { throw new Error("broke off"); } });
    const breaks = () => ({ status: 200, headers: new Headers(), body: body() });
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

Deno.test("reasonOf() says in a few words that a name does not resolve", () => {
  const reason = "failed to lookup address information: Name or service not known";
  const error = new TypeError(`client error (Connect): dns error: ${reason}`);
  assert.equal(reasonOf(error), "name or service not known");
});
