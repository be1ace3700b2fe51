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

/** A request, to be written. */
export interface RequestBytes {
  /** Its head, a byte for each character. */
  readonly head: string;
  /** What follows, one part after the other. */
  readonly body: readonly Uint8Array[];
}

const METHOD = /^[!#$%&'*+.^_`|~\w-]+$/;

/** What is written. @throws TypeError for a bad method */
export function requestBytes(parts: RequestParts): RequestBytes {
  const { body } = parts;
  const length = body?.reduce((sum, { length }) => sum + length, 0);
  return { head: headText(parts, length), body: body ?? [] };
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
