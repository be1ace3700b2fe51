import assert from "node:assert/strict";
import { relayStream, type StreamEnd } from "../../src/proxy/stream.ts";
import { FakeClock } from "../support/fake_clock.ts";

const IDLE_MS = 300_000;

/** A source that the test feeds by hand, relayed; with the ends that were told. */
function aRelay() {
  const clock = new FakeClock();
  const ends: StreamEnd[] = [];
  const seen: Uint8Array[] = [];
  let feed!: ReadableStreamDefaultController<Uint8Array>;
  let isCancelled = false;
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => void (feed = controller),
    cancel: () => void (isCancelled = true),
  });
  const relayed = relayStream(source, {
    clock,
    idleTimeoutMs: IDLE_MS,
    onChunk: (chunk) => seen.push(chunk),
    onEnd: (end) => ends.push(end),
  });
  return { clock, ends, seen, feed, reader: relayed.getReader(), isSourceCancelled: () => isCancelled };
}

Deno.test("relayStream() hands on the very chunks that come", async () => {
  const { feed, reader, ends, seen } = aRelay();
  const chunks = [new Uint8Array([1]), new Uint8Array([2, 3]), new Uint8Array(70_000)];
  for (const chunk of chunks) feed.enqueue(chunk);
  feed.close();
  for (const chunk of chunks) assert.equal((await reader.read()).value, chunk);
  assert.equal((await reader.read()).done, true);
  assert.deepEqual(seen, chunks);
  assert.deepEqual(ends, ["completed"]);
});

Deno.test("relayStream() tells of the end before the client can see it", async () => {
  const { feed, reader, ends } = aRelay();
  const read = reader.read().then(({ done }) => assert.deepEqual([done, ends], [true, ["completed"]]));
  feed.close();
  await read;
});

Deno.test("relayStream() breaks when its source breaks", async () => {
  const { feed, reader, ends } = aRelay();
  feed.error(new Error("connection reset"));
  await assert.rejects(reader.read());
  assert.deepEqual(ends, ["broken"]);
});

Deno.test("relayStream() cancels its source when the client leaves", async () => {
  const { reader, ends, isSourceCancelled } = aRelay();
  await reader.cancel();
  assert.ok(isSourceCancelled());
  assert.deepEqual(ends, ["client_gone"]);
});

Deno.test("relayStream() gives up when the source is silent too long, counted from the last chunk", async () => {
  const { clock, feed, reader, ends, isSourceCancelled } = aRelay();
  const first = reader.read();
  await clock.advance(IDLE_MS - 1);
  feed.enqueue(new Uint8Array([1]));
  await first;
  const second = reader.read();
  await clock.advance(IDLE_MS - 1);
  assert.deepEqual(ends, []);
  const refused = assert.rejects(second, /idle_timeout/);
  await clock.advance(2);
  await refused;
  assert.deepEqual(ends, ["idle_timeout"]);
  assert.ok(isSourceCancelled());
});

Deno.test("relayStream() does not count the time that a slow client takes", async () => {
  const { clock, feed, reader, ends } = aRelay();
  feed.enqueue(new Uint8Array([1]));
  await reader.read();
  await clock.advance(IDLE_MS * 3);
  assert.deepEqual(ends, []);
});

Deno.test("relayStream() leaves no timer behind", async () => {
  const { clock, feed, reader } = aRelay();
  feed.close();
  await reader.read();
  assert.equal(clock.pendingTimers, 0);
});
