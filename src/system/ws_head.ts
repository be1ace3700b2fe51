/**
 * What the answer to a WebSocket handshake has to be (RFC 6455 §4.1), and the body of a refusal. Pure, and strict: only
 * what our own handshake may be answered with is read.
 * @module
 */

import { createHash } from "node:crypto";
import { isFinalAnswer } from "./http.ts";
import { decoderFor } from "./http_chunked.ts";
import { HeadFault, HeadReader, type HttpHead, OPENING_HEAD_MAX_BYTES } from "./http_head.ts";

/**
 * The head of the answer that `bytes` begins with, or `undefined` as long as it is not whole. Its status is 101, or from
 * 200 to 599. @throws {HeadFault}
 */
export function readHead(bytes: Uint8Array): HttpHead | undefined {
  const head = new HeadReader(0, OPENING_HEAD_MAX_BYTES).read(bytes, bytes.length);
  if (head && head.status !== 101 && !isFinalAnswer(head)) throw new HeadFault("the answer is not HTTP/1.1");
  return head;
}

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** What a server has to answer to this `Sec-WebSocket-Key`. */
export function acceptFor(key: string): string {
  return createHash("sha1").update(key + GUID).digest("base64");
}

/** Whether a message asks for WebSocket, or agrees to it. */
export function isWebSocketUpgrade(headers: Headers): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket" &&
    /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(headers.get("connection") ?? "");
}

/** Why an answer with status 101 does not open a WebSocket; `undefined` when it does. `key` is the one that was sent. */
export function faultOfAcceptance({ headers }: Pick<HttpHead, "headers">, key: string): string | undefined {
  if (!isWebSocketUpgrade(headers)) return "the answer does not upgrade to WebSocket";
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
export function readRefusalBody(
  { headers }: Pick<HttpHead, "headers">,
  raw: Uint8Array<ArrayBuffer>,
): BodyPart {
  if (/\bchunked\s*$/i.test(headers.get("transfer-encoding") ?? "")) return unchunked(raw);
  const length = headers.get("content-length");
  // Without a length the body ends with the connection.
  if (length === null || !/^\d+$/.test(length)) return { bytes: raw, isWhole: false };
  return { bytes: raw.subarray(0, Number(length)), isWhole: raw.length >= Number(length) };
}

function unchunked(raw: Uint8Array<ArrayBuffer>): BodyPart {
  const decoder = decoderFor({ kind: "chunked" });
  const bytes = raw.slice();
  let size = 0;
  try {
    // Byte by byte, so that what came before a fault is known.
    for (let at = 0; at < bytes.length && !decoder.isDone; at++) {
      decoder.decode(bytes, at, at + 1);
      if (decoder.payloadEnd > at) bytes[size++] = bytes[at]!;
    }
  } catch (error) {
    if (!(error instanceof HeadFault)) throw error;
    return { bytes: bytes.subarray(0, size), isWhole: true };
  }
  return { bytes: bytes.subarray(0, size), isWhole: decoder.isDone };
}
