import assert from "node:assert/strict";
import { WORK_BYTES } from "../../src/system/turns.ts";
import { discardRest, giveBack, readBody, readTextHead } from "../../src/upstream/body.ts";

function streamOf(chunks: readonly Uint8Array<ArrayBuffer>[], { isBroken = false } = {}) {
  const rest = [...chunks];
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const next = rest.shift();
      if (next) controller.enqueue(next);
      else if (isBroken) controller.error(new Error("the client left"));
      else controller.close();
    },
  });
}

function post(body: ReadableStream | null, headers: Record<string, string> = {}): Request {
  return new Request("http://127.0.0.1/", { method: "POST", body, headers });
}

const bytes = (...values: number[]) => new Uint8Array(values);

Deno.test("readBody() joins the chunks of a body", async () => {
  assert.deepEqual(await readBody(post(streamOf([bytes(1, 2), bytes(3)])), 3), {
    kind: "read",
    bytes: bytes(1, 2, 3),
    memory: undefined,
  });
});

Deno.test("readBody() hands on a body of one chunk without copying it", async () => {
  const chunk = bytes(1, 2, 3);
  const reading = await readBody(post(streamOf([chunk])), 3);
  assert.equal(reading.kind === "read" && reading.bytes, chunk);
});

Deno.test("readBody() reads a small body of a declared length at once, and tells when it breaks off", async () => {
  const source = { headers: new Headers({ "content-length": "3" }), body: streamOf([]) };
  const read = { ...source, bytes: () => Promise.resolve(bytes(1, 2, 3)) };
  assert.deepEqual(await readBody(read, 3), { kind: "read", bytes: bytes(1, 2, 3), memory: undefined });
  const broken = { ...source, bytes: () => Promise.reject(new Error("the client left")) };
  assert.deepEqual(await readBody(broken, 3), { kind: "broken" });
});

function byteStream(chunks: readonly Uint8Array<ArrayBuffer>[], isBroken = false) {
  const rest = [...chunks];
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const next = rest.shift();
      // It takes the memory of what it gets.
      if (next) return controller.enqueue(next.slice());
      if (isBroken) return controller.error(new Error("the client left"));
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}

const LARGE = Array.from({ length: 30 }, (_, index) => new Uint8Array(3001).fill(index));
const LARGE_BYTES = LARGE.length * 3001;
const LARGE_LENGTH = { "content-length": String(LARGE_BYTES) };

for (const [kind, body] of [["byte stream", byteStream(LARGE)], ["stream", streamOf(LARGE)]] as const) {
  Deno.test(`readBody() reads a large ${kind} of a declared length`, async () => {
    const reading = await readBody(post(body, LARGE_LENGTH), 100_000);
    assert.equal(reading.kind, "read");
    const read = reading.kind === "read" ? reading.bytes : undefined;
    assert.equal(read?.length, LARGE_BYTES);
    assert.ok(read.every((byte, at) => byte === Math.floor(at / 3001)));
  });
}

Deno.test("readBody() tells when a large body of a declared length breaks off", async () => {
  const request = post(byteStream(LARGE.slice(1), true), LARGE_LENGTH);
  assert.deepEqual(await readBody(request, 100_000), { kind: "broken" });
});

Deno.test("readBody() has nothing for a request without a body", async () => {
  assert.deepEqual(await readBody(post(null), 3), {
    kind: "read",
    bytes: undefined,
    memory: undefined,
  });
});

Deno.test("readBody() refuses what is declared too large, unread", async () => {
  let isRead = false;
  const body = new ReadableStream({ pull: () => void (isRead = true) }, { highWaterMark: 0 });
  assert.deepEqual(await readBody(post(body, { "content-length": "4" }), 3), { kind: "too_large" });
  assert.ok(!isRead);
});

Deno.test("readBody() refuses what turns out too large", async () => {
  assert.deepEqual(await readBody(post(streamOf([bytes(1, 2), bytes(3, 4)])), 3), { kind: "too_large" });
});

Deno.test("readBody() tells when a body breaks off", async () => {
  assert.deepEqual(await readBody(post(streamOf([bytes(1)], { isBroken: true })), 3), { kind: "broken" });
});

Deno.test("readTextHead() reads up to its limit, and what there is of a broken body", async () => {
  const text = new TextEncoder().encode("abcdef");
  assert.equal(await readTextHead(streamOf([text]), 4), "abcd");
  assert.equal(await readTextHead(streamOf([text], { isBroken: true }), 99), "abcdef");
  assert.equal(await readTextHead(null, 4), "");
});

Deno.test("discardRest() reads on where readBody() gave up, to the end", async () => {
  const request = post(streamOf([bytes(1, 2), bytes(3, 4), bytes(5, 6)]));
  assert.equal((await readBody(request, 3)).kind, "too_large");
  await discardRest(request.body);
  assert.deepEqual(await request.body!.getReader().read(), { done: true, value: undefined });
});

Deno.test("discardRest() lets a client go that never ends, and one that has left", async () => {
  const part = new Uint8Array(2 ** 20);
  let isCutOff = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(part),
    cancel: () => void (isCutOff = true),
  });
  await discardRest(endless);
  assert.ok(isCutOff);
  await discardRest(streamOf([bytes(1)], { isBroken: true }));
  await discardRest(null);
});

/** A body of `length` bytes that has all that is asked for, and says how much that was. */
function eagerBody(length: number) {
  const asked: number[] = [];
  let left = length;
  const body = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const view = controller.byobRequest!.view as Uint8Array;
      const count = Math.min(left, view.length);
      asked.push(view.length);
      if (count === 0) controller.close();
      else view.fill(7, 0, count);
      left -= count;
      controller.byobRequest!.respond(count);
    },
  });
  return { asked, body };
}

const GIVEN_BACK_FROM_BYTES = 2 ** 24 + 1;

for (const length of [WORK_BYTES, WORK_BYTES + 1, 5 * WORK_BYTES + 3, GIVEN_BACK_FROM_BYTES]) {
  Deno.test(`readBody() reads a declared body of ${length} bytes piece by piece`, async () => {
    const { asked, body } = eagerBody(length);
    const reading = await readBody(post(body, { "content-length": String(length) }), length);
    assert.ok(reading.kind === "read");
    assert.equal(reading.bytes!.length, length);
    assert.ok(reading.bytes!.every((byte) => byte === 7));
    assert.ok(Math.max(...asked) <= WORK_BYTES, `asked for ${Math.max(...asked)} bytes at once`);
    assert.equal(reading.memory !== undefined, length > WORK_BYTES);
    if (reading.memory) await giveBack(reading.memory);
    assert.equal(reading.bytes!.buffer.byteLength, length < GIVEN_BACK_FROM_BYTES ? length : 0);
  });
}

Deno.test("readBody() gathers a large body of an unknown length in one place, without joining it at its end", async () => {
  const chunks = Array.from({ length: 9 }, (_, index) => new Uint8Array(70_000).fill(index));
  const reading = await readBody(post(streamOf(chunks)), 32 * 2 ** 20);
  assert.ok(reading.kind === "read" && reading.memory);
  assert.equal(reading.bytes!.length, 9 * 70_000);
  assert.ok(reading.bytes!.every((byte, at) => byte === Math.floor(at / 70_000)));
  await giveBack(reading.memory);
  assert.equal(reading.bytes!.buffer.byteLength, 0);
});

Deno.test("ten thousand chunks of one byte, read or discarded, leave the event loop to others in between", async () => {
  for (
    const take of [
      (body: ReadableStream<Uint8Array<ArrayBuffer>>) => readBody(post(body), 100_000),
      (body: ReadableStream<Uint8Array<ArrayBuffer>>) => discardRest(body),
    ]
  ) {
    let left = 10_000;
    let othersHadTheirTurn = 0;
    const other = setInterval(() => othersHadTheirTurn++, 1);
    await take(
      new ReadableStream({
        pull(controller) {
          // Each costs as much as one that comes from a connection.
          const untilMs = performance.now() + 0.01;
          while (performance.now() < untilMs);
          if (left-- > 0) controller.enqueue(new Uint8Array(1));
          else controller.close();
        },
      }, { highWaterMark: 0 }),
    );
    clearInterval(other);
    assert.ok(othersHadTheirTurn >= 5, `${othersHadTheirTurn} turns in 100 ms of work`);
  }
});
