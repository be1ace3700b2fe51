import assert from "node:assert/strict";
import { streamOf } from "../../src/system/http_body.ts";
import fc from "fast-check";
import { JudgedStream, type StreamEnd } from "../../src/upstream/stream.ts";
import { StreamJudge } from "../../src/upstream/stream_judge.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { fuzzRuns } from "../support/fuzz.ts";

const IDLE_MS = 300_000;

/** A source that the test feeds by hand, under judgement; with the ends that were told. */
function aStream() {
  const clock = new FakeClock();
  const ends: StreamEnd[] = [];
  const client = new AbortController();
  let feed!: ReadableStreamDefaultController<Uint8Array>;
  let isCancelled = false;
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => void (feed = controller),
    cancel: () => void (isCancelled = true),
  });
  const judge = new StreamJudge({
    onLimits: () => {},
    onResponse: () => {},
    onTokens: () => {},
    onVisible: () => {},
  });
  const stream = new JudgedStream(source, {
    clock,
    idleTimeoutMs: IDLE_MS,
    judge,
    token: new Secret("sk-token"),
  });
  const say = (name: string, data = "{}") => {
    const chunk = new TextEncoder().encode(`event: ${name}\ndata: ${data}\n\n`);
    feed.enqueue(chunk);
    return chunk;
  };
  const relayed = () => streamOf(stream.relay((end) => ends.push(end)))!.getReader();
  const head = () => stream.readHead(client.signal);
  return {
    clock,
    ends,
    judge,
    client,
    feed,
    say,
    stream,
    relayed,
    head,
    isSourceCancelled: () => isCancelled,
  };
}

Deno.test("relay() hands on the chunks as they come, those of the head too", async () => {
  const { feed, say, head, relayed, ends, judge } = aStream();
  const chunks = [say("response.created"), say("response.output_text.delta"), new Uint8Array(70_000)];
  feed.enqueue(chunks[2]!);
  feed.close();
  assert.equal(await head(), "good");
  const reader = relayed();
  for (const chunk of chunks) assert.deepEqual((await reader.read()).value, chunk);
  assert.equal((await reader.read()).done, true);
  assert.deepEqual(ends, ["completed"]);
  assert.equal(judge.bytes, chunks.reduce((sum, chunk) => sum + chunk.length, 0));
});

Deno.test("readHead() is failed when a failure comes before anything visible", async () => {
  const { say, head, judge } = aStream();
  say("response.created");
  say("response.in_progress");
  say("response.failed", '{"response":{"error":{"code":"usage_limit_reached"}}}');
  assert.equal(await head(), "failed");
  assert.match(JSON.stringify(judge.failure), /usage_limit_reached/);
});

Deno.test("readHead() is good as soon as something visible has come, whatever follows", async () => {
  const { say, head, judge } = aStream();
  say("response.created");
  say("response.output_text.delta");
  assert.equal(await head(), "good");
  assert.ok(judge.isVisible);
});

Deno.test("readHead() decides two seconds after the head of the answer, and loses nothing", async () => {
  const { clock, say, head, relayed } = aStream();
  const verdict = head();
  const first = say("response.created");
  await clock.advance(1999);
  let isDecided = false;
  void verdict.then(() => isDecided = true);
  await clock.advance(0);
  assert.ok(!isDecided);
  await clock.advance(1);
  assert.equal(await verdict, "good");
  const reader = relayed();
  assert.deepEqual((await reader.read()).value, first);
  const next = reader.read();
  const second = say("response.completed");
  assert.deepEqual((await next).value, second);
});

Deno.test("readHead() looks at any number of invisible events, and at a large one", async () => {
  const { say, head } = aStream();
  for (let i = 0; i < 100; i++) say("codex.something");
  say("response.created", JSON.stringify({ response: { instructions: "x".repeat(300_000) } }));
  say("response.failed");
  assert.equal(await head(), "failed");
});

Deno.test("readHead() takes the end of a stream as the end of its last event", async () => {
  const { feed, head } = aStream();
  feed.enqueue(new TextEncoder().encode('data: {"type":"response.failed","response":{}}'));
  feed.close();
  assert.equal(await head(), "failed");
});

Deno.test("readHead() ends with the client, and lets the upstream go", async () => {
  const { client, head, isSourceCancelled, clock } = aStream();
  const verdict = head();
  client.abort();
  assert.equal(await verdict, "client_disconnected");
  assert.ok(isSourceCancelled());
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("relay() tells of the end before the client can see it", async () => {
  const { feed, relayed, ends } = aStream();
  const read = relayed().read().then(({ done }) => assert.deepEqual([done, ends], [true, ["completed"]]));
  feed.close();
  await read;
});

Deno.test("relay() breaks when its source breaks, also when that happened in the head", async () => {
  for (const readsHead of [false, true]) {
    const { feed, head, relayed, ends } = aStream();
    feed.error(new Error("connection reset"));
    if (readsHead) await head();
    await assert.rejects(relayed().read());
    assert.deepEqual(ends, ["broken"]);
  }
});

Deno.test("relay() reads what the client has taken, and no further", async () => {
  const { say, relayed, judge } = aStream();
  const bytes = ["one", "two", "three"].map((name) => say(name).length);
  const reader = relayed();
  await reader.read();
  await settled();
  assert.equal(judge.bytes, bytes[0]!);
  await reader.read();
  await settled();
  assert.equal(judge.bytes, bytes[0]! + bytes[1]!);
});

Deno.test("relay() judges the last event of a client that leaves with it", async () => {
  const { say, relayed, judge, ends } = aStream();
  const reader = relayed();
  say("response.output_text.delta");
  await reader.read();
  say("response.completed");
  await reader.read();
  await reader.cancel();
  assert.deepEqual([judge.final, ends], ["completed", ["client_gone"]]);
});

/** Lets promise callbacks finish. */
async function settled(): Promise<void> {
  for (let count = 0; count < 50; count++) await Promise.resolve();
}

Deno.test("relay() cancels its source when the client leaves", async () => {
  const { relayed, ends, isSourceCancelled } = aStream();
  await relayed().cancel();
  assert.ok(isSourceCancelled());
  assert.deepEqual(ends, ["client_gone"]);
});

Deno.test("relay() gives up when the source is silent too long, counted from the last chunk", async () => {
  const { clock, say, relayed, ends, isSourceCancelled } = aStream();
  const reader = relayed();
  const first = reader.read();
  await clock.advance(IDLE_MS - 1);
  say("one");
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

Deno.test("relay() gives up when the client takes nothing for too long, and counts that for itself", async () => {
  const { clock, say, relayed, ends, isSourceCancelled } = aStream();
  const reader = relayed();
  for (let round = 0; round < 3; round++) {
    say("one");
    assert.equal((await reader.read()).done, false);
    await settled();
    await clock.advance(IDLE_MS - 1);
  }
  say("two");
  await reader.read();
  say("three");
  await clock.advance(IDLE_MS - 1);
  assert.deepEqual([ends, isSourceCancelled()], [[], false]);
  await clock.advance(1);
  assert.deepEqual([ends, isSourceCancelled()], [["client_stalled"], true]);
  await assert.rejects(reader.read(), /client_stalled/);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("relay() leaves no timer behind", async () => {
  const { clock, feed, head, relayed } = aStream();
  feed.close();
  await head();
  await relayed().read();
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("relay() blanks the token in a failure, however it is cut", async () => {
  const { feed, relayed } = aStream();
  const client = new Response(relayedStream(relayed()));
  const send = (text: string) => feed.enqueue(new TextEncoder().encode(text));
  send('event: response.output_text.delta\ndata: {"delta":"sk-token of a model"}\n\n');
  send('event: response.failed\ndata: {"response":{"error":{"message":"bad sk-t');
  send('oken"}}}\n\n');
  send("data: sk-tok");
  feed.close();
  const text = await client.text();
  assert.match(text, /"sk-token of a model"/);
  assert.match(text, /"bad \*{8}"\}\}\}\n\ndata: sk-tok$/);
});

function relayedStream(reader: ReadableStreamDefaultReader<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { value } = await reader.read();
      if (value) controller.enqueue(value);
      else controller.close();
    },
  });
}

Deno.test("relay() hands on every byte of a failure but the token, however it is cut, and no empty chunk", async () => {
  const failure = 'event: error\ndata: {"error":{"message":"sk-token is bad, sk-toke is not sk-token"}}\n\n';
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: failure.length - 1 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(cuts, fc.constantFrom("", "s", "sk-toke"), async (at, rest) => {
      const text = failure + rest;
      const { feed, relayed } = aStream();
      const edges = [0, ...at.toSorted((a, b) => a - b), text.length];
      for (const [index, edge] of edges.slice(1).entries()) {
        feed.enqueue(new TextEncoder().encode(text.slice(edges[index], edge)));
      }
      feed.close();
      const chunks: Uint8Array[] = [];
      const reader = relayed();
      for (let read = await reader.read(); !read.done; read = await reader.read()) chunks.push(read.value);
      assert.ok(chunks.every((chunk) => chunk.length > 0));
      const seen = chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
      assert.equal(seen.length, text.length);
      assert.equal(seen.replaceAll("sk-token", ""), seen);
      assert.match(seen, /sk-toke is not/);
    }),
    { numRuns: fuzzRuns(500) },
  );
});
