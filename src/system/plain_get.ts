/**
 * One `GET` on a connection of its own, for a command that asks the proxy of this machine a single thing: the first request
 * of `fetch` takes 3 ms, a tenth of what a shell prompt may wait for. It reads the plainest answers only; who asks has
 * another way for all others.
 * @module
 */

import { joined } from "../values/bytes.ts";
import { systemClock, withDeadline } from "./clock.ts";

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
  /** For the whole answer. */
  readonly timeoutMs: number;
}

/** The body of an answer with status 200 that names its length; `undefined` for any other, and for none. Never rejects. */
export async function plainGet({ timeoutMs, ...question }: PlainQuestion): Promise<string | undefined> {
  try {
    return await withDeadline(systemClock, timeoutMs, (deadline) => bodyOf(question, deadline));
  } catch {
    return undefined;
  }
}

const CHUNK_BYTES = 16 * 1024;

async function bodyOf(
  { hostname, port, authority, path, headers }: Omit<PlainQuestion, "timeoutMs">,
  deadline: AbortSignal,
): Promise<string | undefined> {
  using connection = await Deno.connect({ hostname, port, signal: deadline });
  deadline.addEventListener("abort", () => connection[Symbol.dispose]());
  const all = { host: authority, connection: "close", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  // A request of some hundred bytes fits into the buffer of a new connection.
  await connection.write(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`));
  for (let bytes = new Uint8Array();;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = await connection.read(chunk);
    if (count === null) return undefined;
    bytes = joined([bytes, chunk.subarray(0, count)]);
    const reading = plainBody(bytes);
    if (reading !== "unfinished") return reading;
  }
}

/** The body in an answer, of which these bytes have come; `undefined` for one that is not plain. */
export function plainBody(bytes: Uint8Array): string | "unfinished" | undefined {
  const text = new TextDecoder().decode(bytes);
  const headChars = text.indexOf("\r\n\r\n");
  if (headChars === -1) return "unfinished";
  const head = text.slice(0, headChars);
  const [, length] = /\r\ncontent-length: *(\d+)(?:\r\n|$)/i.exec(head) ?? [];
  if (length === undefined || !head.startsWith("HTTP/1.1 200 ") || /\r\ntransfer-encoding:/i.test(head)) {
    return undefined;
  }
  // The length counts bytes. A head of ASCII has as many of them as characters.
  const missing = headChars + 4 + Number(length) - bytes.length;
  if (missing > 0) return "unfinished";
  return missing === 0 ? text.slice(headChars + 4) : undefined;
}
