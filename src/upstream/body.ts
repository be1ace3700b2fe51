/**
 * Reads a body once: a request's, so that every attempt sends the same bytes, or an answer's, so that it can be kept.
 * @module
 */

import { joined } from "../values/bytes.ts";
import { byobReader } from "./chunk_reader.ts";

/** What a body is read from: a Request, or what has its parts. */
export interface BodySource {
  /** For the declared length. */
  readonly headers: Headers;
  /** Null when there is none. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  /** Reads all of it at once. Only a request has it, whose declared length is right. */
  bytes?(): Promise<Uint8Array<ArrayBuffer>>;
}

/** What came of reading a body. */
export type BodyReading =
  | { readonly kind: "read"; readonly bytes: Uint8Array<ArrayBuffer> | undefined }
  | { readonly kind: "too_large" }
  /** There was no memory for it. */
  | { readonly kind: "no_room" }
  /** The sender disconnected, or the body broke off. */
  | { readonly kind: "broken" };

/** Looks on while a body is read. */
export interface BodyWatch {
  /** Something has come. */
  readonly heard: () => void;
  /** Whether there is memory for this number of bytes; only asked when the length is not declared. */
  readonly holds: (bytes: number) => Promise<boolean>;
}

const UNWATCHED: BodyWatch = { heard: () => {}, holds: () => Promise.resolve(true) };

// A shorter body comes in one piece.
const AT_ONCE_MAX_BYTES = 16 * 1024;
/** The most that is read of what nobody wants: enough to let a client finish that is over the limit by mistake. */
export const DISCARD_MAX_BYTES = 256 * 2 ** 20;

/**
 * Reads a body of at most `maxBytes`. `bytes` is `undefined` when there is none. Of a body that is too large the rest
 * stays unread, or all of it when its declared length says so.
 */
export async function readBody(
  source: BodySource,
  maxBytes: number,
  watch: BodyWatch = UNWATCHED,
): Promise<BodyReading> {
  const { headers, body } = source;
  // 0 also for a length that is not declared.
  const length = Number(headers.get("content-length"));
  if (length > maxBytes) return { kind: "too_large" };
  if (!body) return { kind: "read", bytes: undefined };
  try {
    const isRequest = source.bytes !== undefined && length > 0;
    if (isRequest && length <= AT_ONCE_MAX_BYTES) return { kind: "read", bytes: await source.bytes!() };
    const reader = isRequest ? byobReader(body) : undefined;
    if (reader) return { kind: "read", bytes: await readDeclared(reader, length, watch) };
    return await readChunks(body, maxBytes, watch);
  } catch {
    return { kind: "broken" };
  }
}

/** Reads a request's body, which is not longer than it declares, into one piece of memory: chunks take three times as long, and are all copied once more. */
async function readDeclared(
  reader: ReadableStreamBYOBReader,
  length: number,
  { heard }: BodyWatch,
): Promise<Uint8Array<ArrayBuffer>> {
  let memory = new Uint8Array(length);
  for (let size = 0; size < length;) {
    const { done, value } = await reader.read(memory.subarray(size));
    heard();
    if (done) throw new Error("the body ended before its declared length");
    size += value.length;
    memory = new Uint8Array(value.buffer);
  }
  // Unless its end was read as well, the server ends the connection after its answer.
  await reader.read(new Uint8Array(1));
  return memory;
}

async function readChunks(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
  { heard, holds }: BodyWatch,
): Promise<BodyReading> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of body.values({ preventCancel: true })) {
    size += chunk.length;
    heard();
    if (size > maxBytes) return { kind: "too_large" };
    if (!(await holds(size))) return { kind: "no_room" };
    chunks.push(chunk);
  }
  return { kind: "read", bytes: joined(chunks) };
}

/**
 * Reads on to the end of a body and keeps nothing: a client that is cut off while it still sends may never look at
 * the answer. Never throws.
 */
export async function discardRest(body: ReadableStream<Uint8Array> | null): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      size += chunk.length;
      if (size > DISCARD_MAX_BYTES) return;
    }
  } catch {
    // The client has disconnected.
  }
}

/** At most `maxBytes` from the beginning of a body as text, as far as they came before `signal` aborted. Never throws. */
export async function readTextHead(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<string> {
  if (!body) return "";
  const reader = body.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", stop);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    while (size < maxBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      size += value.length;
    }
  } catch {
    // What has come is what there is to judge by.
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
  return new TextDecoder().decode(joined(chunks).subarray(0, maxBytes));
}
