// Clients that send too much, too slowly, or in ways that HTTP/1.1 forbids. All meet one proxy with short timeouts.

import assert from "node:assert/strict";
import { json, text } from "../../support/answers.ts";
import { startFakeUpstream } from "../../support/fake_upstream.ts";
import { Home, until } from "../../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../../support/service.ts";

const ENV = {
  CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
  CLIPROXY_BODY_LIMIT_MB: "1",
  CLIPROXY_BODY_MEMORY_MB: "1",
  CLIPROXY_BODY_IDLE_TIMEOUT_SECONDS: "1.5",
  CLIPROXY_IDLE_TIMEOUT_SECONDS: "1.5",
};
// More than the buffers of the system between two programs take of a client that does not read.
const UNREAD_BYTES = 24 * 2 ** 20;
const SOON_MS = 20_000;
// Of the settings.
const DRAIN_MS = 10_000;
const connect = (port: number) => Deno.connect({ port, hostname: "127.0.0.1" });
const HEAD = "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

/** Sends this, and reads until the server closes, its time has expired, or `isEnough`. */
async function exchange(
  port: number,
  text: string,
  isEnough = (_answer: string) => false,
): Promise<{ answer: string; isClosed: boolean; tookMs: number }> {
  const startedMs = performance.now();
  using connection = await connect(port);
  const writer = connection.writable.getWriter();
  // The server may refuse it before it has read all.
  const written = writer.write(new TextEncoder().encode(text)).catch(() => {});
  let answer = "";
  let isClosed = false;
  const late = setTimeout(() => connection.close(), SOON_MS);
  const bytes = new Uint8Array(65_536);
  try {
    while (!isEnough(answer)) {
      const count = await connection.read(bytes);
      if (count === null) {
        isClosed = true;
        break;
      }
      answer += new TextDecoder().decode(bytes.subarray(0, count));
    }
  } catch {
    // It took too long, or the server reset the connection.
  }
  clearTimeout(late);
  if (isEnough(answer)) await written;
  return { answer, isClosed, tookMs: performance.now() - startedMs };
}

/** Reads to the end of a connection, in whatever way it ends. */
async function bytesLeftOn(connection: Deno.Conn): Promise<number> {
  const memory = new Uint8Array(65_536);
  let size = 0;
  try {
    for (let count = await connection.read(memory); count !== null; count = await connection.read(memory)) {
      size += count;
    }
  } catch {
    // It was reset.
  }
  return size;
}

const hasHead = (answer: string) => /HTTP\/1.1 [2-5][^]*\r\n\r\n/.test(answer);

Deno.test("clients that send too much, too slowly or against the rules", async (test) => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, json(200, {}));
  upstream.reply({ path: "/backend-api/unread" }, text(200, "x".repeat(UNREAD_BYTES)));
  await using home = await Home.make({ ...ENV, CLIPROXY_UPSTREAM: upstream.url });
  await home.addKey("work.json", "token-of-work");
  const service = await Service.start(home);
  const { port } = new URL(service.baseUrl);
  const send = (text: string, isEnough = hasHead) => exchange(Number(port), text, isEnough);

  for (const expect of ["", "Expect: 100-continue\r\n"]) {
    await test.step(`a declared body of 100 GB gets 413 at once${expect ? ", also with Expect" : ""}`, async () => {
      const { answer } = await send(`${HEAD}Content-Length: 107374182400\r\n${expect}\r\n`);
      assert.match(answer, /^HTTP\/1.1 413 /m);
    });
  }
  await test.step("a body that stops gets 408 after the idle timeout", async () => {
    const { answer } = await send(`${HEAD}Content-Length: 100\r\n\r\n{`);
    assert.match(answer, /^HTTP\/1.1 408 /);
    assert.match(answer, /request_timeout/);
  });
  await test.step("a second body waits while the first one takes all the memory, and goes on after that", async () => {
    const size = 2 ** 20;
    const [first, second] = await Promise.all([
      send(`${HEAD}Content-Length: ${size}\r\n\r\n{`),
      send(`${HEAD}Content-Length: ${size}\r\n\r\n${"x".repeat(size)}`),
    ]);
    assert.match(first.answer, /^HTTP\/1.1 408 /);
    assert.match(second.answer, /^HTTP\/1.1 200 /);
    assert.ok(second.tookMs > 1_000, `it waited for ${second.tookMs} ms`);
  });
  await test.step("Content-Length with Transfer-Encoding smuggles nothing", async () => {
    const hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
    await send(
      `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      (answer) => answer.split("HTTP/1.1 ").length > 2,
    );
    assert.ok(
      !upstream.requests.some(({ path, headers }) =>
        path.includes("hidden") && headers.has("content-length")
      ),
    );
  });
  await test.step("a head that does not end gets 408, and one that does not begin is not waited for", async () => {
    const begun = await send(HEAD, () => false);
    assert.match(begun.answer, /^HTTP\/1.1 408 /);
    const silent = await send("", () => false);
    assert.deepEqual([begun.isClosed, silent.isClosed, silent.answer], [true, true, ""]);
  });
  await test.step("HTTP/2 without TLS is told to use HTTP/1.1", async () => {
    const { answer, isClosed } = await send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", () => false);
    assert.match(answer, /^HTTP\/1.1 505 [^]*use HTTP\/1.1/);
    assert.ok(isClosed);
  });
  await test.step("a request without Host is refused", async () => {
    const { answer } = await send("GET / HTTP/1.1\r\n\r\n");
    assert.match(answer, /^HTTP\/1.1 403 [^]*no Host header/);
  });
  using unread = await connect(Number(port));
  await test.step("a client that does not read its answer is given up, and its connection is closed", async () => {
    await unread.write(
      new TextEncoder().encode("GET /backend-api/unread HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    );
    await until("it is recorded as stalled", async () => {
      return (await service.attempts()).some(({ stream_end }) => stream_end === "client_stalled");
    });
    assert.ok(await bytesLeftOn(unread) < UNREAD_BYTES);
  });
  await test.step("neither that client nor 300 heads without an end hold up requests or the end of the service", async () => {
    await using heads = new AsyncDisposableStack();
    for (let count = 0; count < 300; count++) {
      const head = heads.adopt(await connect(Number(port)), (open) => Promise.resolve(open.close()));
      await head.write(new TextEncoder().encode(HEAD));
    }
    assert.equal(await service.askForStatus(), 200);
    const startedMs = performance.now();
    await service.stop();
    assert.ok(performance.now() - startedMs < DRAIN_MS, "it waited for them");
  });
});
