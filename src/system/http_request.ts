/**
 * The bytes of a request (RFC 9112 §3, §6): exactly the headers that are given, besides `host` and `content-length`.
 * @module
 */

/** What a request consists of. */
export interface RequestParts {
  /** A token (RFC 9110 §5.6.2). */
  readonly method: string;
  /** What is in the request line: a path with its query; for an HTTP proxy a whole URL, or what to connect to. */
  readonly target: string;
  /** The value of `host`. */
  readonly host: string;
  /** Sent in their order. */
  readonly headers: Iterable<readonly [string, string]>;
  /** Further lines of the head. */
  readonly lines: readonly string[];
  /** In parts that are written one after the other; `undefined` when there is none. */
  readonly body: readonly Uint8Array[] | undefined;
}

/** At least the head. */
export type RequestPieces = readonly [Uint8Array<ArrayBuffer>, ...Uint8Array[]];

// Joined, a body of this size costs less than a second write.
const JOINED_MAX_BYTES = 128 * 1024;
const METHOD = /^[!#$%&'*+.^_`|~\w-]+$/;
const encoder = new TextEncoder();

/** The pieces to write one after the other, the first in memory of its own; a small body is in one piece with the head. @throws TypeError for a bad method */
export function requestPieces(parts: RequestParts): RequestPieces {
  const { body } = parts;
  const length = lengthOf(body);
  const head = headText(parts, length);
  if (!body || !length) return [encoded(head, 0)];
  if (length > JOINED_MAX_BYTES) return [encoded(head, 0), ...body];
  const whole = encoded(head, length);
  let at = whole.length - length;
  for (const piece of body) {
    whole.set(piece, at);
    at += piece.length;
  }
  return [whole];
}

function lengthOf(body: RequestParts["body"]): number | undefined {
  return body?.reduce((sum, { length }) => sum + length, 0);
}

function headText(
  { method, target, host, headers, lines }: RequestParts,
  bodyLength: number | undefined,
): string {
  if (!METHOD.test(method)) throw new TypeError("the method is malformed");
  let text = `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  for (const line of lines) text += `${line}\r\n`;
  const length = bodyLength ??
    (method === "POST" || method === "PUT" || method === "PATCH" ? 0 : undefined);
  return length === undefined ? `${text}\r\n` : `${text}content-length: ${length}\r\n\r\n`;
}

/** The text, one byte for each character as header values have them, with room for `extra` bytes after it. */
export function encoded(text: string, extra: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length + extra);
  const { read, written } = encoder.encodeInto(text, bytes);
  if (read === text.length && written === text.length) return bytes;
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
