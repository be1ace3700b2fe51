import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { closePayload, OPCODES, type WsRole } from "../../src/system/ws_codec.ts";
import { type SocketEnd, WsSocket } from "../../src/system/ws_socket.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { clientFrames, masked, serverFrame, serverFrames } from "../support/ws_frames.ts";

const encoder = new TextEncoder();
const text = (words: string) => serverFrame(OPCODES.text, encoder.encode(words));

/** A socket over a connection that the test holds the other end of. */
class Bench {
  readonly clock = new FakeClock();
  readonly texts: string[] = [];
  readonly ends: SocketEnd[] = [];
  readonly socket: WsSocket;
  isClosed = false;
  readonly #role: WsRole;
  #written = new Uint8Array(0);
  #incoming: (Uint8Array | null)[] = [];
  #wakeReader: () => void = () => {};
  #gate: Promise<void> = Promise.resolve();

  constructor(received: Uint8Array = new Uint8Array(0), role: WsRole = "client") {
    this.#role = role;
    this.socket = new WsSocket({
      read: (buffer) => this.#read(buffer),
      write: async (bytes) => {
        await this.#gate;
        if (this.isClosed) throw new Error("closed");
        this.#written = new Uint8Array([...this.#written, ...bytes]);
      },
      close: () => {
        this.isClosed = true;
        this.#wakeReader();
      },
    }, { clock: this.clock, received, role });
    this.socket.listen({
      onText: (words, byteLength) => this.texts.push(`${words}/${byteLength}`),
      onEnd: (end) => this.ends.push(end),
    });
  }

  /** What the other side got, as `opcode payload`. */
  get sent(): readonly string[] {
    return this.#role === "client" ? clientFrames(this.#written) : serverFrames(this.#written);
  }

  async receive(bytes: Uint8Array | null): Promise<void> {
    this.#incoming.push(bytes);
    this.#wakeReader();
    await turn();
  }

  /** Writes wait until the function that it returns is called. */
  holdWrites(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return resolve;
  }

  async #read(buffer: Uint8Array): Promise<number | null> {
    while (this.#incoming.length === 0) {
      if (this.isClosed) throw new Error("closed");
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
    const bytes = this.#incoming.shift()!;
    if (bytes === null) return null;
    buffer.set(bytes.subarray(0, buffer.length));
    if (bytes.length > buffer.length) this.#incoming.unshift(bytes.subarray(buffer.length));
    return Math.min(bytes.length, buffer.length);
  }
}

Deno.test("a socket hands on texts, those that came with the handshake first", async () => {
  const bench = new Bench(text("first"));
  await bench.receive(text("zweitens ü"));
  assert.deepEqual(bench.texts, ["first/5", "zweitens ü/11"]);
  assert.deepEqual(bench.ends, []);
});

Deno.test("a socket sends texts in order and counts what is not written", async () => {
  const bench = new Bench();
  const release = bench.holdWrites();
  bench.socket.send("one");
  bench.socket.send("two");
  assert.equal(bench.socket.bufferedBytes, 2 * (2 + 4 + 3));
  release();
  await turn();
  assert.deepEqual(bench.sent, ["1 one", "1 two"]);
  assert.equal(bench.socket.bufferedBytes, 0);
});

Deno.test("a socket answers a ping ahead of what is queued", async () => {
  const bench = new Bench();
  const release = bench.holdWrites();
  bench.socket.send("under way");
  bench.socket.send("queued");
  await bench.receive(serverFrame(OPCODES.ping, encoder.encode("still there?")));
  release();
  await turn();
  assert.deepEqual(bench.sent, ["1 under way", "10 still there?", "1 queued"]);
});

Deno.test("a socket that the server closes answers the close, then ends", async () => {
  const bench = new Bench();
  await bench.receive(serverFrame(OPCODES.close, closePayload(1012, "restart")));
  assert.deepEqual(bench.ends, [{ kind: "closed", code: 1012, reason: "restart" }]);
  assert.deepEqual(bench.sent, ["8 1012"]);
  assert(bench.isClosed);
  assert.equal(bench.clock.pendingTimers, 0);
});

Deno.test("a socket that we close is told nothing, and waits for the server's close at most 2 s", async () => {
  for (const isAnswered of [true, false]) {
    const bench = new Bench();
    bench.socket.send("last words");
    bench.socket.close(1000);
    bench.socket.send("too late");
    await turn();
    assert.deepEqual(bench.sent, ["1 last words", "8 1000"]);
    assert(!bench.isClosed);
    await bench.receive(text("not heard"));
    if (isAnswered) await bench.receive(serverFrame(OPCODES.close, closePayload(1000, "")));
    else await bench.clock.advance(2000);
    assert(bench.isClosed);
    assert.deepEqual([bench.texts, bench.ends], [[], []]);
    assert.equal(bench.clock.pendingTimers, 0);
  }
});

Deno.test("a socket closes with the code of what the server did wrong", async () => {
  const bench = new Bench();
  await bench.receive(serverFrame(OPCODES.text, new Uint8Array([0xff])));
  assert.deepEqual(bench.ends, [{ kind: "broken", code: 1007, reason: "a text is not UTF-8" }]);
  assert.deepEqual(bench.sent, ["8 1007"]);
  assert(bench.isClosed);
});

Deno.test("a socket whose connection ends or breaks is told once", async () => {
  const ended = new Bench();
  await ended.receive(null);
  assert.deepEqual(ended.ends, [{ kind: "broken", code: undefined, reason: "the connection ended" }]);
  const broken = new Bench();
  broken.isClosed = true;
  broken.socket.send("into the void");
  await turn();
  assert.deepEqual(broken.ends, [{ kind: "broken", code: undefined, reason: "the connection broke" }]);
});

Deno.test("a socket pings every 25 s and ends without an answer within 20 s", async () => {
  const bench = new Bench();
  await bench.clock.advance(25_000);
  assert.deepEqual(bench.sent, ["9 "]);
  await bench.receive(serverFrame(OPCODES.pong, new Uint8Array(0)));
  await bench.clock.advance(20_000 + 25_000);
  assert.deepEqual(bench.sent, ["9 ", "9 "]);
  // Any other sign of life will do.
  await bench.receive(text("hi"));
  await bench.clock.advance(20_000 + 25_000);
  assert.deepEqual(bench.ends, []);
  await bench.clock.advance(20_000);
  assert.deepEqual(bench.ends, [{ kind: "broken", code: undefined, reason: "no pong" }]);
  assert(bench.isClosed);
});

Deno.test("a socket to a client reads masked frames, and masks none of its own", async () => {
  const bench = new Bench(masked(text("first")), "server");
  await bench.receive(masked(text("zweitens ü")));
  await bench.receive(masked(serverFrame(OPCODES.ping, encoder.encode("?"))));
  bench.socket.send("grüße");
  await turn();
  assert.deepEqual(bench.texts, ["first/5", "zweitens ü/11"]);
  assert.deepEqual(bench.sent, ["10 ?", "1 grüße"]);
  await bench.receive(masked(serverFrame(OPCODES.close, closePayload(1000, "done"))));
  assert.deepEqual(bench.ends, [{ kind: "closed", code: 1000, reason: "done" }]);
  assert.deepEqual([bench.sent.at(-1), bench.isClosed, bench.clock.pendingTimers], ["8 1000", true, 0]);
});

Deno.test("a socket closes on a client that does not mask", async () => {
  const bench = new Bench(undefined, "server");
  await bench.receive(text("hi"));
  assert.deepEqual(bench.ends, [{ kind: "broken", code: 1002, reason: "a frame is not masked" }]);
  assert.deepEqual([bench.texts, bench.sent, bench.isClosed], [[], ["8 1002"], true]);
});

Deno.test("a socket ends within 2 s when the other side takes nothing more", async () => {
  const bench = new Bench(undefined, "server");
  bench.holdWrites();
  bench.socket.send("never taken");
  bench.socket.close(1012);
  await bench.clock.advance(1999);
  assert.equal(bench.isClosed, false);
  await bench.clock.advance(1);
  assert.deepEqual([bench.isClosed, bench.ends, bench.clock.pendingTimers], [true, [], 0]);
});

Deno.test("a socket with more and more to read lets other work have its turn", async () => {
  const frames = text("x".repeat(16_384 - 4));
  assert.equal(frames.length, 16_384, "each read is full, and no read waits");
  let isOtherDone = false;
  let reads = 0;
  const ended = Promise.withResolvers<void>();
  const socket = new WsSocket({
    read: (buffer) => {
      if (isOtherDone || ++reads > 5_000) return Promise.resolve(null);
      buffer.set(frames);
      return Promise.resolve(frames.length);
    },
    write: () => Promise.resolve(),
    close: () => {},
  }, { clock: new FakeClock(), received: new Uint8Array(0), role: "client" });
  setTimeout(() => isOtherDone = true, 0);
  socket.listen({ onText: () => {}, onEnd: () => ended.resolve() });
  await ended.promise;
  assert.ok(isOtherDone, `it read ${reads} times without a pause`);
});
