// Bodies of requests as our server reads them: those that a handler wants, those that it does not, and malformed ones.

import assert from "node:assert/strict";
import type { Handler, HttpRequest } from "../../src/system/exchange.ts";
import { HttpBody } from "../../src/system/http_body.ts";
import { Inflow } from "../../src/system/inflow.ts";
import { RequestBody } from "../../src/system/server_body.ts";
import { latin1 } from "../../src/values/latin1.ts";
import { FakeWire } from "../support/fake_wire.ts";
import { bytesOf } from "../support/raw_http.ts";
import { answersIn, bodyOf, echo, Pieces, plain, Served, streamed } from "../support/served.ts";

const POST = "POST / HTTP/1.1\r\nhost: h\r\n";
const CHUNKED = `${POST}transfer-encoding: chunked\r\n\r\n`;
const NEXT = "GET /next HTTP/1.1\r\nhost: h\r\n\r\n";
const GO_ON = "HTTP/1.1 100 Continue\r\n\r\n";

/** Reads nothing of a body. */
const ignore: Handler = (request) => Promise.resolve(plain(request.method));

/** The statuses and bodies of the answers in what was sent. */
function answered(sent: string): readonly string[] {
  return answersIn(sent).map(({ status, body }) => `${status} ${body}`);
}

const BODIES: Readonly<Record<string, readonly [bytes: string, body: string]>> = {
  "with a length": [`${POST}content-length: 5\r\n\r\nhello`, "hello"],
  "with bytes over 127": [`${POST}content-length: 2\r\n\r\n\xe9\0`, "\xe9\0"],
  "of no bytes": [`${POST}content-length: 0\r\n\r\n`, "none"],
  "that is not there": [`${POST}\r\n`, "none"],
  "in chunks": [`${CHUNKED}3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nx-a: b\r\n\r\n`, "hello"],
  "in no chunks": [`${CHUNKED}0\r\n\r\n`, ""],
  "that looks like a request": [`${POST}content-length: ${NEXT.length}\r\n\r\n${NEXT}`, NEXT],
};

for (const [what, [bytes, body]] of Object.entries(BODIES)) {
  Deno.test(`a body ${what} is read, and the next request after it`, async () => {
    const expected = [`200 POST / ${body}`, "200 GET /next none"];
    for (const parts of [[bytes + NEXT], [bytes, NEXT], [...bytes, NEXT], [...bytes + NEXT]]) {
      const served = new Served(echo);
      for (const part of parts) await served.say(part);
      assert.deepEqual(answered(served.wire.sent), expected);
      await served.end();
    }
  });

  Deno.test(`a body ${what} that nobody reads is skipped when it has come`, async () => {
    for (const parts of [[bytes, NEXT], [bytes + NEXT]]) {
      const served = new Served(ignore);
      for (const part of parts) await served.say(part);
      assert.deepEqual(answered(served.wire.sent), ["200 POST", "200 GET"]);
      await served.end();
    }
  });
}

Deno.test("a client of which a body is cut off is not waited for, and reads its answer", async () => {
  for (const begin of [`${POST}content-length: 9\r\n\r\nhal`, `${CHUNKED}3\r\nhal\r\n`]) {
    const served = new Served(ignore);
    await served.say(begin);
    const [{ body, headers }] = answersIn(served.wire.sent) as [ReturnType<typeof answersIn>[0]];
    assert.deepEqual([body, headers.get("connection")], ["POST", "close"]);
    assert.deepEqual([served.wire.isWriteClosed, served.wire.isClosed], [true, false]);
    // What it still sends is not taken for a request.
    await served.say("f of it", NEXT);
    assert.deepEqual([served.wire.unread, answersIn(served.wire.sent).length], [0, 1]);
    await served.end();
    assert.deepEqual([served.hasEnded, served.wire.isClosed, served.clock.pendingTimers], [true, true, 0]);
  }
});

Deno.test("a client that goes on sending after its answer is cut off after five seconds", async () => {
  const served = new Served(ignore);
  await served.say(`${POST}content-length: 9\r\n\r\n`);
  await served.clock.advance(4999);
  await served.say("x");
  assert.equal(served.wire.isClosed, false);
  await served.clock.advance(1);
  assert.deepEqual([served.wire.isClosed, served.hasEnded, served.clock.pendingTimers], [true, true, 0]);
});

Deno.test("a client is told to go on when its body is asked for, once, and only when nothing of it has come", async () => {
  const head = `${POST}expect: 100-continue\r\ncontent-length: 4\r\n\r\n`;
  const waiting = new Served(echo);
  await waiting.say(head);
  assert.equal(waiting.takeSent(), GO_ON);
  await waiting.say("ab");
  await waiting.say("cd");
  assert.deepEqual(answered(waiting.takeSent()), ["200 POST / abcd"]);
  await waiting.say(head);
  assert.equal(waiting.takeSent(), GO_ON);
  await waiting.end();

  const bold = new Served(echo);
  await bold.say(`${head}ab`);
  await bold.say("cd");
  assert.deepEqual([bold.wire.sent.includes("100"), answered(bold.wire.sent)], [false, ["200 POST / abcd"]]);
});

Deno.test("a client that expects another word, or speaks HTTP/1.0, is not told to go on", async () => {
  for (
    const head of [
      "POST / HTTP/1.1\r\nexpect: x\r\ncontent-length: 1\r\n\r\n",
      "POST / HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n",
    ]
  ) {
    const served = new Served(echo);
    await served.say(head);
    assert.equal(served.wire.sent, "");
    await served.say("x");
    assert.deepEqual(answered(served.wire.sent), ["200 POST / x"]);
  }
});

Deno.test("a body that nobody asks for is not asked of the client", async () => {
  const served = new Served(ignore);
  await served.say(`${POST}expect: 100-continue\r\ncontent-length: 4\r\n\r\n`);
  const [{ status, headers }] = answersIn(served.wire.sent) as [ReturnType<typeof answersIn>[0]];
  assert.deepEqual([status, headers.get("connection"), served.wire.sent.includes("100")], [
    200,
    "close",
    false,
  ]);
  await served.end();
});

Deno.test("a body is not read once its answer has begun, and nothing is said in the middle of that", async () => {
  const asked: HttpRequest[] = [];
  const pieces = new Pieces("a");
  const served = new Served((request) => {
    asked.push(request);
    return Promise.resolve(streamed(pieces));
  });
  await served.say(`${POST}expect: 100-continue\r\ncontent-length: 4\r\n\r\n`);
  assert.equal(await bodyOf(asked[0]!), "broken");
  pieces.say("b", undefined);
  await served.settle();
  assert.deepEqual(answered(served.wire.sent), ["200 ab"]);
  await served.end();
});

Deno.test("a client whose body is read into memory of the handler is told to go on in the same way", async () => {
  const into: Handler = async ({ body }) => {
    const { source } = body as HttpBody;
    while (await source.readInto!(new Uint8Array(4)) !== null);
    return plain("");
  };
  const head = `${POST}expect: 100-continue\r\ncontent-length: 6\r\n\r\n`;
  for (const [begin, told] of [[head, GO_ON], [`${head}ab`, ""]] as const) {
    const served = new Served(into);
    await served.say(begin);
    assert.equal(served.takeSent(), told);
    for (const part of begin === head ? ["ab", "cd", "ef"] : ["cd", "ef"]) await served.say(part);
    assert.doesNotMatch(served.wire.sent, /100 Continue/);
    assert.deepEqual(answered(served.wire.sent), ["200 "]);
  }
});

Deno.test("a body can be read into memory of the handler, up to its end and no further", async () => {
  let text = "";
  const served = new Served(async (request, exchange) => {
    if (!(request.body instanceof HttpBody)) return await echo(request, exchange);
    const { source } = request.body;
    const memory = new Uint8Array(4);
    for (;;) {
      const count = await source.readInto!(memory);
      if (count === null) break;
      text += latin1(memory.subarray(0, count));
    }
    assert.equal(await source.readInto!(memory), null);
    return plain("");
  });
  await served.say(`${POST}content-length: 10\r\n\r\n01234`);
  await served.say(`56789${NEXT}`);
  assert.deepEqual([text, answered(served.wire.sent)], ["0123456789", ["200 ", "200 GET /next none"]]);
});

Deno.test("a body in chunks has no empty pieces, and its client is told to go on at most once", async () => {
  for (
    const parts of [["3\r\n", "abc\r\n", "1;x=y\r\n", "d\r\n0\r\n\r\n"], [
      ..."2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n",
    ]]
  ) {
    const waits: string[] = [];
    const body = new RequestBody({
      inflow: new Inflow(new FakeWire(parts.map(bytesOf)), 4096),
      framing: { kind: "chunked" },
      onWait: () => Promise.resolve(void waits.push("waits")),
      onWhole: () => {},
    });
    const pieces: string[] = [];
    for (let piece = await body.read(); piece; piece = await body.read()) pieces.push(latin1(piece));
    assert.deepEqual([pieces.join(""), pieces.includes(""), waits.length], ["abcd", false, 1]);
  }
});

Deno.test("a client that has sent a part of its body is not told to go on", async () => {
  const waits: string[] = [];
  const inflow = new Inflow(new FakeWire(["ab", "cd"].map(bytesOf)), 4096);
  const onWait = () => Promise.resolve(void waits.push("waits"));
  const body = new RequestBody({ inflow, framing: { kind: "length", bytes: 4 }, onWait, onWhole: () => {} });
  inflow.note(await inflow.next());
  const memory = new Uint8Array(4);
  assert.deepEqual([await body.readInto!(memory), await body.readInto!(memory), waits], [2, 2, []]);
});

Deno.test("a body breaks when the client leaves in it", async () => {
  for (const begin of [`${POST}content-length: 9\r\n\r\nhal`, `${CHUNKED}3\r\nhal\r\n`]) {
    const got: string[] = [];
    const served = new Served(async (request) => {
      got.push(await bodyOf(request));
      return plain("");
    });
    await served.say(begin);
    await served.end();
    assert.deepEqual([got, served.hasEnded, served.wire.isClosed], [["broken"], true, true]);
  }
});

const SMUGGLED = "GET /smuggled HTTP/1.1\r\nhost: h\r\n\r\n";
const MALFORMED: Readonly<Record<string, string>> = {
  "a size that is none": `x\r\n${SMUGGLED}`,
  "a negative size": `-1\r\n${SMUGGLED}`,
  "a size with 0x": `0x5\r\nhello\r\n0\r\n\r\n${SMUGGLED}`,
  "a size beyond numbers": `fffffffffffffffff\r\n${SMUGGLED}`,
  "a size after a blank": ` 5\r\nhello\r\n0\r\n\r\n${SMUGGLED}`,
  "a bare line feed after a size": `5\nhello\r\n0\r\n\r\n${SMUGGLED}`,
  "a bare line feed in an extension": `5;a\nhello\r\n0\r\n\r\n${SMUGGLED}`,
  "a chunk that is longer than its size": `4\r\nhello\r\n0\r\n\r\n${SMUGGLED}`,
  "a chunk that ends with a line feed": `5\r\nhello\n0\r\n\r\n${SMUGGLED}`,
  "a last chunk with a bare line feed": `5\r\nhello\r\n0\n\n${SMUGGLED}`,
  "a trailer that is none": `0\r\nno trailer\r\n\r\n${SMUGGLED}`,
  "an end within a chunk, then a size that is none": `${
    (5 + SMUGGLED.length).toString(16)
  }\r\n0\r\n\r\n${SMUGGLED}\r\nx`,
  "an end within a chunk, and a blank before a size": `${
    (5 + SMUGGLED.length).toString(16)
  }\r\n0\r\n\r\n${SMUGGLED}\r\n 0\r\n\r\n`,
};

for (const [what, chunks] of Object.entries(MALFORMED)) {
  Deno.test(`a body with ${what} breaks, and no request follows it`, async () => {
    for (const isRead of [true, false]) {
      for (const parts of [[CHUNKED + chunks], [CHUNKED, ...chunks], [CHUNKED, chunks]]) {
        const asked: string[] = [];
        const served = new Served(async (request) => {
          asked.push(isRead ? await bodyOf(request) : "not read");
          return plain("told");
        });
        await served.say(...parts);
        await served.say("0\r\n\r\n", SMUGGLED);
        assert.deepEqual(asked, [isRead ? "broken" : "not read"]);
        const [{ status, headers }, ...others] = answersIn(served.wire.sent) as [
          ReturnType<typeof answersIn>[0],
        ];
        assert.deepEqual([status, headers.get("connection"), others], [200, "close", []]);
        await served.end();
        assert.deepEqual([served.hasEnded, served.wire.isClosed], [true, true]);
      }
    }
  });
}

const AMBIGUOUS: Readonly<Record<string, string>> = {
  "a length that chunks contradict":
    `${POST}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  "two lengths": `${POST}content-length: 0\r\ncontent-length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  "a length that a blank hides": `${POST}content-length : ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  "chunks that a fold hides": `${POST}transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  "chunks that a coding hides": `${POST}transfer-encoding: chunked, x\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  "a length after a bare line feed": `${POST}a: b\ncontent-length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  "chunks of HTTP/1.0": `POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  "a version that is none": `GET / HTTP/0.9\r\n\r\n${SMUGGLED}`,
};

for (const [what, bytes] of Object.entries(AMBIGUOUS)) {
  Deno.test(`a request with ${what} is refused, and no request follows it`, async () => {
    let isAsked = false;
    const served = new Served(() => {
      isAsked = true;
      return Promise.resolve(plain(""));
    });
    await served.say(bytes, SMUGGLED);
    const [{ status, headers }, ...others] = answersIn(served.wire.sent) as [ReturnType<typeof answersIn>[0]];
    assert.ok([400, 501, 505].includes(status), String(status));
    assert.deepEqual([isAsked, headers.get("connection"), others], [false, "close", []]);
    await served.end();
  });
}
