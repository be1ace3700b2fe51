import assert from "node:assert/strict";
import { SendError } from "../../src/system/http.ts";
import { HttpBody, streamOf } from "../../src/system/http_body.ts";
import { HttpConnection, type Sending } from "../../src/system/http_connection.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeWire } from "../support/fake_wire.ts";
import { bytesOf } from "../support/raw_http.ts";

const OK = "HTTP/1.1 200 OK\r\n";

function aConnection() {
  const wire = new FakeWire();
  const clock = new FakeClock();
  let idle = 0;
  const connection = new HttpConnection(wire, {
    onIdle: () => idle++,
    clock,
  });
  const leaving = new AbortController();
  const ask = async (more: Partial<Sending> = {}) => {
    const { status, body } = await connection.exchange({
      method: "POST",
      bytes: { head: "question", body: [] },
      signal: leaving.signal,
      ...more,
    });
    return { status, body, text: async () => body ? await new Response(streamOf(body)).text() : "" };
  };
  return { wire, clock, connection, leaving, ask, idle: () => idle };
}

/** Lets promise callbacks finish. */
async function turn(): Promise<void> {
  for (let count = 0; count < 20; count++) await Promise.resolve();
}

Deno.test("HttpConnection says of one that broke whether it had carried a request before", async () => {
  for (const wasUsed of [false, true]) {
    const { wire, ask } = aConnection();
    if (wasUsed) {
      wire.say(bytesOf(`${OK}content-length: 0\r\n\r\n`));
      await ask();
    }
    const asked = ask().then(() => undefined, (error) => error);
    wire.end();
    const { failure, wasUsed: told } = await asked;
    assert.deepEqual([failure, told], ["interrupted", wasUsed]);
  }
});

async function failureOf(sending: Promise<unknown>): Promise<string> {
  const error = await sending.then(() => "an answer", (error) => error);
  assert.ok(error instanceof SendError, String(error));
  return error.failure;
}

Deno.test("HttpConnection carries one request after the other", async () => {
  const { wire, connection, ask, idle } = aConnection();
  for (let round = 1; round <= 3; round++) {
    wire.say(bytesOf(`${OK}content-length: 1\r\n\r\n${round}`));
    assert.equal(await (await ask()).text(), String(round));
    await turn();
    assert.deepEqual([idle(), connection.isOpen, wire.writes], [round, true, round]);
  }
});

Deno.test("HttpConnection notices while it waits that the other side has ended it, or speaks unasked", async () => {
  for (const act of [(wire: FakeWire) => wire.end(), (wire: FakeWire) => wire.say(bytesOf("HTTP/1.1 408"))]) {
    const { wire, connection, ask } = aConnection();
    wire.say(bytesOf(`${OK}content-length: 0\r\n\r\n`));
    await ask();
    await turn();
    assert.equal(connection.isOpen, true);
    act(wire);
    await turn();
    assert.deepEqual([connection.isOpen, wire.isClosed], [false, true]);
  }
});

Deno.test("HttpConnection waits for another request only once the whole answer was read", async () => {
  const { wire, ask, idle } = aConnection();
  wire.say(bytesOf(`${OK}content-length: 5\r\n\r\nhel`));
  const { body } = await ask();
  await turn();
  assert.equal(idle(), 0);
  wire.say(bytesOf("lo"));
  assert.equal(await new Response(streamOf(body)).text(), "hello");
  await turn();
  assert.equal(idle(), 1);
});

Deno.test("HttpConnection ends with its signal: before, during and after the head", async () => {
  const before = aConnection();
  before.leaving.abort();
  assert.deepEqual([await failureOf(before.ask()), before.wire.isClosed], ["aborted", true]);
  const during = aConnection();
  const waiting = failureOf(during.ask());
  during.leaving.abort();
  assert.deepEqual([await waiting, during.wire.isClosed], ["aborted", true]);
  const after = aConnection();
  after.wire.say(bytesOf(`${OK}content-length: 5\r\n\r\nhel`));
  const answer = await after.ask();
  after.leaving.abort();
  await assert.rejects(answer.text());
  assert.equal(after.wire.isClosed, true);
});

Deno.test("HttpConnection does not end with the signal of a request that is over", async () => {
  const { wire, connection, leaving, ask } = aConnection();
  wire.say(bytesOf(`${OK}content-length: 0\r\n\r\n`));
  await ask();
  await turn();
  leaving.abort();
  assert.equal(connection.isOpen, true);
});

Deno.test("HttpConnection ends when nobody wants the rest of a body", async () => {
  const { wire, ask } = aConnection();
  wire.say(bytesOf(`${OK}content-length: 5\r\n\r\nhel`));
  await (await ask()).body!.cancel();
  assert.equal(wire.isClosed, true);
});

Deno.test("HttpConnection gives an answer that comes before its request is out, and carries no other after it", async () => {
  const { wire, ask, idle } = aConnection();
  const { promise, resolve } = Promise.withResolvers<void>();
  wire.held = promise;
  wire.say(bytesOf("HTTP/1.1 413 Too large\r\ncontent-length: 2\r\n\r\nno"));
  const answer = await ask({ bytes: { head: "head", body: [new Uint8Array(1_000_000)] } });
  assert.deepEqual([answer.status, await answer.text()], [413, "no"]);
  await turn();
  assert.deepEqual([wire.isClosed, idle()], [true, 0]);
  resolve();
});

Deno.test("HttpConnection carries another request though the write of a small one returns after its answer", async () => {
  const { wire, connection, ask, idle } = aConnection();
  const { promise, resolve } = Promise.withResolvers<void>();
  wire.held = promise;
  wire.say(bytesOf(`${OK}content-length: 0\r\n\r\n`));
  await ask();
  resolve();
  await turn();
  assert.deepEqual([connection.isOpen, idle()], [true, 1]);
});

Deno.test("HttpConnection ends when the other side answers a small request and does not read it", async () => {
  const { wire, clock, ask, idle } = aConnection();
  const { promise, resolve } = Promise.withResolvers<void>();
  wire.held = promise;
  wire.say(bytesOf(`${OK}content-length: 0\r\n\r\n`));
  await ask();
  await clock.advance(999);
  assert.equal(wire.isClosed, false);
  await clock.advance(1);
  assert.deepEqual([wire.isClosed, idle(), clock.pendingTimers], [true, 0, 0]);
  resolve();
});

Deno.test("HttpConnection gives what has gathered as one chunk, up to 64 KiB", async () => {
  const { wire, ask } = aConnection();
  wire.say(bytesOf(`${OK}transfer-encoding: chunked\r\n\r\n`));
  const { body } = await ask();
  assert.ok(body instanceof HttpBody);
  wire.say(bytesOf("2\r\nab\r\n".repeat(300)));
  assert.equal((await body.source.read())!.length, 600);
  wire.say(bytesOf(`40000\r\n${"x".repeat(0x40000)}\r\n0\r\n\r\n`));
  const sizes: number[] = [];
  for (let chunk = await body.source.read(); chunk; chunk = await body.source.read()) {
    sizes.push(chunk.length);
  }
  assert.equal(sizes.reduce((sum, size) => sum + size, 0), 0x40000);
  assert.ok(sizes.length <= 7, String(sizes));
  assert.ok(sizes.every((size) => size <= 65_536), String(sizes));
});

Deno.test("HttpConnection writes to no piece that it gave out before it is asked for the next one, whatever comes", async () => {
  const { wire, ask } = aConnection();
  const buffers = new Set<ArrayBuffer>();
  for (let answer = 0; answer < 20; answer++) {
    wire.say(bytesOf(`${OK}transfer-encoding: chunked\r\n\r\n`));
    const { body } = await ask();
    assert.ok(body instanceof HttpBody);
    for (let event = 0; event < 20; event++) {
      wire.say(bytesOf(`64\r\n${String(event % 10).repeat(100)}\r\n3\r\nabc\r\n`));
      const chunk: Uint8Array<ArrayBuffer> = (await body.source.read())!;
      const copy = chunk.slice();
      buffers.add(chunk.buffer);
      if (event === 19) wire.say(bytesOf("0\r\n\r\n"));
      await turn();
      assert.deepEqual(chunk, copy);
    }
    assert.equal(await body.source.read(), undefined);
    await turn();
  }
  assert.ok(buffers.size <= 2, `${buffers.size} pieces of memory for 400 small ones`);
});

Deno.test("HttpConnection leaves a whole body as it is while the next answer comes", async () => {
  const { wire, ask } = aConnection();
  const given: { readonly chunk: Uint8Array; readonly copy: Uint8Array }[] = [];
  for (let answer = 0; answer < 100; answer++) {
    wire.say(bytesOf(`${OK}content-length: 1000\r\n\r\n${String(answer % 10).repeat(1000)}`));
    const { body } = await ask();
    assert.ok(body instanceof HttpBody);
    const chunk = (await body.source.read())!;
    given.push({ chunk, copy: chunk.slice() });
    await turn();
  }
  for (const { chunk, copy } of given) assert.deepEqual(chunk, copy);
});

Deno.test("HttpConnection leaves the last piece of a body as it is while the next answers come", async () => {
  const { wire, ask } = aConnection();
  const given: { readonly chunk: Uint8Array; readonly copy: Uint8Array }[] = [];
  for (let answer = 0; answer < 20; answer++) {
    wire.say(bytesOf(`${OK}transfer-encoding: chunked\r\n\r\n`));
    const { body } = await ask();
    assert.ok(body instanceof HttpBody);
    // The last one of a body is still on its way to a client that takes it slowly, when the connection goes on.
    for (const end of ["", "", "0\r\n\r\n"]) {
      wire.say(bytesOf(`64\r\n${String(answer % 10).repeat(100)}\r\n${end}`));
      const chunk = (await body.source.read())!;
      if (end !== "") given.push({ chunk, copy: chunk.slice() });
    }
    await turn();
  }
  for (const { chunk, copy } of given) assert.deepEqual(chunk, copy);
});

Deno.test("HttpConnection reads no further than it is asked to", async () => {
  const { wire, ask } = aConnection();
  wire.say(bytesOf(`${OK}content-length: 6\r\n\r\n`), bytesOf("ab"), bytesOf("cd"), bytesOf("ef"));
  const { body } = await ask();
  assert.equal(wire.unread, 3);
  const reader = streamOf(body)!.getReader();
  await reader.read();
  assert.equal(wire.unread, 2);
});
