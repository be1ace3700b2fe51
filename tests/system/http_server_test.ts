// The server against real sockets of this machine, and against connections that the test makes.

import assert from "node:assert/strict";
import { readMore, writeAll } from "../../src/system/wire.ts";
import type { Handler } from "../../src/system/exchange.ts";
import { createSend, type HttpAnswer, SendError } from "../../src/system/http.ts";
import {
  type Accepting,
  type ClientConnection,
  type ListenOptions,
  serve,
} from "../../src/system/http_server.ts";
import { latin1 } from "../../src/values/latin1.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeWire } from "../support/fake_wire.ts";
import { bytesOf } from "../support/raw_http.ts";
import { runScript } from "../support/script.ts";
import { answersIn, echo, Pieces, plain, streamed as inPieces } from "../support/served.ts";

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

Deno.test("a client that sends more than is read gets its answer", () =>
  serving(() => Promise.resolve(plain("enough")), async (url) => {
    using client = await Deno.connect({ hostname: LOOPBACK, port: Number(new URL(url).port) });
    await client.write(bytesOf("POST / HTTP/1.1\r\ncontent-length: 8000000\r\n\r\n"));
    await writeAll(client, new Uint8Array(8_000_000));
    const text = latin1((await readMore(client))!);
    assert.deepEqual(answersIn(text).map(({ body, isKept }) => [body, isKept]), [["enough", false]]);
    assert.equal(await readMore(client), undefined);
  }));

/** A connection that a client made. */
class Incoming extends FakeWire implements ClientConnection {
  readonly remoteAddr = { transport: "tcp", hostname: "192.0.2.7", port: 1 } as const;
  isQuick = false;

  setNoDelay(): void {
    this.isQuick = true;
  }
}

/** A server whose connections the test makes. */
function aServer(handle: Handler) {
  const clock = new FakeClock(1_000_000_000_000);
  const told: string[] = [];
  const coming: (Incoming | Error)[] = [];
  let wake = Promise.withResolvers<void>();
  let isClosed = false;
  const listener: Accepting = {
    addr: { port: 7 },
    async accept() {
      while (coming.length === 0 && !isClosed) {
        wake = Promise.withResolvers();
        await wake.promise;
      }
      if (isClosed) throw new Deno.errors.BadResource("closed");
      const next = coming.shift()!;
      if (next instanceof Error) throw next;
      return next;
    },
    close() {
      isClosed = true;
      wake.resolve();
    },
  };
  const options: ListenOptions = {
    hostname: LOOPBACK,
    port: 0,
    clock,
    onRefusing: (reason) => told.push(`refusing: ${reason}`),
    onAccepting: () => told.push("accepting"),
  };
  const server = serve(options, handle, listener);
  const come = async (...ones: readonly (Incoming | Error)[]) => {
    coming.push(...ones);
    wake.resolve();
    await clock.advance(0);
  };
  /** A connection with what its client sends at once. */
  const connection = async (text = "") => {
    const one = new Incoming([bytesOf(text)]);
    await come(one);
    return one;
  };
  return { server, clock, told, coming, come, connection };
}

const GET = "GET /a HTTP/1.1\r\n\r\n";

Deno.test("serve() tells once that it cannot accept, lets go of who waits, and tries again with longer pauses", async () => {
  const pieces = new Pieces("a");
  let count = 0;
  const { clock, told, coming, come, connection } = aServer(() =>
    Promise.resolve(count++ === 0 ? inPieces(pieces) : plain("b"))
  );
  const [busy, idle, silent] = [await connection(GET), await connection(GET), await connection()];
  await come(...Array.from({ length: 30 }, () => new Error("Too many open files (os error 24)")));
  assert.deepEqual(told, ["refusing: too many open files"]);
  assert.deepEqual([busy, idle, silent].map(({ isClosed }) => isClosed), [false, true, true]);
  pieces.say("b", undefined);
  await clock.advance(0);
  assert.equal(answersIn(busy.sent)[0]!.body, "ab");
  const tries: number[] = [];
  for (let left = coming.length; coming.length > 0; await clock.advance(10)) {
    if (coming.length < left) tries.push(clock.elapsedMs());
    left = coming.length;
  }
  const pauses = tries.slice(1).map((atMs, index) => atMs - tries[index]!);
  assert.deepEqual([tries[0], pauses.slice(0, 3), Math.max(...pauses)], [50, [100, 150, 200], 1000]);
  await clock.advance(1000);
  assert.equal(told.length, 1);
  const late = await connection(GET);
  assert.deepEqual([told.slice(1), answersIn(late.sent).length], [["accepting"], 1]);
});

Deno.test("serve() says nothing of clients that left before they were accepted", async () => {
  const { told, come, connection } = aServer(echo);
  const idle = await connection(GET);
  const { ConnectionAborted, ConnectionReset, NotConnected } = Deno.errors;
  await come(
    new ConnectionAborted("aborted"),
    new ConnectionReset("reset"),
    new NotConnected("not connected"),
  );
  assert.deepEqual([told, idle.isClosed], [[], false]);
  assert.equal(answersIn((await connection(GET)).sent).length, 1);
});

Deno.test("serve() sends without delay, also to a client that has left", async () => {
  const { connection, come } = aServer(echo);
  assert.equal((await connection()).isQuick, true);
  const gone = new Incoming();
  gone.setNoDelay = () => {
    throw new Error("Invalid argument (os error 22)");
  };
  gone.end();
  await come(gone);
  assert.equal(gone.isClosed, true);
});

Deno.test("serve() dates its answers by its clock", async () => {
  const { clock, connection } = aServer(echo);
  const date = async () => answersIn((await connection(GET)).sent)[0]!.headers.get("date");
  assert.equal(await date(), "Sun, 09 Sep 2001 01:46:40 GMT");
  await clock.advance(999);
  assert.equal(await date(), "Sun, 09 Sep 2001 01:46:40 GMT");
  await clock.advance(1);
  assert.equal(await date(), "Sun, 09 Sep 2001 01:46:41 GMT");
});

Deno.test("shutdown() closes the connections that wait, and others after their answer", async () => {
  const pieces = new Pieces("a");
  let count = 0;
  const { server, clock, connection } = aServer(() =>
    Promise.resolve(count++ === 0 ? inPieces(pieces) : plain("b"))
  );
  assert.equal(server.port, 7);
  const [busy, idle, silent, partial] = [
    await connection(GET),
    await connection(GET),
    await connection(),
    await connection("GET / HTTP/1.1\r\n"),
  ];
  let isDown = false;
  void server.shutdown().then(() => isDown = true);
  await clock.advance(0);
  const closed = () => [busy, idle, silent, partial].map(({ isClosed }) => isClosed);
  assert.deepEqual([isDown, closed()], [false, [false, true, true, true]]);
  pieces.say(undefined);
  await clock.advance(0);
  assert.deepEqual([isDown, closed(), clock.pendingTimers], [true, [true, true, true, true], 0]);
  assert.equal(answersIn(busy.sent)[0]!.body, "a");
});

Deno.test("shutdown() resolves at once when nothing is under way, also while accepting fails", async () => {
  for (const failure of [[], [new Error("Too many open files")]]) {
    const { server, clock, come } = aServer(echo);
    await come(...failure);
    await server.shutdown();
    await clock.advance(1000);
    assert.equal(clock.pendingTimers, 0);
  }
});
