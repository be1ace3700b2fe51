import assert from "node:assert/strict";
import { requestBytes, type RequestParts } from "../../src/system/http_request.ts";
import { latin1 } from "../../src/values/latin1.ts";
import { bytesOf } from "../support/raw_http.ts";

const PARTS: RequestParts = {
  method: "GET",
  target: "/a?b=c",
  host: "host:1",
  headers: [],
  lines: [],
  body: undefined,
};

function text(parts: Partial<RequestParts>): string {
  const { head, body } = requestBytes({ ...PARTS, ...parts });
  return head + body.map(latin1).join("");
}

const ROWS: readonly (readonly [what: string, parts: Partial<RequestParts>, expected: string])[] = [
  ["has a host and nothing else of its own", {}, "GET /a?b=c HTTP/1.1\r\nhost: host:1\r\n\r\n"],
  [
    "sends headers in their order, and as Latin-1",
    { headers: [["X-Z", "1"], ["a", "caf\xe9\x80"]] },
    "GET /a?b=c HTTP/1.1\r\nhost: host:1\r\nX-Z: 1\r\na: caf\xe9\x80\r\n\r\n",
  ],
  [
    "sends a body after its length",
    { method: "DELETE", body: [bytesOf("x\xff"), bytesOf("\r\n")] },
    "DELETE /a?b=c HTTP/1.1\r\nhost: host:1\r\ncontent-length: 4\r\n\r\nx\xff\r\n",
  ],
  [
    "has a length where a body could be expected",
    { method: "POST" },
    "POST /a?b=c HTTP/1.1\r\nhost: host:1\r\ncontent-length: 0\r\n\r\n",
  ],
  [
    "says so of an empty body",
    { body: [new Uint8Array(0)] },
    "GET /a?b=c HTTP/1.1\r\nhost: host:1\r\ncontent-length: 0\r\n\r\n",
  ],
  [
    "has further lines after the headers",
    { target: "http://a/b", headers: [["a", "b"]], lines: ["c: d"] },
    "GET http://a/b HTTP/1.1\r\nhost: host:1\r\na: b\r\nc: d\r\n\r\n",
  ],
];

for (const [what, parts, expected] of ROWS) {
  Deno.test(`a request ${what}`, () => assert.equal(text(parts), expected));
}

Deno.test("a request has its body as it is, not a copy", () => {
  const body = new Uint8Array(3);
  assert.equal(requestBytes({ ...PARTS, body: [body] }).body[0], body);
});

Deno.test("a request has no method that is more than a word", () => {
  for (const method of ["GET /", "", "GET\r\nx: y", "GÉT"]) {
    assert.throws(() => requestBytes({ ...PARTS, method }), TypeError);
  }
});
