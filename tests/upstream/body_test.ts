import assert from "node:assert/strict";
import { WORK_BYTES } from "../../src/system/turns.ts";
import { HttpBody } from "../../src/system/http_body.ts";
import { giveBack, readBody, readTextHead } from "../../src/upstream/body.ts";

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

Deno.test("readBody() keeps the chunks of a source that uses their memory again", async () => {
  const memory = new Uint8Array(2);
  let count = 0;
  const read = () => Promise.resolve(count++ < 3 ? memory.fill(count) : undefined);
  const body = new HttpBody({ read, cancel: () => {} });
  const reading = await readBody({ headers: new Headers(), body }, 6);
  assert.deepEqual(reading.kind === "read" && reading.bytes, bytes(1, 1, 2, 2, 3, 3));
});

/** A body of a declared length, of whose bytes each read gets some. */
function declared(length: number, chunks: readonly Uint8Array<ArrayBuffer>[], isBroken = false) {
  const rest = [...chunks];
  const readInto = (memory: Uint8Array<ArrayBuffer>) => {
    const next = rest.shift();
    if (!next) return isBroken ? Promise.reject(new Error("the client left")) : Promise.resolve(null);
    const count = Math.min(next.length, memory.length);
    memory.set(next.subarray(0, count));
    if (count < next.length) rest.unshift(next.subarray(count));
    return Promise.resolve(count);
  };
  const read = () => Promise.reject(new Error("it is read into memory that is there"));
  const body = new HttpBody({ read, readInto, cancel: () => {} });
  return { headers: new Headers({ "content-length": String(length) }), body };
}

Deno.test("readBody() reads a small body of a declared length, and tells when it breaks off", async () => {
  assert.deepEqual(await readBody(declared(3, [bytes(1, 2), bytes(3)]), 3), {
    kind: "read",
    bytes: bytes(1, 2, 3),
    memory: undefined,
  });
  assert.deepEqual(await readBody(declared(3, [bytes(1)], true), 3), { kind: "broken" });
});

const LARGE = Array.from({ length: 30 }, (_, index) => new Uint8Array(3001).fill(index));
const LARGE_BYTES = LARGE.length * 3001;
const LARGE_LENGTH = { "content-length": String(LARGE_BYTES) };

for (
  const [kind, source] of [
    ["a request", declared(LARGE_BYTES, LARGE)],
    ["an answer", post(streamOf(LARGE), LARGE_LENGTH)],
  ] as const
) {
  Deno.test(`readBody() reads a large body of a declared length of ${kind}`, async () => {
    const reading = await readBody(source, 100_000);
    assert.equal(reading.kind, "read");
    const read = reading.kind === "read" ? reading.bytes : undefined;
    assert.equal(read?.length, LARGE_BYTES);
    assert.ok(read.every((byte, at) => byte === Math.floor(at / 3001)));
  });
}

Deno.test("readBody() tells when a large body of a declared length breaks off", async () => {
  assert.deepEqual(await readBody(declared(LARGE_BYTES, LARGE.slice(1), true), 100_000), { kind: "broken" });
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

Deno.test("readTextHead() waits for nothing when its signal aborts, or had aborted before", async () => {
  const silent = () => new ReadableStream<Uint8Array>();
  assert.equal(await readTextHead(silent(), 4, AbortSignal.abort()), "");
  const stop = new AbortController();
  const text = readTextHead(silent(), 4, stop.signal);
  stop.abort();
  assert.equal(await text, "");
});

/** A body of `length` bytes that has all that is asked for, and says how much that was. */
function eagerBody(length: number) {
  const asked: number[] = [];
  let left = length;
  const readInto = (memory: Uint8Array<ArrayBuffer>) => {
    const count = Math.min(left, memory.length);
    asked.push(memory.length);
    memory.fill(7, 0, count);
    left -= count;
    return Promise.resolve(count);
  };
  const read = () => Promise.reject(new Error("it is read into memory that is there"));
  return { asked, body: new HttpBody({ read, readInto, cancel: () => {} }) };
}

const GIVEN_BACK_FROM_BYTES = 2 ** 24 + 1;

for (const length of [WORK_BYTES, WORK_BYTES + 1, 5 * WORK_BYTES + 3, GIVEN_BACK_FROM_BYTES]) {
  Deno.test(`readBody() reads a declared body of ${length} bytes piece by piece`, async () => {
    const { asked, body } = eagerBody(length);
    const headers = new Headers({ "content-length": String(length) });
    const reading = await readBody({ headers, body }, length);
    assert.ok(reading.kind === "read");
    assert.equal(reading.bytes!.length, length);
    assert.ok(reading.bytes!.every((byte) => byte === 7));
    assert.ok(Math.max(...asked) <= WORK_BYTES, `asked for ${Math.max(...asked)} bytes at once`);
    assert.equal(reading.memory !== undefined, length >= GIVEN_BACK_FROM_BYTES);
    if (reading.memory) await giveBack(reading.memory);
    assert.equal(reading.bytes!.buffer.byteLength, reading.memory ? 0 : length);
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

Deno.test("ten thousand chunks of one byte leave the event loop to others in between", async () => {
  let left = 10_000;
  let othersHadTheirTurn = 0;
  const other = setInterval(() => othersHadTheirTurn++, 1);
  const body = new ReadableStream({
    pull(controller) {
      // Each costs as much as one that comes from a connection.
      const untilMs = performance.now() + 0.01;
      while (performance.now() < untilMs);
      if (left-- > 0) controller.enqueue(new Uint8Array(1));
      else controller.close();
    },
  }, { highWaterMark: 0 });
  await readBody(post(body), 100_000);
  clearInterval(other);
  assert.ok(othersHadTheirTurn >= 5, `${othersHadTheirTurn} turns in 100 ms of work`);
});
