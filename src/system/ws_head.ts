/**
 * The head of an HTTP/1.1 answer to a WebSocket handshake (RFC 9112 §2 to §6, RFC 6455 §4.1), and the body of a
 * refusal. Pure, and strict: only what our own handshake may be answered with is read. Everything else that is said over HTTP goes
 * through `fetch`.
 * @module
 */

import { createHash } from "node:crypto";

/** The answer is not one that can be read. */
export class HeadFault extends Error {
  /** For messages. */
  override readonly name = "HeadFault";
}

/** The head of an answer. */
export interface AnswerHead {
  /** From 200 to 599, or 101. */
  readonly status: number;
  /** All of them, as they came. */
  readonly headers: Headers;
  /** How many bytes it has, the empty line included: the rest is the body, or frames. */
  readonly byteLength: number;
}

/** A head of more bytes is a fault. */
export const HEAD_MAX_BYTES = 65_536;

const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/;
// RFC 9110 §5.6.2; a line that goes on the one before (`obs-fold`) does not fit.
const HEADER_LINE = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/s;
// §5.5 of RFC 9110; `Headers` refuses them too.
const FORBIDDEN = /[\0\r\n]/;

/**
 * The head that `bytes` begins with, or `undefined` as long as it is not whole. Interim answers before it are skipped.
 * @throws {HeadFault}
 */
export function readHead(bytes: Uint8Array): AnswerHead | undefined {
  let from = 0;
  for (;;) {
    const end = endOfHead(bytes, from);
    if ((end ?? bytes.length) > HEAD_MAX_BYTES) throw new HeadFault("the head of the answer is too long");
    if (end === undefined) return undefined;
    const { status, headers } = parsed(new TextDecoder("latin1").decode(bytes.subarray(from, end - 4)));
    if (status >= 200 || status === 101) return { status, headers, byteLength: end };
    from = end;
  }
}

/** Where the first empty line after `from` ends. */
function endOfHead(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(13, from); at >= 0; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at + 4;
  }
  return undefined;
}

function parsed(text: string): Pick<AnswerHead, "status" | "headers"> {
  const [first = "", ...lines] = text.split("\r\n");
  const status = Number(STATUS_LINE.exec(first)?.[1]);
  if (!Number.isInteger(status)) throw new HeadFault("the answer is not HTTP/1.1");
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined || FORBIDDEN.test(value)) {
      throw new HeadFault("a header of the answer is malformed");
    }
    headers.append(name, value);
  }
  return { status, headers };
}

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** What a server has to answer to this `Sec-WebSocket-Key`. */
export function acceptFor(key: string): string {
  return createHash("sha1").update(key + GUID).digest("base64");
}

/** Why an answer with status 101 does not open a WebSocket; `undefined` when it does. `key` is the one that was sent. */
export function faultOfAcceptance({ headers }: AnswerHead, key: string): string | undefined {
  const isUpgrade = headers.get("upgrade")?.toLowerCase() === "websocket" &&
    /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(headers.get("connection") ?? "");
  if (!isUpgrade) return "the answer does not upgrade to WebSocket";
  if (headers.get("sec-websocket-accept") !== acceptFor(key)) return "Sec-WebSocket-Accept does not fit";
  if (headers.has("sec-websocket-extensions")) return "an extension that was not asked for";
  return headers.has("sec-websocket-protocol") ? "a subprotocol that was not asked for" : undefined;
}

/** How much of a refusal's body has come. */
export interface BodyPart {
  /** Without the framing of `Transfer-Encoding: chunked`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** No more of it has to be waited for. */
  readonly isWhole: boolean;
}

/** The body of a refusal, as far as it came: `raw` is what followed the head. A malformed one ends where it is malformed. */
export function readRefusalBody({ headers }: AnswerHead, raw: Uint8Array<ArrayBuffer>): BodyPart {
  if (/\bchunked\s*$/i.test(headers.get("transfer-encoding") ?? "")) return unchunked(raw);
  const length = headers.get("content-length");
  // Without a length the body ends with the connection.
  if (length === null || !/^\d+$/.test(length)) return { bytes: raw, isWhole: false };
  return { bytes: raw.subarray(0, Number(length)), isWhole: raw.length >= Number(length) };
}

function unchunked(raw: Uint8Array<ArrayBuffer>): BodyPart {
  const text = new TextDecoder("latin1").decode(raw);
  const bytes = new Uint8Array(raw.length);
  let [at, size] = [0, 0];
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return { bytes: bytes.subarray(0, size), isWhole: false };
    const length = /^([0-9a-f]{1,8})\s*(?:;.*)?$/i.exec(text.slice(at, lineEnd))?.[1];
    const count = parseInt(length ?? "0", 16);
    if (count === 0) return { bytes: bytes.subarray(0, size), isWhole: true };
    const chunk = raw.subarray(lineEnd + 2, lineEnd + 2 + count);
    bytes.set(chunk, size);
    size += chunk.length;
    at = lineEnd + 2 + count + 2;
    if (chunk.length < count) return { bytes: bytes.subarray(0, size), isWhole: false };
  }
}
