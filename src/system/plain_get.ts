/**
 * One `GET` on a connection of its own, for commands that ask the proxy of this machine: the first request of `fetch` takes
 * 3 ms, a tenth of what a shell prompt may wait for. It reads the plainest answers only; who asks has `fetch` for all
 * others.
 * @module
 */

import { joined } from "../values/bytes.ts";

/** What is asked, and of whom. */
export interface PlainQuestion {
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Host and port as HTTP has them, an IPv6 address in brackets. */
  readonly authority: string;
  /** With the query. */
  readonly path: string;
  /** Names and values that HTTP allows: nothing is checked here. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the question when it aborts. */
  readonly signal: AbortSignal;
}

/** An answer that names its length. */
export interface PlainAnswer {
  readonly status: number;
  /** The body. */
  readonly text: string;
}

/** {@link plainGet}, for tests to replace. */
export type PlainGet = (question: PlainQuestion) => Promise<PlainAnswer | undefined>;

/** The answer; `undefined` for one that is not plain, and for none. Never rejects. */
export async function plainGet(question: PlainQuestion): Promise<PlainAnswer | undefined> {
  try {
    return await answerTo(question);
  } catch {
    return undefined;
  }
}

const CHUNK_BYTES = 16 * 1024;

async function answerTo(
  { hostname, port, authority, path, headers, signal }: PlainQuestion,
): Promise<PlainAnswer | undefined> {
  using connection = await Deno.connect({ hostname, port, signal });
  signal.addEventListener("abort", () => connection[Symbol.dispose]());
  signal.throwIfAborted();
  const all = { host: authority, connection: "close", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  // A request of some hundred bytes fits into the buffer of a new connection.
  await connection.write(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`));
  for (let bytes = new Uint8Array();;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = await connection.read(chunk);
    if (count === null) return undefined;
    bytes = joined([bytes, chunk.subarray(0, count)]);
    const answer = plainAnswer(bytes);
    if (answer !== "unfinished") return answer;
  }
}

/** The answer of which these bytes have come; `undefined` for one that is not plain. */
export function plainAnswer(bytes: Uint8Array): PlainAnswer | "unfinished" | undefined {
  const text = new TextDecoder().decode(bytes);
  const headChars = text.indexOf("\r\n\r\n");
  if (headChars === -1) return "unfinished";
  const head = text.slice(0, headChars);
  const [, status] = /^HTTP\/1\.1 ([2-5]\d\d) /.exec(head) ?? [];
  const [, length] = /\r\ncontent-length: *(\d+)(?:\r\n|$)/i.exec(head) ?? [];
  if (status === undefined || length === undefined || /\r\ntransfer-encoding:/i.test(head)) return undefined;
  // The length counts bytes. A head of ASCII has as many of them as characters.
  const missing = headChars + 4 + Number(length) - bytes.length;
  if (missing > 0) return "unfinished";
  return missing === 0 ? { status: Number(status), text: text.slice(headChars + 4) } : undefined;
}
