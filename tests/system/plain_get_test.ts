// What a plain answer is. That the proxy gives one is in tests/e2e/all_test.ts.

import assert from "node:assert/strict";
import { plainAnswer } from "../../src/system/plain_get.ts";

const ANSWERS: readonly [what: string, answer: string, body: string | undefined, status?: number][] = [
  ["is whole", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "{}"],
  ["names its length in capitals", "HTTP/1.1 200 OK\r\nContent-Length:2\r\nvary: x\r\n\r\n{}", "{}"],
  ["is not ASCII", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n€", "€"],
  ["has no body", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", ""],
  ["has not begun", "", "unfinished"],
  ["breaks off in its head", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n", "unfinished"],
  ["breaks off in its body", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}", "unfinished"],
  ["is longer than it says", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{}", undefined],
  ["is a refusal", "HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n{}", "{}", 401],
  ["is not the last one", "HTTP/1.1 103 Early Hints\r\ncontent-length: 0\r\n\r\n", undefined],
  ["is in chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", undefined],
  [
    "says two things of its length",
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}",
    undefined,
  ],
  ["does not say where it ends", "HTTP/1.1 200 OK\r\n\r\n{}", undefined],
  ["is none of HTTP", "SSH-2.0-x\r\n\r\n", undefined],
  ["names its length in its body only", "HTTP/1.1 200 OK\r\n\r\ncontent-length: 2\r\n\r\n{}", undefined],
];

for (const [what, answer, body, status = 200] of ANSWERS) {
  Deno.test(`plainAnswer() of an answer that ${what} is ${JSON.stringify(body)}`, () => {
    const whole = body === undefined || body === "unfinished" ? body : { status, text: body };
    assert.deepEqual(plainAnswer(new TextEncoder().encode(answer)), whole);
  });
}
