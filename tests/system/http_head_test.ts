// The head of an answer, read by the own HTTP client off a connection.

import assert from "node:assert/strict";
import { type AnswerRow, bytesOf, checkAnswer, CHUNKED, OK, receive } from "../support/raw_http.ts";

const ROWS: Readonly<Record<string, AnswerRow>> = {
  "a body with a length": {
    bytes: `${OK}content-length: 5\r\n\r\nhello`,
    head: "200",
    body: "hello",
    isKept: true,
  },
  "no body by its length": { bytes: `${OK}content-length: 0\r\n\r\n`, head: "200", isKept: true },
  "a body up to the end": { bytes: `${OK}\r\nhello`, head: "200", body: "hello" },
  "no reason": { bytes: "HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", head: "200", isKept: true },
  "an empty reason": { bytes: "HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n", head: "200", isKept: true },
  "interim answers first": {
    bytes:
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}content-length: 1\r\n\r\nx`,
    head: "200",
    body: "x",
    isKept: true,
  },
  "no body after HEAD": {
    bytes: `${OK}content-length: 5\r\n\r\n`,
    method: "HEAD",
    head: "200",
    isKept: true,
  },
  "no body after HEAD, in chunks": { bytes: CHUNKED, method: "HEAD", head: "200", isKept: true },
  "no body with 204": { bytes: "HTTP/1.1 204 No\r\ncontent-length: 5\r\n\r\n", head: "204", isKept: true },
  "no body with 205, though one was sent": {
    bytes: "HTTP/1.1 205 Reset\r\ncontent-length: 5\r\n\r\nhello",
    head: "205",
  },
  "no body with 304": { bytes: "HTTP/1.1 304 No\r\ncontent-length: 5\r\n\r\n", head: "304", isKept: true },
  "the same length twice": {
    bytes: `${OK}content-length: 1\r\ncontent-length: 1\r\n\r\nx`,
    head: "200",
    body: "x",
    isKept: true,
  },
  "a connection that closes": {
    bytes: `${OK}connection: Close\r\ncontent-length: 1\r\n\r\nx`,
    head: "200",
    body: "x",
  },
  "more than the body": {
    bytes: `${OK}content-length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n`,
    head: "200",
    body: "x",
  },
  "HTTP/1.0": { bytes: "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx", head: "200", body: "x" },
  "HTTP/1.0 that keeps": {
    bytes: "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\nx",
    head: "200",
    body: "x",
    isKept: true,
  },
  "chunks that win over a length": {
    bytes: `${OK}content-length: 99\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
    head: "200",
    body: "x",
  },
  "a body that is too short": { bytes: `${OK}content-length: 5\r\n\r\nhel`, head: "200", body: "broken" },
  "another length": {
    bytes: `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nx`,
    head: /^bad_answer the length/,
  },
  "a length with a sign": { bytes: `${OK}content-length: +1\r\n\r\nx`, head: /^bad_answer the length/ },
  "a length that is a list": { bytes: `${OK}content-length: 1,\r\n\r\nx`, head: /^bad_answer the length/ },
  "an empty length": { bytes: `${OK}content-length:\r\n\r\nx`, head: /^bad_answer the length/ },
  "a length beyond numbers": {
    bytes: `${OK}content-length: 99999999999999999999\r\n\r\nx`,
    head: /^bad_answer the length/,
  },
  "an unknown transfer coding": {
    bytes: `${OK}transfer-encoding: gzip, chunked\r\n\r\n`,
    head: /^bad_answer .*coding/,
  },
  "chunked twice": {
    bytes: `${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`,
    head: /^bad_answer .*coding/,
  },
  "chunks of HTTP/1.0": {
    bytes: "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    head: /^bad_answer .*coding/,
  },
  "a folded header": { bytes: `${OK}a: b\r\n c\r\n\r\n`, head: /^bad_answer a header/ },
  "a blank before the colon": { bytes: `${OK}a : b\r\n\r\n`, head: /^bad_answer a header/ },
  "a header without a name": { bytes: `${OK}: b\r\n\r\n`, head: /^bad_answer a header/ },
  "a header without a colon": { bytes: `${OK}ab\r\n\r\n`, head: /^bad_answer a header/ },
  "a bare line feed in the head": { bytes: `${OK}a: b\nc: d\r\n\r\n`, head: /^bad_answer a header/ },
  "a bare carriage return in the head": { bytes: `${OK}a: b\rc: d\r\n\r\n`, head: /^bad_answer a header/ },
  "a NUL in the head": { bytes: `${OK}a: \0\r\n\r\n`, head: /^bad_answer a header/ },
  "another version": { bytes: "HTTP/2.0 200 OK\r\n\r\n", head: /^bad_answer .*not HTTP/ },
  "another protocol": { bytes: "SSH-2.0-x\r\n\r\n", head: /^bad_answer .*not HTTP/ },
  "a status with two digits": { bytes: "HTTP/1.1 20 OK\r\n\r\n", head: /^bad_answer .*not HTTP/ },
  "a status with four digits": { bytes: "HTTP/1.1 2000 OK\r\n\r\n", head: /^bad_answer .*not HTTP/ },
  "a blank line first": { bytes: `\r\n${OK}\r\n`, head: /^bad_answer .*not HTTP/ },
  "a change of protocol": { bytes: "HTTP/1.1 101 Switching\r\n\r\n", head: /^bad_answer .*status 101/ },
  "status 600": { bytes: "HTTP/1.1 600 What\r\n\r\n", head: /^bad_answer .*status 600/ },
  "status 099": { bytes: "HTTP/1.1 099 What\r\n\r\n", head: /^bad_answer .*status 99/ },
  "nothing": { bytes: "", head: /^interrupted connection closed before an answer/ },
  "half of a head": { bytes: "HTTP/1.1 200 OK\r\na: b", head: /^bad_answer connection closed in the head/ },
  "a head without an end": { bytes: `${OK}a: ${"x".repeat(310_000)}`, head: /^bad_answer .*too long/ },
  "interim answers without an end": {
    bytes: "HTTP/1.1 100 Continue\r\n\r\n".repeat(13_000),
    head: /^bad_answer .*too long/,
  },
};

for (const [what, row] of Object.entries(ROWS)) {
  Deno.test(`an answer: ${what}`, () => checkAnswer(row));
}

Deno.test("an answer keeps its headers: 1,000 of them, bytes over 127, and set-cookie one by one", async () => {
  const many = Array.from(
    { length: 1000 },
    (_, at) => [`x-${String(at).padStart(4, "0")}`, `v${at}`] as const,
  );
  const text = many.map(([name, value]) => `${name}:  ${value} \r\n`).join("");
  const { headers } = await receive([
    bytesOf(
      `${OK}content-length: 0\r\n${text}x-latin: caf\xe9\x80\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-A: 1\r\nx-a: 2\r\n\r\n`,
    ),
  ]);
  const find = (name: string) => headers.filter(([other]) => other === name).map(([, value]) => value);
  assert.deepEqual(many.map(([name]) => find(name)), many.map(([, value]) => [value]));
  assert.deepEqual(
    ["x-latin", "set-cookie", "x-a"].map(find),
    [["caf\xe9\x80"], ["a=1", "b=2"], ["1, 2"]],
  );
});
