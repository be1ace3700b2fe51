/**
 * The head of an HTTP/1.1 answer (RFC 9112): what it says, and how the body after it is framed. Pure, and strict: two
 * programs that read one answer differently are how answers get into the wrong hands, so what is not clear is refused.
 * @module
 */

import { HeaderList } from "../values/header_list.ts";
import { latin1 } from "../values/latin1.ts";

/** The answer is not one that can be read. */
export class HeadFault extends Error {
  /** For messages. */
  override readonly name = "HeadFault";
}

/** How the body of an answer ends (RFC 9112 §6.3). */
export type Framing =
  /** There is none. */
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  /** With the connection. */
  | { readonly kind: "until_close" };

/** The head of a final answer, or of a change of protocol. */
export interface HttpHead {
  /** Three digits, whether they are a status that exists or not. */
  readonly status: number;
  /** All of them, as they came. */
  readonly headers: Headers;
  /** It is of HTTP/1.0. */
  readonly isOld: boolean;
  /** Where in the bytes begins what follows it. */
  readonly end: number;
}

/** What follows a head. */
export interface AfterHead {
  /** How the body ends. */
  readonly framing: Framing;
  /** The connection may carry another request after it. */
  readonly isKept: boolean;
}

/** The most bytes of a head: Node allows 16 KiB, nginx and hyper up to 400. */
export const HEAD_MAX_BYTES = 300 * 1024;

/** The most bytes of a head that opens a WebSocket or a tunnel, or refuses to. */
export const OPENING_HEAD_MAX_BYTES = 65_536;

const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: [\t -~\x80-\xff]*)?$/;
// deno-lint-ignore no-control-regex -- these are what no line may have (RFC 9110 §5.5)
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;
const DIGITS = /^\d{1,15}$/;

/** Looks for the end of a head in bytes that come little by little. */
export class HeadSearch {
  readonly #maxBytes: number;
  readonly #begin: number;
  /** Up to where no empty line was found. */
  #searched: number;

  /** The bytes begin at `from`. A head of more than `maxBytes`, what came before it included, is a fault. */
  constructor(from: number, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#begin = this.#searched = from;
  }

  /** Where what follows the head begins, once it is whole: `bytes` are all that have come, up to `to`. @throws {HeadFault} */
  endIn(bytes: Uint8Array, to: number): number | undefined {
    const end = endOfHead(bytes, this.#searched, to);
    if ((end ?? to) - this.#begin > this.#maxBytes) throw new HeadFault("the head of the answer is too long");
    this.#searched = end ?? Math.max(this.#searched, to - 3);
    return end;
  }
}

/** Reads the head of one answer out of bytes that come little by little. */
export class HeadReader {
  readonly #search: HeadSearch;
  /** Where the answer begins: after the interim ones. */
  #from: number;

  /** The bytes begin at `from`. A head of more than `maxBytes`, interim answers included, is a fault. */
  constructor(from: number, maxBytes: number = HEAD_MAX_BYTES) {
    this.#search = new HeadSearch(from, maxBytes);
    this.#from = from;
  }

  /**
   * The head when it is whole: `bytes` are all that have come, up to `to`. Interim answers (1xx) are skipped.
   * @throws {HeadFault}
   */
  read(bytes: Uint8Array, to: number): HttpHead | undefined {
    for (;;) {
      const end = this.#search.endIn(bytes, to);
      if (end === undefined) return undefined;
      const head = parsed(latin1(bytes.subarray(this.#from, end - 4)), end);
      if (head.status >= 200 || head.status === 101 || head.status < 100) return head;
      this.#from = end;
    }
  }
}

/** Where the first empty line ends. */
function endOfHead(bytes: Uint8Array, from: number, to: number): number | undefined {
  for (let at = from; at + 3 < to; at++) {
    if (bytes[at] === 13 && bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) {
      return at + 4;
    }
  }
  return undefined;
}

function parsed(text: string, end: number): HttpHead {
  const lines = text.split("\r\n");
  const [, minor, digits] = STATUS_LINE.exec(lines[0]!) ?? [];
  if (digits === undefined) throw new HeadFault("the answer is not HTTP/1.1");
  return { status: Number(digits), headers: headersIn(lines, 1), isOld: minor === "0", end };
}

/** What follows the head of an answer to a request with this method. @throws {HeadFault} */
export function afterHead({ status, headers, isOld }: HttpHead, method: string): AfterHead {
  const hasNone = method === "HEAD" || hasNoBody(status);
  const { framing, isClear } = framingOf(headers, { hasNone, isOld });
  return { framing, isKept: isClear && mayKeep(headers, isOld) && framing.kind !== "until_close" };
}

/** The headers in the lines from `first` on. @throws {HeadFault} */
export function headersIn(lines: readonly string[], first: number): Headers {
  const headers = new HeaderList();
  for (let at = first; at < lines.length; at++) {
    const line = lines[at]!;
    const colon = line.indexOf(":");
    try {
      // It refuses names that are none, the blank of a folded line too.
      if (colon < 1 || CONTROL.test(line)) throw new TypeError();
      headers.append(line.slice(0, colon), line.slice(colon + 1));
    } catch {
      throw new HeadFault("a header of the answer is malformed");
    }
  }
  return headers;
}

function hasNoBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

interface FramingOptions {
  readonly hasNone: boolean;
  readonly isOld: boolean;
}

/** `isClear`: nothing in the headers says otherwise. */
function framingOf(
  headers: Headers,
  { hasNone, isOld }: FramingOptions,
): { readonly framing: Framing; readonly isClear: boolean } {
  const coding = headers.get("transfer-encoding");
  const lengths = headers.get("content-length");
  if (hasNone) return { framing: { kind: "none" }, isClear: true };
  if (coding !== null) {
    if (isOld || coding.toLowerCase() !== "chunked") {
      throw new HeadFault("the body of the answer has an unknown transfer coding");
    }
    headers.delete("content-length");
    return { framing: { kind: "chunked" }, isClear: lengths === null };
  }
  if (lengths === null) return { framing: { kind: "until_close" }, isClear: true };
  return { framing: declaredFraming(headers, lengths), isClear: true };
}

/** How a body ends of which the headers give these lengths, more than one of which are made one. @throws {HeadFault} */
export function declaredFraming(headers: Headers, lengths: string): Framing {
  // The same length may be there twice (RFC 9110 §8.6).
  const [length, ...others] = lengths.split(",").map((one) => one.trim());
  if (!DIGITS.test(length!) || others.some((other) => other !== length)) {
    throw new HeadFault("the length of the answer is malformed");
  }
  if (others.length > 0) headers.set("content-length", length!);
  const bytes = Number(length);
  return bytes === 0 ? { kind: "none" } : { kind: "length", bytes };
}

/** Whether the other side keeps the connection after this message, as far as its headers say. `isOld`: of HTTP/1.0. */
export function mayKeep(headers: Headers, isOld: boolean): boolean {
  const connection = headers.get("connection");
  if (connection === null) return !isOld;
  const options = connection.toLowerCase().split(",").map((option) => option.trim());
  return !options.includes("close") && (!isOld || options.includes("keep-alive"));
}
