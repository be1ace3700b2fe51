// The heads of answers, written by our server.

import assert from "node:assert/strict";
import { answerHead } from "../../src/system/server_head.ts";

const DATE = "Thu, 01 Jan 1970 00:00:00 GMT";

function answer(status: number, headers: HeadersInit, lines: readonly string[] = []): readonly string[] {
  return answerHead({ status, headers: new Headers(headers) }, { date: DATE, lines }).split("\r\n");
}

Deno.test("answerHead() writes the status with its reason, the headers, the date and further lines", () => {
  assert.deepEqual(answer(200, { "x-b": "c", "X-A": "caf\xe9" }, ["connection: close"]), [
    "HTTP/1.1 200 OK",
    "x-a: caf\xe9",
    "x-b: c",
    `date: ${DATE}`,
    "connection: close",
    "",
    "",
  ]);
});

Deno.test("answerHead() keeps a date that is there", () => {
  assert.deepEqual(answer(204, { Date: "then" }), ["HTTP/1.1 204 No Content", "date: then", "", ""]);
});

Deno.test("answerHead() writes set-cookie in lines of their own", () => {
  const headers: [string, string][] = [["set-cookie", "a=1"], ["x", "y"], ["Set-Cookie", "b=2, c"], [
    "x",
    "z",
  ]];
  assert.deepEqual(answer(404, headers).slice(1, 4).sort(), [
    "set-cookie: a=1",
    "set-cookie: b=2, c",
    "x: y, z",
  ]);
});

Deno.test("answerHead() leaves the blank before a reason that it does not know", () => {
  assert.equal(answer(299, {})[0], "HTTP/1.1 299 ");
});
