/**
 * Reads a body once: a request's, so that every attempt sends the same bytes, or an answer's, so that it can be kept.
 * @module
 */

import { turns, WORK_BYTES } from "../system/turns.ts";
import { joined } from "../values/bytes.ts";
import { ElasticBytes } from "../values/elastic_bytes.ts";
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

/** A body that was read. */
export interface BodyRead {
  /** Tells it from what was not. */
  readonly kind: "read";
  /** `undefined` when there is none. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  /** Where a large one is: to be given back with {@link giveBack}. */
  readonly memory: ElasticBytes | undefined;
}

/** What came of reading a body. */
export type BodyReading =
  | BodyRead
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
  const length = declaredLength(source);
  if (length > maxBytes) return { kind: "too_large" };
  const isRequest = source.bytes !== undefined && length > 0;
  if (isRequest && length <= AT_ONCE_MAX_BYTES) {
    return await source.bytes!().then(inOnePiece, () => ({ kind: "broken" }));
  }
  const { body } = source;
  if (!body) return inOnePiece(undefined);
  const memory = new ElasticBytes(isRequest ? length : maxBytes);
  try {
    const reader = isRequest ? byobReader(body) : undefined;
    const reading = reader
      ? await readDeclared(reader, length, { watch, memory })
      : await readChunks(body, maxBytes, { watch, memory });
    if (reading.kind !== "read") await giveBack(memory);
    return reading;
  } catch {
    await giveBack(memory);
    return { kind: "broken" };
  }
}

/** Whether there is one. It is not looked at without need: Deno then makes a stream of it. */
export function hasBody(source: BodySource): boolean {
  return declaredLength(source) > 0 || source.body !== null;
}

/** 0 also for a length that is not declared. */
function declaredLength({ headers }: BodySource): number {
  return Number(headers.get("content-length"));
}

/** Gives memory back that nothing reads any more. */
export async function giveBack(memory: ElasticBytes): Promise<void> {
  while (await turns.work(() => memory.shrink()));
}

const inOnePiece = (bytes: Uint8Array<ArrayBuffer> | undefined): BodyRead => (
  { kind: "read", bytes, memory: undefined }
);

interface Place {
  readonly watch: BodyWatch;
  /** For more than one piece of {@link WORK_BYTES}. */
  readonly memory: ElasticBytes;
}

/**
 * Reads a request's body, which is not longer than it declares: chunks take three times as long, and are all copied once
 * more. Each read changes the owner of the memory that it is given, and V8 takes that for new memory: given all of a large
 * body's each time, it would do little else than collect garbage.
 */
async function readDeclared(
  reader: ReadableStreamBYOBReader,
  length: number,
  { watch: { heard }, memory }: Place,
): Promise<BodyReading> {
  let piece = new Uint8Array(Math.min(length, WORK_BYTES));
  let filled = 0;
  for (let size = 0; size < length;) {
    const read = () => reader.read(piece.subarray(filled, filled + length - size));
    // The few reads of a body that is one piece keep nobody waiting.
    const { done, value } = await (length <= WORK_BYTES ? read() : turns.work(read));
    heard();
    if (done) throw new Error("the body ended before its declared length");
    size += value.length;
    filled += value.length;
    piece = new Uint8Array(value.buffer);
    if (length <= WORK_BYTES || (size < length && filled < piece.length)) continue;
    await turns.work(() => memory.add(piece.subarray(0, filled)));
    filled = 0;
  }
  // Unless its end was read as well, the server ends the connection after its answer.
  await reader.read(new Uint8Array(1));
  return length <= WORK_BYTES ? inOnePiece(piece) : { kind: "read", bytes: memory.bytes, memory };
}

async function readChunks(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
  { watch: { heard, holds }, memory }: Place,
): Promise<BodyReading> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = body.getReader();
  try {
    for (;;) {
      // Thousands of chunks of a byte cost as much as one large one.
      const { done, value: chunk } = await turns.work(() => reader.read());
      if (done) break;
      size += chunk.length;
      heard();
      if (size > maxBytes) return { kind: "too_large" };
      if (!(await holds(size))) return { kind: "no_room" };
      chunks.push(chunk);
      if (size > WORK_BYTES) {
        for (const one of chunks.splice(0)) await turns.work(() => memory.add(one));
      }
    }
  } finally {
    reader.releaseLock();
  }
  return size > WORK_BYTES ? { kind: "read", bytes: memory.bytes, memory } : inOnePiece(joined(chunks));
}

/**
 * Reads on to the end of a body and keeps nothing: a client that is cut off while it still sends may never look at
 * the answer. Never throws.
 */
export async function discardRest(body: ReadableStream<Uint8Array> | null): Promise<void> {
  if (!body) return;
  const reader = body.getReader();
  let size = 0;
  try {
    while (size <= DISCARD_MAX_BYTES) {
      const { done, value } = await turns.work(() => reader.read());
      if (done) return;
      size += value.length;
    }
    await reader.cancel();
  } catch {
    // The client has disconnected.
  } finally {
    reader.releaseLock();
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
