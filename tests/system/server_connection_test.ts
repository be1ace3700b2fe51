// The life of a client's connection to our server: requests one after the other, clients that leave, and times.

import assert from "node:assert/strict";
import type { HttpBody } from "../../src/system/http_body.ts";
import type { Handler, HttpRequest } from "../../src/system/exchange.ts";
import {
  answersIn,
  bodyOf,
  DATE,
  echo,
  HEAD_TIMEOUT_MS,
  Pieces,
  plain,
  Served,
  streamed,
} from "../support/served.ts";

const GET = "GET /a HTTP/1.1\r\nhost: h\r\n\r\n";

/** A handler whose answers come when the test gives them, and what it was asked. */
function slowly() {
  const asked: HttpRequest[] = [];
  const completed: number[] = [];
  const answers: ReturnType<typeof Promise.withResolvers<Awaited<ReturnType<Handler>>>>[] = [];
  const handle: Handler = (request, exchange) => {
    const number = asked.push(request);
    void exchange.completed.then(() => completed.push(number));
    const answer = Promise.withResolvers<Awaited<ReturnType<Handler>>>();
    answers.push(answer);
    return answer.promise;
  };
  return { asked, completed, answers, handle };
}

Deno.test("a connection carries one request after the other", async () => {
  const served = new Served(echo);
  for (const path of ["/a", "/b", "/c"]) {
    await served.say(`GET ${path} HTTP/1.1\r\nhost: h\r\n\r\n`);
    assert.equal(
      served.takeSent(),
      `HTTP/1.1 200 OK\r\ndate: ${DATE}\r\ncontent-length: 11\r\n\r\nGET ${path} none`,
    );
  }
  await served.end();
  assert.deepEqual([served.hasEnded, served.wire.isClosed, served.clock.pendingTimers], [true, true, 0]);
});

Deno.test("a handler gets the request as it came", async () => {
  const { asked, handle } = slowly();
  const served = new Served(async (request, exchange) => {
    assert.equal(exchange.clientIp, "192.0.2.7");
    return await handle(request, exchange);
  });
  await served.say("PATCH /a?b HTTP/1.1\r\nHost: h\r\nX-A: \xe9\r\n\r\n");
  const [{ method, url, headers, body, signal }] = asked as [HttpRequest];
  assert.deepEqual([method, url, body, signal.aborted], ["PATCH", "http://localhost/a?b", null, false]);
  assert.deepEqual([...headers], [["host", "h"], ["x-a", "\xe9"]]);
  await served.end();
});

Deno.test("requests that come together are answered in order, each once the one before it is", async () => {
  const { asked, completed, answers, handle } = slowly();
  const served = new Served(handle);
  await served.say(GET + GET + "GET /b HTTP/1.1\r\n\r", "\n");
  const pieces = new Pieces("1");
  answers[0]!.resolve(streamed(pieces));
  await served.settle();
  assert.equal(asked.length, 1);
  pieces.say(undefined);
  await served.settle();
  assert.deepEqual([asked.length, completed], [2, [1]]);
  answers[1]!.resolve(plain("2"));
  await served.settle();
  answers[2]!.resolve(plain("3"));
  await served.settle();
  assert.deepEqual(answersIn(served.wire.sent).map(({ body }) => body), ["1", "2", "3"]);
  assert.deepEqual([asked[2]!.url, completed], ["http://localhost/b", [1, 2, 3]]);
});

Deno.test("a body that came with its head stays as it is while the next requests come", async () => {
  const { asked, answers, handle } = slowly();
  const served = new Served(handle);
  // A long head makes the memory grow.
  for (const [index, filler] of ["", "x".repeat(30_000), "", ""].entries()) {
    const body = String(index).repeat(700);
    await served.say(`POST /a HTTP/1.1\r\nhost: h\r\nx: ${filler}\r\ncontent-length: 700\r\n\r\n${body}`);
  }
  const bodies = () => asked.map(({ body }) => new TextDecoder().decode((body as HttpBody).whole));
  const expected: string[] = [];
  for (const [index, answer] of answers.entries()) {
    expected.push(String(index).repeat(700));
    assert.deepEqual(bodies(), expected);
    answer.resolve(plain("done"));
    await served.settle();
  }
  assert.deepEqual([bodies().length, bodies()], [4, expected]);
  await served.end();
});

Deno.test("a body in memory that is given back after its request is read, not left there", async () => {
  const isWhole: boolean[] = [];
  const bodies: string[] = [];
  const served = new Served(async ({ body }) => {
    isWhole.push((body as HttpBody).whole !== undefined);
    bodies.push(await new Response((body as HttpBody).stream()).text());
    return plain("done");
  });
  const fast = "x".repeat(140_000);
  const small = "POST /b HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabc";
  await served.say(
    `POST /a HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n` +
      `${fast.length.toString(16)}\r\n${fast}\r\n0\r\n\r\n${small}${small}`,
  );
  assert.deepEqual(isWhole, [false, false, false]);
  assert.deepEqual(bodies, [fast, "abc", "abc"]);
  await served.end();
});

Deno.test("a connection ends after the request that says so", async () => {
  for (
    const request of [
      "GET / HTTP/1.1\r\nconnection: close\r\n\r\n",
      "GET / HTTP/1.0\r\n\r\n",
      "POST / HTTP/1.1\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx",
    ]
  ) {
    const served = new Served(echo);
    await served.say(request, GET);
    const [answer, ...others] = answersIn(served.wire.sent);
    assert.deepEqual([answer!.headers.get("connection"), others, served.hasEnded], ["close", [], true]);
  }
});

Deno.test("a handler that fails is answered with 500, and the connection goes on", async () => {
  const failures: readonly Handler[] = [
    () => Promise.reject(new Error("secret")),
    () => {
      throw new Error("secret");
    },
    () =>
      Promise.resolve(new Response(new ReadableStream({ pull: () => Promise.reject(new Error("secret")) }))),
  ];
  for (const fails of failures) {
    let count = 0;
    const served = new Served((request, exchange) =>
      count++ === 0 ? fails(request, exchange) : echo(request, exchange)
    );
    await served.say(GET, GET);
    assert.deepEqual(answersIn(served.wire.sent).map(({ status, body }) => [status, body]), [
      [500, ""],
      [200, "GET /a none"],
    ]);
  }
});

Deno.test("a client that leaves while its request is worked on is noticed at once", async () => {
  for (const request of [GET, "POST / HTTP/1.1\r\ncontent-length: 1\r\n\r\nx"]) {
    for (const how of ["ends", "breaks"]) {
      const { asked, completed, answers, handle } = slowly();
      const served = new Served(async (request, exchange) => {
        await bodyOf(request);
        return await handle(request, exchange);
      });
      await served.say(request);
      if (how === "ends") await served.end();
      else served.wire.breakOff();
      await served.settle();
      assert.deepEqual([asked[0]!.signal.aborted, served.wire.isClosed], [true, true]);
      const late = new Pieces("too late", undefined);
      answers[0]!.resolve(streamed(late));
      await served.settle();
      assert.deepEqual([completed, late.isCancelled, served.hasEnded, served.wire.sent], [
        [1],
        true,
        true,
        "",
      ]);
    }
  }
});

Deno.test("a client that leaves in the middle of its answer is noticed at once", async () => {
  for (const how of ["ends", "breaks", "takes no more"]) {
    const { asked, completed, answers, handle } = slowly();
    const served = new Served(handle);
    await served.say(GET);
    const pieces = new Pieces("a");
    answers[0]!.resolve(streamed(pieces));
    await served.settle();
    assert.deepEqual([asked[0]!.signal.aborted, completed], [false, []]);
    if (how === "ends") await served.end();
    if (how === "breaks") served.wire.breakOff();
    if (how === "takes no more") {
      served.wire.breakWrites();
      pieces.say("b");
    }
    await served.settle();
    assert.deepEqual([asked[0]!.signal.aborted, pieces.isCancelled], [true, true], how);
    assert.deepEqual([completed, served.hasEnded, served.wire.isClosed], [[1], true, true], how);
  }
});

Deno.test("close() ends a connection with its request", async () => {
  const { asked, completed, answers, handle } = slowly();
  let close = () => {};
  const served = new Served((request, exchange) => {
    close = exchange.close;
    return handle(request, exchange);
  });
  await served.say(GET);
  close();
  close();
  assert.deepEqual([asked[0]!.signal.aborted, served.wire.isClosed], [true, true]);
  answers[0]!.resolve(plain("too late"));
  await served.settle();
  assert.deepEqual([completed, served.hasEnded, served.wire.sent], [[1], true, ""]);
});

Deno.test("a request that ends aborts nothing", async () => {
  const { asked, completed, answers, handle } = slowly();
  const served = new Served(handle);
  await served.say(GET);
  answers[0]!.resolve(plain("a"));
  await served.settle();
  await served.end();
  assert.deepEqual([asked[0]!.signal.aborted, completed], [false, [1]]);
});

Deno.test("a head that does not come in time is answered with 408", async () => {
  for (const isSecond of [false, true]) {
    const served = new Served(echo);
    if (isSecond) await served.say(GET);
    served.takeSent();
    await served.say("GET / HTTP/1.1\r\n");
    await served.clock.advance(HEAD_TIMEOUT_MS / 2);
    await served.say("a: b\r\n");
    await served.clock.advance(HEAD_TIMEOUT_MS / 2 - 1);
    assert.deepEqual([served.wire.sent, served.hasEnded], ["", false]);
    await served.clock.advance(1);
    const [{ status, headers }] = answersIn(served.wire.sent) as [ReturnType<typeof answersIn>[0]];
    assert.deepEqual([status, headers.get("connection")], [408, "close"]);
    assert.deepEqual([served.hasEnded, served.wire.isClosed, served.clock.pendingTimers], [true, true, 0]);
  }
});

Deno.test("a connection that says nothing is closed without a word", async () => {
  const served = new Served(echo);
  assert.equal(served.connection.isWaiting, true);
  await served.clock.advance(HEAD_TIMEOUT_MS - 1);
  assert.equal(served.wire.isClosed, false);
  await served.clock.advance(1);
  assert.deepEqual([served.hasEnded, served.wire.isClosed, served.wire.sent], [true, true, ""]);
});

Deno.test("a connection that is not used is closed after five minutes", async () => {
  const served = new Served(echo);
  for (let count = 0; count < 2; count++) {
    await served.clock.advance(count * 299_999);
    assert.equal(served.wire.isClosed, false);
    await served.say(GET);
    assert.equal(answersIn(served.takeSent()).length, 1);
  }
  await served.clock.advance(299_999);
  assert.equal(served.wire.isClosed, false);
  await served.clock.advance(1);
  assert.deepEqual([served.hasEnded, served.wire.sent, served.clock.pendingTimers], [true, "", 0]);
});

Deno.test("a request has no time limit of the connection", async () => {
  const { answers, handle } = slowly();
  const served = new Served(handle);
  await served.say(GET);
  assert.deepEqual([served.connection.isWaiting, served.clock.pendingTimers], [false, 0]);
  answers[0]!.resolve(plain("a"));
  await served.settle();
  assert.deepEqual([served.connection.isWaiting, served.clock.pendingTimers], [true, 1]);
  await served.end();
});

Deno.test("a request that is refused is answered, and what follows it is not looked at", async () => {
  let isAsked = false;
  const served = new Served(() => {
    isAsked = true;
    return Promise.resolve(plain(""));
  });
  await served.say("GET / HTTP/1.1\r\nbad header\r\n\r\n", GET);
  const [{ status, headers, body }, ...others] = answersIn(served.wire.sent) as [
    ReturnType<typeof answersIn>[0],
  ];
  assert.deepEqual([status, others, isAsked], [400, [], false]);
  assert.deepEqual([headers.get("connection"), headers.get("content-type")], [
    "close",
    "text/plain; charset=utf-8",
  ]);
  assert.equal(body, "a header of the request is malformed\n");
  assert.deepEqual([served.wire.isWriteClosed, served.wire.isClosed, served.wire.unread], [true, false, 0]);
  await served.end();
  assert.deepEqual([served.hasEnded, served.wire.isClosed, served.clock.pendingTimers], [true, true, 0]);
});

Deno.test("while the server ends, an answer is the last one of its connection", async () => {
  for (const ends of ["before the answer", "during the answer"]) {
    const { asked, answers, handle } = slowly();
    const served = new Served(handle);
    await served.say(GET, GET);
    const pieces = new Pieces("a");
    served.isStopping = ends === "before the answer";
    answers[0]!.resolve(streamed(pieces));
    await served.settle();
    served.isStopping = true;
    pieces.say(undefined);
    await served.settle();
    const [{ body, isKept }] = answersIn(served.wire.sent) as [ReturnType<typeof answersIn>[0]];
    assert.deepEqual([body, isKept], ["a", ends === "during the answer"]);
    assert.deepEqual([asked.length, served.hasEnded, served.wire.isClosed], [1, true, true], ends);
  }
});

Deno.test("a connection that comes while the server ends gets no answer", async () => {
  const served = new Served(echo);
  served.isStopping = true;
  served.connection.close();
  await served.say(GET);
  assert.deepEqual([served.hasEnded, served.wire.sent], [true, ""]);
});
