import assert from "node:assert/strict";
import { HeadFault, OPENING_HEAD_MAX_BYTES } from "../../src/system/http_head.ts";
import { acceptFor, faultOfAcceptance, readHead, readRefusalBody } from "../../src/system/ws_head.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const head = (...lines: string[]) => [...lines, "", ""].join("\r\n");

Deno.test("acceptFor() is the example of RFC 6455 §1.3", () => {
  assert.equal(acceptFor("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

Deno.test("readHead() waits until the head is whole, wherever it is split", () => {
  const text = head("HTTP/1.1 429 Too Many", "Retry-After: 5", "x-empty:", "set-cookie: a", "set-cookie: b");
  const whole = bytesOf(text + "rest");
  for (let cut = 0; cut < text.length; cut++) assert.equal(readHead(whole.subarray(0, cut)), undefined);
  const answer = readHead(whole)!;
  assert.equal(answer.status, 429);
  assert.equal(answer.end, text.length);
  assert.equal(answer.headers.get("retry-after"), "5");
  assert.equal(answer.headers.get("x-empty"), "");
  assert.deepEqual(answer.headers.getSetCookie(), ["a", "b"]);
});

Deno.test("readHead() skips interim answers", () => {
  const text = head("HTTP/1.1 103 Early Hints", "link: x") + head("HTTP/1.1 101 Switching Protocols", "a: b");
  const answer = readHead(bytesOf(text))!;
  assert.deepEqual([answer.status, answer.headers.get("a"), answer.headers.get("link")], [101, "b", null]);
  assert.equal(answer.end, text.length);
});

const FAULTY: readonly (readonly [what: string, text: string])[] = [
  ["another protocol", head("SSH-2.0-OpenSSH")],
  ["HTTP/2", head("HTTP/2 200")],
  ["a status of two digits", head("HTTP/1.1 42 x")],
  ["a status that is out of range", head("HTTP/1.1 642 x")],
  ["a header without a colon", head("HTTP/1.1 101 x", "upgrade websocket")],
  ["a header whose name has a blank", head("HTTP/1.1 101 x", "upgrade : websocket")],
  ["a header that goes on", head("HTTP/1.1 101 x", "a: b", " c")],
  ["a header with a zero byte", head("HTTP/1.1 101 x", "a: b\0c")],
  ["a header with a bare line feed", head("HTTP/1.1 101 x", "a: b\nc: d")],
  ["a long head that ends", head("HTTP/1.1 101 x", "a: " + "b".repeat(OPENING_HEAD_MAX_BYTES))],
  ["a long head that does not end", "HTTP/1.1 101 x\r\na: " + "b".repeat(OPENING_HEAD_MAX_BYTES)],
];

for (const [what, text] of FAULTY) {
  Deno.test(`readHead() refuses ${what}`, () => {
    assert.throws(() => readHead(bytesOf(text)), HeadFault);
  });
}

Deno.test("faultOfAcceptance() accepts what RFC 6455 §4.1 asks for and nothing else", () => {
  const good = {
    upgrade: "WebSocket",
    connection: "keep-alive, Upgrade",
    "sec-websocket-accept": acceptFor("k"),
  };
  const fault = (headers: Record<string, string>) =>
    faultOfAcceptance({ headers: new Headers({ ...good, ...headers }) }, "k");
  assert.equal(fault({}), undefined);
  assert.match(fault({ "sec-websocket-accept": acceptFor("other") })!, /Accept/);
  assert.match(fault({ upgrade: "h2c" })!, /upgrade/);
  assert.match(fault({ connection: "keep-alive" })!, /upgrade/);
  assert.match(fault({ "sec-websocket-extensions": "permessage-deflate" })!, /extension/);
  assert.match(fault({ "sec-websocket-protocol": "chat" })!, /subprotocol/);
});

const BODIES:
  readonly (readonly [headers: Record<string, string>, raw: string, body: string, isWhole: boolean])[] = [
    [{ "content-length": "5" }, "hello", "hello", true],
    [{ "content-length": "5" }, "hello and more", "hello", true],
    [{ "content-length": "5" }, "hel", "hel", false],
    [{ "content-length": "0" }, "", "", true],
    [{}, "until the end", "until the end", false],
    [{ "content-length": "many" }, "until the end", "until the end", false],
    [{ "transfer-encoding": "chunked" }, "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", "hello", true],
    [{ "transfer-encoding": "chunked" }, "3\r\nhel\r\n2\r\nl", "hell", false],
    [{ "transfer-encoding": "chunked" }, "3\r\nhel\r\n", "hel", false],
    [{ "transfer-encoding": "chunked" }, "3\r\nhel\r\n-1\r\nlo", "hel", true],
    [{ "transfer-encoding": "chunked" }, "3\r\nhel\r\n0\r\n", "hel", false],
    [{ "transfer-encoding": "chunked" }, "3\r\nhel\r\n0\r\nx: y\r\n\r\nmore", "hel", true],
    [{ "transfer-encoding": "chunked" }, "3\r\nhello\r\n0\r\n\r\n", "hel", true],
    [{ "transfer-encoding": "chunked" }, "3\nhel\n0\n\n", "", true],
    [{ "transfer-encoding": "chunked" }, "+3\r\nhel\r\n0\r\n\r\n", "", true],
    [{ "transfer-encoding": "chunked" }, "0x3\r\nhel\r\n0\r\n\r\n", "", true],
    [{ "transfer-encoding": "gzip, chunked" }, "A\r\n0123456789\r\n0\r\n\r\n", "0123456789", true],
  ];

for (const [headers, raw, body, isWhole] of BODIES) {
  Deno.test(`readRefusalBody() of ${JSON.stringify(headers)} and ${JSON.stringify(raw)}`, () => {
    const answer = { headers: new Headers(headers) };
    const part = readRefusalBody(answer, bytesOf(raw));
    assert.deepEqual([new TextDecoder().decode(part.bytes), part.isWhole], [body, isWhole]);
  });
}
