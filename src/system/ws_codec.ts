/**
 * WebSocket frames (RFC 6455 §5) as either side sends and reads them. Pure: bytes in, messages out, at any split. What the
 * RFC forbids the peer is a {@link WsFault} with the code to close with. No extension is negotiated, so none is read.
 * @module
 */

import { joined } from "../values/bytes.ts";
import { mayBeSent } from "../values/close_code.ts";

/** Which side of a connection one is on. Only a client masks what it sends (§5.1). */
export type WsRole = "client" | "server";

/** What the peer said. */
export type WsMessage =
  /** `byteLength` is the length of the text in UTF-8. */
  | { readonly kind: "text"; readonly text: string; readonly byteLength: number }
  | { readonly kind: "ping"; readonly payload: Uint8Array<ArrayBuffer> }
  | { readonly kind: "pong" }
  /** `code` is 1005 when the frame names none (§7.1.5). */
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

/** The peer broke the protocol, or sent more than is taken. */
export class WsFault extends Error {
  /** For messages. */
  override readonly name = "WsFault";
  /** `code` is the one to close with (§7.4.1). */
  constructor(readonly code: 1002 | 1003 | 1007 | 1009, message: string) {
    super(message);
  }
}

/** The kinds of frames (§5.2). */
export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
/** The number of a kind of frames. */
export type Opcode = typeof OPCODES[keyof typeof OPCODES];

/** The close code of a close frame without one. */
export const NO_CODE = 1005;

const FIN = 0x80;
const RESERVED_BITS = 0x70;
const MASKED = 0x80;
const MASK_BYTES = 4;
const CONTROL_MAX_BYTES = 125;
// Fatal: bad UTF-8 is a fault. A byte order mark is part of the text.
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const EMPTY = new Uint8Array(0);

interface FrameHead {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly length: number;
  /** Where the frame has one. */
  readonly mask: readonly number[] | undefined;
}

/** Reads what the peer sends, from the first byte after the handshake. */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #isPeerMasking: boolean;
  /** The beginning of a frame, as long as its length is not known. */
  readonly #headBytes: number[] = [];
  #frame: FrameHead | undefined;
  /** The payload of the frame so far. */
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #pieceBytes = 0;
  /** The frames of a fragmented text so far; `undefined` outside of one. */
  #fragments: Uint8Array<ArrayBuffer>[] | undefined;
  #fragmentBytes = 0;
  #isClosed = false;

  /** Reads for the side of `role`. A text of more than `maxBytes` is a fault. */
  constructor(maxBytes: number, role: WsRole = "client") {
    this.#maxBytes = maxBytes;
    this.#isPeerMasking = role === "server";
  }

  /**
   * The messages that are whole with these bytes, which are not kept; a mask is taken off in their place. Nothing is read
   * after a close frame.
   * @throws {WsFault} once; the reader is of no use then
   */
  *feed(bytes: Uint8Array): Generator<WsMessage, void> {
    let at = 0;
    while (!this.#isClosed) {
      if (!this.#frame) {
        // Usually a head comes as a whole.
        const headBytes = this.#headBytes.length === 0 ? headLengthAt(bytes, at) : 0;
        if (headBytes > 0) this.#frame = this.#headAt(bytes, at);
        at += headBytes;
        while (!this.#frame && at < bytes.length) this.#frame = this.#withHeadByte(bytes[at++]!);
        if (!this.#frame) return;
      }
      const missing = this.#frame.length - this.#pieceBytes;
      const piece = bytes.subarray(at, at + missing);
      at += piece.length;
      if (this.#frame.mask) unmask(piece, this.#frame.mask, this.#pieceBytes);
      if (piece.length < missing) return this.#keep(piece);
      const message = this.#finished(this.#frame, this.#pieces.length > 0 ? this.#joinedWith(piece) : piece);
      this.#frame = undefined;
      if (message) yield message;
    }
  }

  #keep(piece: Uint8Array): void {
    if (piece.length > 0) this.#pieces.push(piece.slice());
    this.#pieceBytes += piece.length;
  }

  #joinedWith(last: Uint8Array): Uint8Array {
    this.#keep(last);
    const whole = joined(this.#pieces);
    this.#pieces = [];
    this.#pieceBytes = 0;
    return whole;
  }

  /** The head, once it is whole. */
  #withHeadByte(byte: number): FrameHead | undefined {
    const head = this.#headBytes;
    head.push(byte);
    if (headLengthAt(head, 0) === 0) return undefined;
    const frame = this.#headAt(head, 0);
    head.length = 0;
    return frame;
  }

  /** The head that begins at `at`, and is whole. */
  #headAt(bytes: ArrayLike<number>, at: number): FrameHead {
    const second = bytes[at + 1]!;
    const shortLength = second & 0x7f;
    const lengthBytes = lengthBytesOf(shortLength);
    const isMasked = (second & MASKED) !== 0;
    let length = lengthBytes === 0 ? shortLength : 0;
    // Beyond 2^53 it is inexact, and far beyond any limit.
    for (let index = 0; index < lengthBytes; index++) length = length * 256 + bytes[at + 2 + index]!;
    const maskAt = at + 2 + lengthBytes;
    const mask = isMasked
      ? Array.from({ length: MASK_BYTES }, (_, index) => bytes[maskAt + index]!)
      : undefined;
    return this.#checked({ first: bytes[at]!, mask, length, lengthBytes });
  }

  #checked({ first, mask, length, lengthBytes }: RawHead): FrameHead {
    const opcode = first & 0x0f;
    const isFinal = (first & FIN) !== 0;
    const isControl = opcode >= OPCODES.close;
    if ((first & RESERVED_BITS) !== 0) throw new WsFault(1002, "a reserved bit is set");
    if ((mask !== undefined) !== this.#isPeerMasking) {
      throw new WsFault(1002, `a frame is ${mask ? "masked" : "not masked"}`);
    }
    if (length < (lengthBytes === 8 ? 0x10000 : lengthBytes === 2 ? 126 : 0)) {
      throw new WsFault(1002, "a length is written longer than it is");
    }
    if (isControl && (!isFinal || length > CONTROL_MAX_BYTES)) {
      throw new WsFault(1002, "a control frame is fragmented or too long");
    }
    if (opcode === OPCODES.binary) throw new WsFault(1003, "a binary message");
    if (opcode > OPCODES.pong || (opcode > OPCODES.binary && !isControl)) {
      throw new WsFault(1002, `an unknown kind of frame: ${opcode}`);
    }
    if ((opcode === OPCODES.continuation) !== (this.#fragments !== undefined) && !isControl) {
      throw new WsFault(1002, "a fragment is out of order");
    }
    if (!isControl && this.#fragmentBytes + length > this.#maxBytes) {
      throw new WsFault(1009, "a message is too long");
    }
    return { isFinal, opcode, length, mask };
  }

  /** The message that the frame is, or ends. `payload` may be a view of bytes that are not ours to keep. */
  #finished({ opcode, isFinal }: FrameHead, payload: Uint8Array): WsMessage | undefined {
    switch (opcode) {
      case OPCODES.ping:
        return { kind: "ping", payload: payload.slice() };
      case OPCODES.pong:
        return { kind: "pong" };
      case OPCODES.close:
        this.#isClosed = true;
        return closeIn(payload);
    }
    if (!this.#fragments && isFinal) return textIn(payload);
    this.#fragments ??= [];
    this.#fragments.push(payload.slice());
    this.#fragmentBytes += payload.length;
    if (!isFinal) return undefined;
    const whole = joined(this.#fragments);
    this.#fragments = undefined;
    this.#fragmentBytes = 0;
    return textIn(whole);
  }
}

interface RawHead {
  readonly first: number;
  readonly mask: FrameHead["mask"];
  readonly length: number;
  /** Of the extended length. */
  readonly lengthBytes: number;
}

function lengthBytesOf(shortLength: number): number {
  return shortLength === 127 ? 8 : shortLength === 126 ? 2 : 0;
}

/** How long the head is that begins at `at`; 0 when it is not whole. */
function headLengthAt(bytes: ArrayLike<number>, at: number): number {
  if (bytes.length < at + 2) return 0;
  const second = bytes[at + 1]!;
  const length = 2 + lengthBytesOf(second & 0x7f) + ((second & MASKED) === 0 ? 0 : MASK_BYTES);
  return bytes.length < at + length ? 0 : length;
}

function textIn(payload: Uint8Array): WsMessage {
  return { kind: "text", text: decoded(payload), byteLength: payload.length };
}

function closeIn(payload: Uint8Array): WsMessage {
  if (payload.length === 0) return { kind: "close", code: NO_CODE, reason: "" };
  const code = payload[0]! * 256 + payload[1]!;
  if (payload.length === 1 || !mayBeSent(code)) throw new WsFault(1002, "a close code that may not be sent");
  return { kind: "close", code, reason: decoded(payload.subarray(2)) };
}

function decoded(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new WsFault(1007, "a text is not UTF-8");
  }
}

/** Takes the mask off a piece of a payload, which begins at `offset` in it. */
function unmask(piece: Uint8Array, mask: readonly number[], offset: number): void {
  for (let at = 0; at < piece.length; at++) piece[at]! ^= mask[(offset + at) & 3]!;
}

/** A whole message as one frame of a server. */
export function serverFrame(opcode: Opcode, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return framed(opcode, payload, { maskBytes: 0, padding: 0 });
}

/** A whole message as one frame of a client, masked with the four bytes of `mask` (§5.3). */
export function clientFrame(
  opcode: Opcode,
  payload: Uint8Array,
  mask: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const headBytes = 2 + lengthBytesFor(payload.length) + MASK_BYTES;
  // The payload begins at a multiple of four, so that it is masked four bytes at a time: 1 MB within a millisecond.
  const padding = (4 - headBytes % 4) % 4;
  const frame = framed(opcode, payload, { maskBytes: MASK_BYTES, padding });
  frame[1]! |= MASKED;
  frame.set(mask, headBytes - MASK_BYTES);
  const words = new Uint32Array(frame.buffer);
  const [maskWord] = new Uint32Array(mask.slice().buffer);
  for (let at = (padding + headBytes) / 4; at < words.length; at++) words[at]! ^= maskWord!;
  return frame;
}

function lengthBytesFor(length: number): number {
  return length < 126 ? 0 : length < 0x10000 ? 2 : 8;
}

/** A frame without its mask, for which it has room before the payload; in memory that is a multiple of four, after `padding`. */
function framed(
  opcode: Opcode,
  payload: Uint8Array,
  { maskBytes, padding }: { readonly maskBytes: number; readonly padding: number },
): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const lengthBytes = lengthBytesFor(length);
  const headBytes = 2 + lengthBytes + maskBytes;
  const memory = new ArrayBuffer(4 * Math.ceil((padding + headBytes + length) / 4));
  const frame = new Uint8Array(memory, padding, headBytes + length);
  const view = new DataView(memory, padding, headBytes);
  frame[0] = FIN | opcode;
  frame[1] = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127;
  if (lengthBytes === 2) view.setUint16(2, length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  frame.set(payload, headBytes);
  return frame;
}

/** The payload of a close frame: the code, if any, and a reason, cut off at what fits. */
export function closePayload(code: number | undefined, reason: string): Uint8Array {
  if (code === undefined) return EMPTY;
  const payload = new Uint8Array(CONTROL_MAX_BYTES);
  new DataView(payload.buffer).setUint16(0, code);
  const { written } = new TextEncoder().encodeInto(reason, payload.subarray(2));
  return payload.subarray(0, 2 + written);
}
