import assert from "node:assert/strict";
import { type BodyLimits, type BodyRequest, RequestBodies } from "../../src/proxy/request_body.ts";
import { HttpBody } from "../../src/system/http_body.ts";
import { until } from "../support/program.ts";
import { FakeClock } from "../support/fake_clock.ts";

const LIMITS: BodyLimits = { maxBodyBytes: 100, bodyMemoryBytes: 150, bodyIdleTimeoutMs: 60_000 };

function bodies(over: Partial<BodyLimits> = {}) {
  const clock = new FakeClock();
  return { clock, all: new RequestBodies({ ...LIMITS, ...over }, clock) };
}

/** A request that sends these pieces; `open` does not end. */
function aRequest(
  sizes: readonly number[],
  { declared, isOpen = false, signal = new AbortController().signal }: {
    declared?: number;
    isOpen?: boolean;
    signal?: AbortSignal;
  } = {},
): BodyRequest {
  let value = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const size of sizes) controller.enqueue(new Uint8Array(size).fill(++value));
      if (!isOpen) controller.close();
    },
  });
  const headers = new Headers(declared === undefined ? {} : { "content-length": String(declared) });
  return { headers, body, signal };
}

for (const declared of [undefined, 6]) {
  Deno.test(`a body ${declared ? "of a declared length" : "in pieces"} is read whole, and its memory is given back`, async () => {
    const { all } = bodies();
    const read = await all.read(aRequest([1, 2, 3], declared ? { declared } : {}));
    assert.ok(read.kind === "read");
    assert.deepEqual([...read.bytes!], [1, 2, 2, 3, 3, 3]);
    assert.ok(all.usedBytes > 0);
    read.release();
    read.release();
    assert.equal(all.usedBytes, 0);
  });
}

Deno.test("a body that came with its head is not copied, takes memory, and leaves the rest of where it is", async () => {
  const { all } = bodies({ maxBodyBytes: 20_000, bodyMemoryBytes: 20_000 });
  const came = new Uint8Array(30_000).fill(7);
  const read = await all.read({
    headers: new Headers({ "content-length": "20000" }),
    body: HttpBody.ofWhole(came.subarray(5_000, 25_000)),
    signal: new AbortController().signal,
  });
  assert.ok(read.kind === "read");
  assert.equal(read.bytes!.buffer, came.buffer);
  assert.deepEqual([read.bytes!.byteOffset, read.bytes!.length, all.usedBytes], [5_000, 20_000, 20_000]);
  await read.release();
  assert.deepEqual([came.length, all.usedBytes], [30_000, 0]);
});

Deno.test("a body that is declared or turns out too large is refused, and keeps no memory", async () => {
  const { all } = bodies();
  assert.deepEqual(await all.read(aRequest([], { declared: 101 })), { kind: "too_large" });
  assert.deepEqual(await all.read(aRequest([60, 60])), { kind: "too_large" });
  assert.equal(all.usedBytes, 0);
});

const MIB = 2 ** 20;

Deno.test("a body of an unknown length takes a mebibyte, then what the longest may, and keeps what it is", async () => {
  /** `[sizes of its pieces, memory that is taken while more may come]` */
  const taken: [number[], number][] = [
    [[1], MIB],
    [[MIB], MIB],
    [[MIB, 1], 2.5 * MIB],
    [[MIB + 1, MIB], 2.5 * MIB],
  ];
  for (const [sizes, expected] of taken) {
    const { all, clock } = bodies({ maxBodyBytes: 2.5 * MIB, bodyMemoryBytes: 10 * MIB });
    const open = all.read(aRequest(sizes, { isOpen: true }));
    await until("its pieces were read", () => all.usedBytes === expected);
    await clock.advance(61_000);
    assert.deepEqual(await open, { kind: "stalled" });
    const read = await all.read(aRequest(sizes));
    assert.ok(read.kind === "read");
    assert.equal(all.usedBytes, read.bytes!.length);
    await read.release();
    assert.equal(all.usedBytes, 0);
  }
});

Deno.test("a client that goes on after it was told that it stalled takes no memory", async () => {
  const { all, clock } = bodies();
  const late = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const seen = { reads: 0, isCancelled: false };
  const body = new HttpBody({
    read: () => (seen.reads++, late.promise),
    cancel: () => void (seen.isCancelled = true),
  });
  const reading = all.read({ ...aRequest([]), body });
  await clock.advance(61_000);
  assert.deepEqual(await reading, { kind: "stalled" });
  late.resolve(new Uint8Array(10));
  await clock.advance(1);
  assert.deepEqual([all.usedBytes, seen], [0, { reads: 1, isCancelled: true }]);
});

Deno.test("a body that gets its room after it was told that it stalled gives that back", async () => {
  const { all, clock } = bodies({ bodyIdleTimeoutMs: 5_000 });
  const first = await all.read(aRequest([100], { declared: 100 }));
  const reading = all.read(aRequest([60], { isOpen: true }));
  await clock.advance(5_000);
  assert.deepEqual([await reading, all.usedBytes], [{ kind: "stalled" }, 100]);
  assert.ok(first.kind === "read");
  await first.release();
  await clock.advance(1);
  assert.equal(all.usedBytes, 0);
});

Deno.test("a body that turns out to be empty takes no memory", async () => {
  const { all } = bodies();
  assert.equal((await all.read(aRequest([]))).kind, "read");
  assert.equal(all.usedBytes, 0);
});

Deno.test("bodies of an unknown length never wait for each other", async () => {
  const { all, clock } = bodies({ maxBodyBytes: 4 * MIB, bodyMemoryBytes: 10 * MIB });
  const readAndReleased = async () => {
    const read = await all.read(aRequest([MIB, MIB, MIB]));
    if (read.kind === "read") await read.release();
    return read.kind;
  };
  const reading = Promise.all(Array.from({ length: 6 }, readAndReleased));
  await clock.advance(9_000);
  assert.deepEqual(await reading, Array(6).fill("read"));
});

Deno.test("a body of an unknown length takes no memory before its first byte", async () => {
  const { all, clock } = bodies();
  const reading = all.read(aRequest([], { isOpen: true }));
  await clock.advance(1_000);
  assert.equal(all.usedBytes, 0);
  await clock.advance(60_000);
  assert.deepEqual(await reading, { kind: "stalled" });
});

Deno.test("a body of exactly the limit is read, one byte more is too large", async () => {
  for (const isDeclared of [true, false]) {
    for (const [size, kind] of [[100, "read"], [101, "too_large"]] as const) {
      const request = aRequest([size], isDeclared ? { declared: size } : {});
      assert.equal((await bodies().all.read(request)).kind, kind);
    }
  }
});

Deno.test("a body takes the last byte of the memory, and the next has to wait", async () => {
  const { all, clock } = bodies();
  await all.read(aRequest([100], { declared: 100 }));
  await all.read(aRequest([50], { declared: 50 }));
  assert.equal(all.usedBytes, 150);
  const next = all.read(aRequest([1], { declared: 1 }));
  await clock.advance(10_000);
  assert.deepEqual(await next, { kind: "no_room" });
});

Deno.test("a request without a body needs no memory", async () => {
  const { all } = bodies({ bodyMemoryBytes: 0, maxBodyBytes: 0 });
  const { body: _, ...request } = aRequest([]);
  assert.equal((await all.read({ ...request, body: null })).kind, "read");
});

Deno.test("a client that stops sending is told so after the idle timeout, and one that goes on slowly is not", async () => {
  const { all, clock } = bodies();
  const stalled = all.read(aRequest([1], { declared: 90, isOpen: true }));
  await clock.advance(59_000);
  assert.equal(all.usedBytes, 90);
  await clock.advance(2_000);
  assert.deepEqual(await stalled, { kind: "stalled" });
  assert.equal(all.usedBytes, 0);
  const slow = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      await clock.sleep(50_000);
      controller.enqueue(new Uint8Array(1));
      await clock.sleep(50_000);
      controller.close();
      slow.resolve();
    },
  });
  const reading = all.read({ ...aRequest([]), body });
  await clock.advance(150_000);
  assert.equal((await reading).kind, "read");
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("beyond the memory of all bodies a request waits, and goes on when one ends", async () => {
  const { all, clock } = bodies();
  const first = await all.read(aRequest([100], { declared: 100 }));
  const second = all.read(aRequest([80], { declared: 80 }));
  await clock.advance(5_000);
  assert.equal(all.usedBytes, 100);
  assert.ok(first.kind === "read");
  first.release();
  assert.equal((await second).kind, "read");
  assert.equal(all.usedBytes, 80);
});

Deno.test("a request that finds no room within 10 s is refused", async () => {
  const { all, clock } = bodies();
  await all.read(aRequest([100], { declared: 100 }));
  const second = all.read(aRequest([80], { declared: 80 }));
  await clock.advance(10_000);
  assert.deepEqual(await second, { kind: "no_room" });
  assert.equal(all.usedBytes, 100);
});

Deno.test("a client that disconnects while it waits makes room for nobody and keeps nothing", async () => {
  const { all, clock } = bodies();
  const first = await all.read(aRequest([100], { declared: 100 }));
  const client = new AbortController();
  const second = all.read(aRequest([80], { declared: 80, signal: client.signal }));
  const third = all.read(aRequest([90], { declared: 90 }));
  client.abort();
  await second;
  assert.ok(first.kind === "read");
  first.release();
  assert.equal((await third).kind, "read");
  assert.equal(all.usedBytes, 90);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("small bodies do not keep a large one out", async () => {
  const { all } = bodies();
  const first = await all.read(aRequest([100], { declared: 100 }));
  const large = all.read(aRequest([100], { declared: 100 }));
  const small = all.read(aRequest([10], { declared: 10 }));
  assert.ok(first.kind === "read");
  first.release();
  assert.equal((await large).kind, "read");
  assert.equal((await small).kind, "read");
});

Deno.test("a large body that gives up waiting lets those after it in", async () => {
  const { all, clock } = bodies();
  await all.read(aRequest([100], { declared: 100 }));
  const client = new AbortController();
  const large = all.read(aRequest([80], { declared: 80, signal: client.signal }));
  const small = all.read(aRequest([10], { declared: 10 }));
  await clock.advance(1_000);
  assert.equal(all.usedBytes, 100);
  client.abort();
  assert.equal((await large).kind, "no_room");
  assert.equal((await small).kind, "read");
  assert.equal(all.usedBytes, 110);
});

Deno.test("a body that has its memory goes on while another waits for some", async () => {
  const { all } = bodies();
  let feed!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => void (feed = controller),
  });
  const first = all.read({ ...aRequest([], { declared: 100 }), body });
  const waiting = all.read(aRequest([90], { declared: 90 }));
  feed.enqueue(new Uint8Array(100));
  feed.close();
  const read = await first;
  assert.ok(read.kind === "read");
  read.release();
  assert.equal((await waiting).kind, "read");
});

Deno.test("one body is always allowed, however little memory is set", async () => {
  const { all } = bodies({ bodyMemoryBytes: 1 });
  assert.equal((await all.read(aRequest([100], { declared: 100 }))).kind, "read");
});

Deno.test("a body that breaks off keeps no memory", async () => {
  const { all } = bodies();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.error(new Error("gone")),
  });
  assert.deepEqual(await all.read({ ...aRequest([]), body }), { kind: "broken" });
  assert.equal(all.usedBytes, 0);
});

Deno.test("the memory of a large body is given back once nothing sends it any more, and not before", async () => {
  const { all } = bodies({ maxBodyBytes: 2 ** 25, bodyMemoryBytes: 2 ** 25 });
  const read = await all.read(aRequest([300_000, 300_000]));
  assert.ok(read.kind === "read");
  const sending = Promise.withResolvers<void>();
  read.keep(sending.promise);
  const released = read.release();
  await Promise.resolve();
  assert.equal(read.bytes!.length, 600_000);
  assert.equal(all.usedBytes, 600_000);
  sending.resolve();
  await released;
  assert.equal(read.bytes!.length, 0);
  assert.equal(all.usedBytes, 0);
});
