// How our server frames answers, and in how many writes they go out.

import assert from "node:assert/strict";
import type { HttpAnswer } from "../../src/system/http.ts";
import { writeAnswer, type WritingOptions } from "../../src/system/server_answer.ts";
import { sourceOf } from "../../src/system/stream_source.ts";
import { FakeWire } from "../support/fake_wire.ts";
import { bytesOf } from "../support/raw_http.ts";
import { answersIn, bodyOf, DATE, Pieces, plain, Served, streamed } from "../support/served.ts";

interface Written {
  readonly wire: FakeWire;
  readonly isKept: boolean | "broken";
}

/** Writes an answer to its end. */
async function written(
  answer: HttpAnswer,
  { method = "GET", isOld = false, isLast = false }: Partial<WritingOptions["asked"]> & { isLast?: boolean } =
    {},
): Promise<Written> {
  const wire = new FakeWire();
  const source = answer.body ? sourceOf(answer.body) : undefined;
  const options = { source, asked: { method, isOld }, date: DATE, isLast };
  return { wire, isKept: await writeAnswer(wire, answer, options).catch(() => "broken" as const) };
}

/** The lines after the status, without the date, and the body. */
function linesIn({ wire: { sent } }: Written): readonly string[] {
  const [head = "", ...rest] = sent.split("\r\n\r\n");
  return [...head.split("\r\n").slice(1).filter((line) => line !== `date: ${DATE}`), rest.join("\r\n\r\n")];
}

Deno.test("writeAnswer() names the length of a body that is there, and writes it with its head", async () => {
  const answer = await written(plain("hello"));
  assert.deepEqual([linesIn(answer), answer.isKept, answer.wire.writes], [
    ["content-length: 5", "hello"],
    true,
    1,
  ]);
});

Deno.test("writeAnswer() corrects the length of a body that is there", async () => {
  const answer = plain("hello");
  answer.headers.set("content-length", "99");
  assert.deepEqual(linesIn(await written(answer)), ["content-length: 5", "hello"]);
});

Deno.test("writeAnswer() says that there is no body", async () => {
  const answer = await written({ status: 200, headers: new Headers(), body: null });
  assert.deepEqual([linesIn(answer), answer.isKept, answer.wire.writes], [
    ["content-length: 0", ""],
    true,
    1,
  ]);
});

Deno.test("writeAnswer() writes a large body that is there after its head, and does not copy it", async () => {
  const large = "x".repeat(200_000);
  const answer = await written(plain(large));
  assert.deepEqual([linesIn(answer), answer.wire.writes], [["content-length: 200000", large], 2]);
});

Deno.test("writeAnswer() writes pieces in chunks, the first one with the head", async () => {
  const answer = await written(streamed(new Pieces("a", "b".repeat(16), undefined)));
  const body = `1\r\na\r\n10\r\n${"b".repeat(16)}\r\n0\r\n\r\n`;
  assert.deepEqual(linesIn(answer), ["transfer-encoding: chunked", body]);
  assert.deepEqual([answer.isKept, answer.wire.writes], [true, 3]);
});

Deno.test("writeAnswer() joins a body of up to 128 KiB with its head", async () => {
  const writesOf = async (size: number) => (await written(plain("x".repeat(size)))).wire.writes;
  assert.deepEqual([await writesOf(131_072), await writesOf(131_073)], [1, 2]);
});

Deno.test("writeAnswer() writes a piece that needs no framing as it is", async () => {
  const wire = new FakeWire();
  const given: Uint8Array[] = [];
  const write = wire.write.bind(wire);
  wire.write = (bytes) => (given.push(bytes), write(bytes));
  const pieces = ["ab", "c"].map(bytesOf);
  const source = { read: () => Promise.resolve(pieces[read++]), cancel: () => {} };
  let read = 0;
  await writeAnswer(wire, streamed(new Pieces(), { "content-length": "3" }), {
    source,
    asked: { method: "GET", isOld: false },
    date: DATE,
    isLast: false,
  });
  assert.equal(given[1]!.buffer, pieces[1]!.buffer);
});

Deno.test("writeAnswer() writes a large piece without copying it", async () => {
  const large = "x".repeat(200_000);
  const answer = await written(streamed(new Pieces(large, undefined)));
  assert.equal(linesIn(answer)[1], `30d40\r\n${large}\r\n0\r\n\r\n`);
  assert.equal(answer.wire.writes, 4);
});

Deno.test("writeAnswer() writes the head at once when the first piece is late", async () => {
  const wire = new FakeWire();
  const source = new Pieces();
  const answer = streamed(source);
  const writing = writeAnswer(wire, answer, {
    source,
    asked: { method: "GET", isOld: false },
    date: DATE,
    isLast: false,
  });
  while (wire.sent === "") await Promise.resolve();
  assert.match(wire.sent, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n$/s);
  source.say("a", undefined);
  assert.equal(await writing, true);
  assert.deepEqual([answersIn(wire.sent)[0]!.body, wire.writes], ["a", 3]);
});

Deno.test("an empty piece does not end an answer", async () => {
  const chunked = await written(streamed(new Pieces("", "a", "", "", "b", "", undefined)));
  assert.deepEqual(linesIn(chunked), ["transfer-encoding: chunked", "1\r\na\r\n1\r\nb\r\n0\r\n\r\n"]);
  const empty = await written(streamed(new Pieces("", undefined)));
  assert.deepEqual(linesIn(empty), ["transfer-encoding: chunked", "0\r\n\r\n"]);
  const declared = await written(streamed(new Pieces("", "a", "", undefined), { "content-length": "1" }));
  assert.deepEqual([linesIn(declared), declared.isKept], [["content-length: 1", "a"], true]);
});

Deno.test("pieces of a declared length go out as they are", async () => {
  const answer = await written(streamed(new Pieces("ab", "c", undefined), { "content-length": "3" }));
  assert.deepEqual([linesIn(answer), answer.isKept, answer.wire.writes], [
    ["content-length: 3", "abc"],
    true,
    2,
  ]);
  const none = await written(streamed(new Pieces(undefined), { "content-length": "0" }));
  assert.deepEqual([linesIn(none), none.isKept, none.wire.writes], [["content-length: 0", ""], true, 1]);
});

Deno.test("a body of another length than declared breaks, and never goes on after its length", async () => {
  const rows: readonly (readonly [pieces: readonly string[], sent: string])[] = [
    [["ab", "cd"], "ab"],
    [["abcd"], ""],
    [["ab"], "ab"],
    [[], ""],
  ];
  for (const [pieces, sent] of rows) {
    const answer = await written(streamed(new Pieces(...pieces, undefined), { "content-length": "3" }));
    assert.equal(answer.isKept, "broken");
    assert.ok(answer.wire.sent === "" || answer.wire.sent.endsWith(`\r\n\r\n${sent}`), answer.wire.sent);
  }
});

Deno.test("answers that have no body get none, and its source is let go", async () => {
  for (const [method, status] of [["HEAD", 200], ["GET", 204], ["GET", 304], ["POST", 204]] as const) {
    for (const headers of [{}, { "content-length": "5" }]) {
      const source = new Pieces("hello", undefined);
      const answer = await written(streamed(source, headers, status), { method });
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      assert.deepEqual([linesIn(answer), answer.isKept, source.isCancelled], [[...lines, ""], true, true]);
    }
  }
});

Deno.test("a client of HTTP/1.0 gets no chunks, and keeps the connection when there is a length", async () => {
  const rows: readonly (readonly [answer: HttpAnswer, lines: readonly string[], isKept: boolean])[] = [
    [streamed(new Pieces("a", "b", undefined)), ["connection: close", "ab"], false],
    [streamed(new Pieces("a", undefined), { "content-length": "1" }), [
      "content-length: 1",
      "connection: keep-alive",
      "a",
    ], true],
    [plain("a"), ["connection: keep-alive", "content-length: 1", "a"], true],
  ];
  for (const [answer, lines, isKept] of rows) {
    const result = await written(answer, { isOld: true });
    assert.deepEqual([linesIn(result), result.isKept], [lines, isKept]);
  }
});

Deno.test("the last answer of a connection says so", async () => {
  for (const isOld of [false, true]) {
    const answer = await written(plain("a"), { isLast: true, isOld });
    assert.deepEqual([linesIn(answer), answer.isKept], [
      ["connection: close", "content-length: 1", "a"],
      false,
    ]);
  }
});

Deno.test("headers of a handler with bytes over 127 arrive as they are", async () => {
  const answer = plain("\xff\xe9");
  answer.headers.set("x-name", "caf\xe9");
  const [{ headers, body }] = answersIn((await written(answer)).wire.sent) as [
    ReturnType<typeof answersIn>[0],
  ];
  assert.deepEqual([headers.get("x-name"), body], ["caf\xe9", "\xff\xe9"]);
});

Deno.test("an answer whose body breaks is not whole for its client, and the connection ends", async () => {
  for (const pieces of [["a"], []]) {
    for (const headers of [{}, { "content-length": "9" }]) {
      const source = new Pieces(...pieces, new Error("broke"));
      const served = new Served(() => Promise.resolve(streamed(source, headers)));
      await served.say("GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n");
      assert.deepEqual([served.hasEnded, served.wire.isClosed, source.isCancelled], [true, true, true]);
      assert.doesNotMatch(served.wire.sent, /0\r\n\r\n$/);
      if (served.wire.sent !== "") assert.throws(() => answersIn(served.wire.sent), /not whole/);
    }
  }
});

Deno.test("a Response goes out as a whole", async () => {
  const served = new Served(async (request) =>
    new Response(`got ${await bodyOf(request)}`, { status: 201, headers: { "x-a": "b" } })
  );
  await served.say("POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi");
  const [{ status, headers, body, isKept }] = answersIn(served.wire.sent) as [
    ReturnType<typeof answersIn>[0],
  ];
  assert.deepEqual([status, headers.get("x-a"), headers.get("content-length"), body, isKept], [
    201,
    "b",
    "6",
    "got hi",
    true,
  ]);
  assert.equal(served.wire.writes, 1);
});

Deno.test("a Response whose headers cannot be changed goes out, too", async () => {
  const served = new Served(() => Promise.resolve(Response.redirect("http://h/a")));
  await served.say("GET / HTTP/1.1\r\n\r\n");
  assert.deepEqual(answersIn(served.wire.sent).map(({ status }) => status), [302]);
});

Deno.test("a body that is a stream goes out piece by piece", async () => {
  const streams = [ReadableStream.from(["a", "b"].map(bytesOf)), new Response("ab").body!];
  for (const body of streams) {
    const answer = await written({ status: 200, headers: new Headers(), body });
    assert.equal(answersIn(answer.wire.sent)[0]!.body, "ab");
  }
});
