// The heads of requests, read by our server.

import assert from "node:assert/strict";
import {
  RequestFault,
  type RequestFraming,
  type RequestHead,
  RequestHeadReader,
} from "../../src/system/server_head.ts";
import { bytesOf, cut } from "../support/raw_http.ts";

type Read = Omit<RequestHead, "headers"> & { readonly headers: readonly (readonly [string, string])[] };

/** The head in these parts, or the status that it is refused with; `undefined` when it is not whole. */
function readIn(parts: readonly Uint8Array[]): Read | number | undefined {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  const reader = new RequestHeadReader(0);
  let to = 0;
  try {
    for (const part of parts) {
      bytes.set(part, to);
      to += part.length;
      const head = reader.read(bytes, to);
      if (head) return { ...head, headers: [...new Headers(head.headers)] };
    }
    return undefined;
  } catch (error) {
    assert.ok(error instanceof RequestFault, String(error));
    assert.match(error.message, /^[a-z].*[^.]$/);
    return error.status;
  }
}

/** The same in one piece, cut at each place, and byte by byte. */
function read(text: string): Read | number | undefined {
  const bytes = bytesOf(text);
  const whole = readIn([bytes]);
  const everyPlace = bytes.length > 1000 ? [] : [...bytes.keys()];
  for (const at of everyPlace) assert.deepEqual(readIn(cut(bytes, [at])), whole, `cut at ${at}`);
  if (everyPlace.length > 0) assert.deepEqual(readIn(cut(bytes, everyPlace)), whole);
  return whole;
}

const GET = "GET / HTTP/1.1\r\n";
const POST = "POST / HTTP/1.1\r\nhost: h\r\n";

interface GoodRow
  extends Partial<Pick<RequestHead, "method" | "url" | "isOld" | "isKept" | "expectsContinue">> {
  readonly bytes: string;
  readonly framing?: RequestFraming;
  readonly headers?: Readonly<Record<string, string>>;
}

const GOOD: Readonly<Record<string, GoodRow>> = {
  "no headers": { bytes: `${GET}\r\n` },
  "a path with a query": { bytes: "GET /a/b?c=d&e HTTP/1.1\r\n\r\n", url: "http://localhost/a/b?c=d&e" },
  "a path that begins like a host": { bytes: "GET //a/b HTTP/1.1\r\n\r\n", url: "http://localhost//a/b" },
  "a whole URL": {
    bytes: "GET http://h:1/a HTTP/1.1\r\nhost: h:1\r\n\r\n",
    url: "http://h:1/a",
    headers: { host: "h:1" },
  },
  "a URL of an unusual scheme": { bytes: "GET a9+.-z://h/a HTTP/1.1\r\n\r\n", url: "a9+.-z://h/a" },
  "a target that is a star": {
    bytes: "OPTIONS * HTTP/1.1\r\n\r\n",
    method: "OPTIONS",
    url: "http://localhost/*",
  },
  "a target that is a host": {
    bytes: "CONNECT h:443 HTTP/1.1\r\n\r\n",
    method: "CONNECT",
    url: "http://localhost/h:443",
  },
  "a target with bytes over 127": {
    bytes: "GET /caf\xe9\x80 HTTP/1.1\r\n\r\n",
    url: "http://localhost/caf\xe9\x80",
  },
  "a method of its own": { bytes: "x-Own!#$%&'*+.^_`|~9 / HTTP/1.1\r\n\r\n", method: "x-Own!#$%&'*+.^_`|~9" },
  "a method in lower case": { bytes: "get / HTTP/1.1\r\n\r\n", method: "get" },
  "an empty line before it": { bytes: `\r\n${GET}\r\n` },
  "headers": {
    bytes: `${GET}Host: a\r\nX-A:b\r\nx-b: \t c d\t \r\nX-Empty:\r\nx-a: e\r\nx-latin: caf\xe9\x80\r\n\r\n`,
    headers: { host: "a", "x-a": "b, e", "x-b": "c d", "x-empty": "", "x-latin": "caf\xe9\x80" },
  },
  "a header with colons": { bytes: `${GET}x-a: b:c: d\r\n\r\n`, headers: { "x-a": "b:c: d" } },
  "a connection that closes": {
    bytes: `${GET}connection: Close\r\n\r\n`,
    isKept: false,
    headers: { connection: "Close" },
  },
  "a connection that closes, in a list": {
    bytes: `${GET}connection: te\r\nConnection: x , close\r\n\r\n`,
    isKept: false,
    headers: { connection: "te, x , close" },
  },
  "HTTP/1.0": { bytes: "GET / HTTP/1.0\r\n\r\n", isOld: true, isKept: false },
  "HTTP/1.0 that keeps": {
    bytes: "GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n",
    isOld: true,
    headers: { connection: "Keep-Alive" },
  },
  "HTTP/1.0 that expects, which means nothing": {
    bytes: "POST / HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n",
    method: "POST",
    isOld: true,
    isKept: false,
    framing: { kind: "length", bytes: 1 },
    headers: { expect: "100-continue", "content-length": "1" },
  },
  "Expect": {
    bytes: `${POST}expect: 100-Continue\r\ncontent-length: 1\r\n\r\n`,
    method: "POST",
    expectsContinue: true,
    framing: { kind: "length", bytes: 1 },
    headers: { host: "h", expect: "100-Continue", "content-length": "1" },
  },
  "another expectation": { bytes: `${GET}expect: x\r\n\r\n`, headers: { expect: "x" } },
  "a length": {
    bytes: `${POST}content-length: 0010\r\n\r\n0123456789`,
    method: "POST",
    framing: { kind: "length", bytes: 10 },
    headers: { host: "h", "content-length": "0010" },
  },
  "no body by its length": {
    bytes: `${POST}content-length: 0\r\n\r\n`,
    method: "POST",
    headers: { host: "h", "content-length": "0" },
  },
  "the same length twice": {
    bytes: `${POST}content-length: 5\r\ncontent-length: 5\r\n\r\n`,
    method: "POST",
    framing: { kind: "length", bytes: 5 },
    headers: { host: "h", "content-length": "5" },
  },
  "chunks": {
    bytes: `${POST}Transfer-Encoding: Chunked \r\n\r\n`,
    method: "POST",
    framing: { kind: "chunked" },
    headers: { host: "h", "transfer-encoding": "Chunked" },
  },
};

for (const [what, { bytes, headers = {}, ...row }] of Object.entries(GOOD)) {
  Deno.test(`a request: ${what}`, () => {
    const head = read(bytes);
    const end = bytes.indexOf("\r\n\r\n", 2) + 4;
    assert.deepEqual(head, {
      method: "GET",
      url: "http://localhost/",
      framing: { kind: "none" },
      isOld: false,
      isKept: true,
      expectsContinue: false,
      end,
      ...row,
      headers: Object.entries(headers).sort(([a], [b]) => a < b ? -1 : 1),
    });
  });
}

const REFUSED: Readonly<Record<string, readonly [bytes: string, status: number]>> = {
  "two hosts": [`${GET}host: a\r\nhost: b\r\n\r\n`, 400],
  "the same host twice": [`${GET}host: a\r\nhost: a\r\n\r\n`, 400],
  "two empty hosts": [`${GET}host:\r\nHost:\r\n\r\n`, 400],
  "hosts in a list": [`${GET}host: a, b\r\n\r\n`, 400],
  "a length and chunks": [`${POST}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`, 400],
  "chunks and a length": [`${POST}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n`, 400],
  "chunks of HTTP/1.0": ["POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n", 400],
  "an unknown coding": [`${POST}transfer-encoding: gzip, chunked\r\n\r\n`, 501],
  "an unknown coding after chunks": [`${POST}transfer-encoding: chunked, identity\r\n\r\n`, 501],
  "a coding that only looks like chunks": [`${POST}transfer-encoding: xchunked\r\n\r\n`, 501],
  "a coding in quotes": [`${POST}transfer-encoding: "chunked"\r\n\r\n`, 501],
  "a coding with a parameter": [`${POST}transfer-encoding: chunked;q=1\r\n\r\n`, 501],
  "no coding": [`${POST}transfer-encoding:\r\n\r\n`, 501],
  "chunks twice": [`${POST}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`, 501],
  "chunks after a vertical tab": [`${POST}transfer-encoding: \x0bchunked\r\n\r\n`, 400],
  "no length": [`${POST}content-length:\r\n\r\n`, 400],
  "a length that is a word": [`${POST}content-length: five\r\n\r\n`, 400],
  "a negative length": [`${POST}content-length: -5\r\n\r\n`, 400],
  "a length with a sign": [`${POST}content-length: +5\r\n\r\n`, 400],
  "a hexadecimal length": [`${POST}content-length: 0x5\r\n\r\n`, 400],
  "a length with a blank inside": [`${POST}content-length: 1 2\r\n\r\n`, 400],
  "a length with a fraction": [`${POST}content-length: 5.0\r\n\r\n`, 400],
  "a length with an exponent": [`${POST}content-length: 5e1\r\n\r\n`, 400],
  "a length of digits that are not ASCII": [`${POST}content-length: \xb2\r\n\r\n`, 400],
  "a length beyond numbers": [`${POST}content-length: 99999999999999999999\r\n\r\n`, 400],
  "other lengths": [`${POST}content-length: 5\r\ncontent-length: 6\r\n\r\n`, 400],
  "lengths in a list with a gap": [`${POST}content-length: 5,\r\n\r\n`, 400],
  "the same length in other digits": [`${POST}content-length: 5\r\ncontent-length: 05\r\n\r\n`, 400],
  "a folded header": [`${GET}a: b\r\n c\r\n\r\n`, 400],
  "a header folded with a tab": [`${GET}a: b\r\n\tc: d\r\n\r\n`, 400],
  "a blank before the first header": [`${GET} a: b\r\n\r\n`, 400],
  "a blank before the colon": [`${POST}transfer-encoding : chunked\r\n\r\n`, 400],
  "a tab before the colon": [`${POST}content-length\t: 5\r\n\r\n`, 400],
  "a header without a name": [`${GET}: b\r\n\r\n`, 400],
  "a header without a colon": [`${GET}ab\r\n\r\n`, 400],
  "a name that is not a token": [`${GET}a(b): c\r\n\r\n`, 400],
  "a name with bytes over 127": [`${GET}caf\xe9: c\r\n\r\n`, 400],
  "a bare line feed in a header": [`${GET}a: b\nc: d\r\n\r\n`, 400],
  "a bare carriage return in a header": [`${GET}a: b\rc: d\r\n\r\n`, 400],
  "a carriage return at the end of a header": [`${GET}a: b\r\r\n\r\n`, 400],
  "a NUL in a header": [`${GET}a: \0\r\n\r\n`, 400],
  "a NUL in a name": [`${GET}a\0b: c\r\n\r\n`, 400],
  "a delete in a header": [`${GET}a: \x7f\r\n\r\n`, 400],
  "a bare line feed in the request line": ["GET /\n HTTP/1.1\r\n\r\n", 400],
  "a bare carriage return in the request line": ["GET /\r HTTP/1.1\r\n\r\n", 400],
  "a request line that ends with a line feed": ["GET / HTTP/1.1\nhost: a\r\n\r\n", 400],
  "lines that all end with a line feed": ["GET / HTTP/1.1\nhost: a\n\n", 400],
  "a NUL in the target": ["GET /\0 HTTP/1.1\r\n\r\n", 400],
  "a blank in the target": ["GET /a b HTTP/1.1\r\n\r\n", 400],
  "a target that is neither a path nor a URL": ["GET a/b HTTP/1.1\r\n\r\n", 400],
  "a host as the target of another method": ["GET h:443 HTTP/1.1\r\n\r\n", 400],
  "no version": ["GET /\r\n\r\n", 400],
  "no target": ["GET HTTP/1.1\r\n\r\n", 400],
  "an empty target": ["GET  HTTP/1.1\r\n\r\n", 400],
  "two blanks after the method": ["GET  / HTTP/1.1\r\n\r\n", 400],
  "two blanks after the target": ["GET /  HTTP/1.1\r\n\r\n", 400],
  "a tab in the request line": ["GET\t/ HTTP/1.1\r\n\r\n", 400],
  "a blank before the method": [" GET / HTTP/1.1\r\n\r\n", 400],
  "a blank after the version": ["GET / HTTP/1.1 \r\n\r\n", 400],
  "a method that is not a token": ["GE(T / HTTP/1.1\r\n\r\n", 400],
  "a version in lower case": ["GET / http/1.1\r\n\r\n", 400],
  "a version with further digits": ["GET / HTTP/1.11\r\n\r\n", 505],
  "another protocol": ["GET / ICY/1.1\r\n\r\n", 400],
  "an answer": ["HTTP/1.1 200 OK\r\n\r\n", 400],
  "two empty lines": [`\r\n\r\n${GET}\r\n`, 400],
  "the beginning of TLS": ["\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 400],
  "the preface of HTTP/2": ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  "HTTP/1.2": ["GET / HTTP/1.2\r\n\r\n", 505],
  "HTTP/3": ["GET / HTTP/3\r\n\r\n", 505],
  "too many headers": [`${GET}${"a: b\r\n".repeat(500)}\r\n`, 431],
  "a head that is too long": [`${GET}a: ${"b".repeat(300 * 1024)}\r\n\r\n`, 431],
  "a head without an end": [`${GET}a: ${"b".repeat(310_000)}`, 431],
  "a target without an end": [`GET /${"b".repeat(310_000)}`, 431],
};

for (const [what, [bytes, status]] of Object.entries(REFUSED)) {
  Deno.test(`a request is refused with ${status}: ${what}`, () => assert.equal(read(bytes), status));
}

Deno.test("a head may have 499 headers, and be long", () => {
  const many = read(`${GET}${"a: b\r\n".repeat(499)}\r\n`) as Read;
  assert.equal(many.headers[0]![1], Array(499).fill("b").join(", "));
  const value = "c".repeat(299 * 1024);
  assert.equal((read(`${GET}a: ${value}\r\n\r\n`) as Read).headers[0]![1], value);
});

Deno.test("a head is not whole before its empty line", () => {
  for (const text of ["", "\r", "\r\n", "G", GET, `${GET}host: a\r\n`, `${GET}host: a\r\n\r`]) {
    assert.equal(read(text), undefined, JSON.stringify(text));
  }
});

/** `[what has come, whether more may follow]` */
const BEGINNINGS: readonly (readonly [text: string, mayFollow: boolean])[] = [
  [" ", false],
  ["!", true],
  ["~", true],
  ["\x7f", false],
  ["\0", false],
  ["\n", false],
  ["GET / HTTP/1.1\n", false],
];

for (const [text, mayFollow] of BEGINNINGS) {
  Deno.test(`${JSON.stringify(text)} ${mayFollow ? "may begin" : "begins no"} head`, () => {
    assert.equal(read(text), mayFollow ? undefined : 400);
  });
}

Deno.test("what is in the memory after what has come is not looked at", () => {
  const bytes = bytesOf("GET / HTTP/1.1\n");
  assert.equal(new RequestHeadReader(0).read(bytes, bytes.length - 1), undefined);
});

Deno.test("a client is told which HTTP is spoken here", () => {
  const told = (text: string) => () => new RequestHeadReader(0).read(bytesOf(text), text.length);
  const message = "this server speaks HTTP/1.1; tell your client to use HTTP/1.1";
  assert.throws(told("GET / HTTP/3\r\n\r\n"), { message });
  assert.throws(told("GET /\r\n\r\n"), { message: "this is not a request of HTTP/1.1" });
});

Deno.test("a head is read from where it begins, and says where it ends", () => {
  const before = "the end of a body";
  const bytes = bytesOf(`${before}${GET}\r\nmore`);
  const head = new RequestHeadReader(before.length).read(bytes, bytes.length)!;
  assert.deepEqual([head.method, head.end], ["GET", bytes.length - "more".length]);
});
