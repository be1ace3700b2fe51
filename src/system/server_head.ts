/**
 * The heads that a server deals with (RFC 9112): reads those of requests and writes those of answers. Pure, and strict: a
 * request that two programs may read differently is refused, since that is how one is smuggled past the other.
 * @module
 */

import { headerPairs } from "../values/header_pairs.ts";
import { latin1 } from "../values/latin1.ts";
import {
  declaredFraming,
  type Framing,
  HEAD_MAX_BYTES,
  headersIn,
  HeadFault,
  HeadSearch,
  mayKeep,
} from "./http_head.ts";
import { REASON_PHRASES } from "./reason_phrases.ts";

/** The head of a request. */
export interface RequestHead {
  /** As it came. */
  readonly method: string;
  /** The target as a URL, whose origin is `http://localhost` where it names none. */
  readonly url: string;
  /** All of them, as they came. */
  readonly headers: Headers;
  /** How its body ends. */
  readonly framing: RequestFraming;
  /** It is of HTTP/1.0. */
  readonly isOld: boolean;
  /** The client would send another request on the connection. */
  readonly isKept: boolean;
  /** The client sends the body once it is told to go on. */
  readonly expectsContinue: boolean;
  /** Where in the bytes begins what follows it. */
  readonly end: number;
}

/** How the body of a request ends: never with the connection. */
export type RequestFraming = Exclude<Framing, { readonly kind: "until_close" }>;

/** What a request that cannot be read is answered with. */
export type FaultStatus = 400 | 408 | 431 | 501 | 505;

/** The request is not one that can be read. */
export class RequestFault extends Error {
  /** For messages. */
  override readonly name = "RequestFault";
  /** `status` is that of the answer, `message` its text. */
  constructor(readonly status: FaultStatus, message: string) {
    super(message);
  }
}

const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]+) ([\x21-\x7e\x80-\xff]+) HTTP\/1\.([01])$/;
const ANY_VERSION = /^[!#$%&'*+.^_`|~\w-]+ [\x21-\x7e\x80-\xff]+ HTTP\/\d+(?:\.\d+)?$/;
// More than any client sends; each costs a look at all the others.
const HEADER_MAX_COUNT = 500;
const [CR, LF] = [13, 10];

/** Reads the head of one request out of bytes that come little by little. */
export class RequestHeadReader {
  readonly #search: HeadSearch;
  readonly #from: number;

  /** The bytes begin at `from`. */
  constructor(from: number) {
    this.#search = new HeadSearch(from, HEAD_MAX_BYTES);
    this.#from = from;
  }

  /** The head when it is whole: `bytes` are all that have come, up to `to`. @throws {RequestFault} */
  read(bytes: Uint8Array, to: number): RequestHead | undefined {
    let end: number | undefined;
    try {
      end = this.#search.endIn(bytes, to);
    } catch {
      throw new RequestFault(431, `the head of the request has more than ${HEAD_MAX_BYTES} bytes`);
    }
    if (end !== undefined) return parsed(latin1(bytes.subarray(this.#from, end - 4)), end);
    if (!mayBegin(bytes, this.#from, to)) throw faultOf("");
    return undefined;
  }
}

/** Who speaks TLS here, or ends lines with a line feed alone, waits for an answer: the end of a head would never come. */
function mayBegin(bytes: Uint8Array, from: number, to: number): boolean {
  const first = bytes[from]!;
  const feed = bytes.indexOf(LF, from);
  if (to > from && first !== CR && (first <= 0x20 || first >= 0x7f)) return false;
  return feed === -1 || feed >= to || bytes[feed - 1] === CR;
}

function parsed(text: string, end: number): RequestHead {
  const lines = text.split("\r\n");
  // Some clients send an empty line after a body (RFC 9112 §2.2).
  if (lines[0] === "") lines.shift();
  const line = lines[0] ?? "";
  const [, method, target, minor] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined) throw faultOf(line);
  if (lines.length > HEADER_MAX_COUNT) throw new RequestFault(431, "the request has too many headers");
  const headers = fieldsOf(lines);
  const isOld = minor === "0";
  return {
    method,
    url: urlOf(method, target!),
    headers,
    framing: framingOf(headers, isOld),
    isOld,
    isKept: mayKeep(headers, isOld),
    expectsContinue: !isOld && headers.get("expect")?.toLowerCase() === "100-continue",
    end,
  };
}

/** RFC 9112 §3.2. Asked for `*`, or for a tunnel to a host and port, no page is meant. */
function urlOf(method: string, target: string): string {
  if (target.startsWith("/")) return `http://localhost${target}`;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) return target;
  if (target === "*" || method === "CONNECT") return `http://localhost/${target}`;
  throw new RequestFault(400, "the target of the request is neither a path nor a URL");
}

function faultOf(line: string): RequestFault {
  return ANY_VERSION.test(line)
    ? new RequestFault(505, "this server speaks HTTP/1.1; tell your client to use HTTP/1.1")
    : new RequestFault(400, "this is not a request of HTTP/1.1");
}

function fieldsOf(lines: readonly string[]): Headers {
  let headers: Headers;
  try {
    headers = headersIn(lines, 1);
  } catch {
    throw new RequestFault(400, "a header of the request is malformed");
  }
  // The one that this program takes may not be the one that the client meant (RFC 9112 §3.2).
  if (headers.get("host")?.includes(",")) throw new RequestFault(400, "the request names more than one host");
  return headers;
}

/** RFC 9112 §6.1 and §6.3. */
function framingOf(headers: Headers, isOld: boolean): RequestFraming {
  const coding = headers.get("transfer-encoding");
  const lengths = headers.get("content-length");
  if (coding !== null) {
    if (lengths !== null || isOld) {
      throw new RequestFault(400, "the request says in two ways how long its body is");
    }
    if (coding.toLowerCase() !== "chunked") {
      throw new RequestFault(501, "the body of the request has a transfer coding that is not known here");
    }
    return { kind: "chunked" };
  }
  if (lengths === null) return { kind: "none" };
  try {
    return declaredFraming(headers, lengths) as RequestFraming;
  } catch (error) {
    if (!(error instanceof HeadFault)) throw error;
    throw new RequestFault(400, "the length of the request's body is malformed");
  }
}

/** The head of an answer as text; `date` is used where it has none, `lines` are further ones, such as how the body ends. */
export function answerHead(
  { status, headers }: Pick<Response, "status" | "headers">,
  { date, lines }: { readonly date: string; readonly lines: readonly string[] },
): string {
  let text = `HTTP/1.1 ${status} ${REASON_PHRASES[status] ?? ""}\r\n`;
  for (const [name, value] of headerPairs(headers)) text += `${name}: ${value}\r\n`;
  if (!headers.has("date")) text += `date: ${date}\r\n`;
  for (const line of lines) text += `${line}\r\n`;
  return `${text}\r\n`;
}
