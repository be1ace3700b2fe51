/**
 * Takes the framing off a body, in place: what one read has brought, often many chunks (RFC 9112 §7.1), becomes one
 * piece. Pure, and as strict as the reading of the head.
 * @module
 */

import { type Framing, headersIn, HeadFault } from "./http_head.ts";

/** Decodes one body, read by read. */
export interface BodyDecoder {
  /** The body is whole. */
  readonly isDone: boolean;
  /** After {@link decode}: where what it decoded ends. */
  readonly payloadEnd: number;
  /** After {@link decode}: where the bytes begin that it did not look at. Before the body's end it looks at all. */
  readonly next: number;
  /** Decodes the bytes from `from` to `to`; the payload is then at `from`. @throws {HeadFault} */
  decode(bytes: Uint8Array, from: number, to: number): void;
}

/** A decoder for a body that is framed like this. */
export function decoderFor(framing: Framing): BodyDecoder {
  switch (framing.kind) {
    case "none":
      return new LengthDecoder(0);
    case "length":
      return new LengthDecoder(framing.bytes);
    case "until_close":
      return new LengthDecoder(Infinity);
    case "chunked":
      return new ChunkedDecoder();
  }
}

class LengthDecoder implements BodyDecoder {
  payloadEnd = 0;
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  get next(): number {
    return this.payloadEnd;
  }

  decode(_bytes: Uint8Array, from: number, to: number): void {
    this.payloadEnd = Math.min(to, from + this.#left);
    this.#left -= this.payloadEnd - from;
  }
}

const [SIZE, EXTENSION, SIZE_END, DATA, DATA_CR, DATA_LF, TRAILER, TRAILER_LINE, TRAILER_END, LAST_LF, DONE] =
  [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
  ];
const [TAB, LF, CR, SPACE, SEMICOLON, DELETE] = [9, 10, 13, 32, 59, 127];
const SIZE_MAX_DIGITS = 16;
const EXTENSION_MAX_BYTES = 4096;
const TRAILER_MAX_BYTES = 65_536;

/** From the first chunk to the trailers, which are checked and dropped. */
class ChunkedDecoder implements BodyDecoder {
  payloadEnd = 0;
  next = 0;
  #state = SIZE;
  /** Of the chunk: its size so far, then what is to come of its data. */
  #left = 0;
  #digits = 0;
  #extensionBytes = 0;
  #trailers = "";

  get isDone(): boolean {
    return this.#state === DONE;
  }

  decode(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    let out = from;
    while (at < to && this.#state !== DONE) {
      if (this.#state === DATA) {
        const count = Math.min(this.#left, to - at);
        if (out !== at) bytes.copyWithin(out, at, at + count);
        out += count;
        at += count;
        this.#left -= count;
        if (this.#left === 0) this.#state = DATA_CR;
      } else this.#frame(bytes[at++]!);
    }
    this.payloadEnd = out;
    this.next = at;
  }

  #frame(byte: number): void {
    switch (this.#state) {
      case SIZE:
        return this.#size(byte);
      case EXTENSION:
        if (byte === CR) this.#state = SIZE_END;
        else if (!isText(byte) || ++this.#extensionBytes > EXTENSION_MAX_BYTES) fault();
        return;
      case SIZE_END:
        if (byte !== LF) fault();
        this.#state = this.#left === 0 ? TRAILER : DATA;
        return;
      case DATA_CR:
        if (byte !== CR) fault();
        this.#state = DATA_LF;
        return;
      case DATA_LF:
        if (byte !== LF) fault();
        this.#state = SIZE;
        this.#digits = this.#extensionBytes = 0;
        return;
      default:
        return this.#trailer(byte);
    }
  }

  #size(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.#left = this.#left * 16 + digit;
      if (++this.#digits > SIZE_MAX_DIGITS || this.#left > Number.MAX_SAFE_INTEGER) fault();
    } else if (this.#digits === 0) fault();
    else if (byte === CR) this.#state = SIZE_END;
    else if (byte === SEMICOLON || byte === SPACE || byte === TAB) this.#state = EXTENSION;
    else fault();
  }

  #trailer(byte: number): void {
    switch (this.#state) {
      case TRAILER:
        this.#state = byte === CR ? LAST_LF : TRAILER_LINE;
        if (byte !== CR) this.#addToTrailers(byte);
        return;
      case TRAILER_LINE:
        if (byte === CR) this.#state = TRAILER_END;
        else this.#addToTrailers(byte);
        return;
      case TRAILER_END:
        if (byte !== LF) fault();
        this.#trailers += "\r\n";
        this.#state = TRAILER;
        return;
      default:
        if (byte !== LF) fault();
        headersIn(this.#trailers.split("\r\n").slice(0, -1), 0);
        this.#trailers = "";
        this.#state = DONE;
    }
  }

  #addToTrailers(byte: number): void {
    if (!isText(byte) || this.#trailers.length > TRAILER_MAX_BYTES) fault();
    this.#trailers += String.fromCharCode(byte);
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function isText(byte: number): boolean {
  return byte >= SPACE ? byte !== DELETE : byte === TAB;
}

function fault(): never {
  throw new HeadFault("the chunks of the answer are malformed");
}
