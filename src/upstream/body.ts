/**
 * Reads a body once: a request's, so that every attempt sends the same bytes, or an answer's, so that it can be kept.
 * @module
 */

import { type ChunkSource, HttpBody, type SomeBody } from "../system/http_body.ts";
import { sourceOf } from "../system/stream_source.ts";
import { turns, WORK_BYTES } from "../system/turns.ts";
import { joined } from "../values/bytes.ts";
import { ElasticBytes } from "../values/elastic_bytes.ts";

/** What a body is read from: a request, or an answer. */
export interface BodySource {
  /** For the declared length. */
  readonly headers: Headers;
  /** Null when there is none. */
  readonly body: SomeBody | null;
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
  const { body } = source;
  if (!body) return inOnePiece(undefined);
  const readInto = body instanceof HttpBody ? body.source.readInto : undefined;
  const memory = new ElasticBytes(readInto ? length : maxBytes);
  try {
    const reading = readInto
      ? await readDeclared(readInto, length, { watch, memory })
      : await readChunks(sourceOf(body), maxBytes, { watch, memory });
    if (reading.kind !== "read") await giveBack(memory);
    return reading;
  } catch {
    await giveBack(memory);
    return { kind: "broken" };
  }
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

// Larger memory is such that it is given back piece by piece, and nothing can be read into that.
const DIRECT_MAX_BYTES = 16 * 2 ** 20;

/** Reads a request's body, which is as long as it declares, to where it stays. */
async function readDeclared(
  readInto: NonNullable<ChunkSource["readInto"]>,
  length: number,
  { watch: { heard }, memory }: Place,
): Promise<BodyReading> {
  const isDirect = length <= DIRECT_MAX_BYTES;
  const place = new Uint8Array(isDirect ? length : WORK_BYTES);
  for (let size = 0, filled = 0; size < length;) {
    const end = Math.min(place.length, filled + Math.min(WORK_BYTES, length - size));
    const read = () => readInto(place.subarray(filled, end));
    // The few reads of a small body keep nobody waiting.
    const count = await (length <= WORK_BYTES ? read() : turns.work(read));
    heard();
    size += count!;
    filled += count!;
    if (isDirect || (filled < place.length && size < length)) continue;
    await turns.work(() => memory.add(place.subarray(0, filled)));
    filled = 0;
  }
  return isDirect ? inOnePiece(place) : { kind: "read", bytes: memory.bytes, memory };
}

async function readChunks(
  source: ChunkSource,
  maxBytes: number,
  { watch: { heard, holds }, memory }: Place,
): Promise<BodyReading> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    // Thousands of chunks of a byte cost as much as one large one.
    const chunk = await turns.work(() => source.read());
    if (!chunk) break;
    size += chunk.length;
    heard();
    if (size > maxBytes) return { kind: "too_large" };
    if (!(await holds(size))) return { kind: "no_room" };
    chunks.push(chunk.slice());
    if (size > WORK_BYTES) {
      for (const one of chunks.splice(0)) await turns.work(() => memory.add(one));
    }
  }
  return size > WORK_BYTES ? { kind: "read", bytes: memory.bytes, memory } : inOnePiece(joined(chunks));
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
  if (signal?.aborted) stop();
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
