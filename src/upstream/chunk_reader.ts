/**
 * Reads a body chunk by chunk, as it comes. A body of our own client is read straight from its connection: what has
 * gathered there comes as one chunk. A body of `fetch` gets 64 KiB from Deno for each read that is given no memory,
 * which costs more than all the rest of relaying a small chunk: so one piece of memory of ours is used for all.
 * @module
 */

import type { ChunkSource, SomeBody } from "../system/answer_body.ts";

const FIRST_BYTES = 16 * 1024;
// For a body that comes faster than it is read.
const MAX_BYTES = 64 * 1024;

/** Reads one body. */
export class ChunkReader {
  readonly #source: ChunkSource | ReadableStreamReader;

  /** Locks the body. */
  constructor(body: SomeBody) {
    this.#source = "source" in body ? body.source : new ReadableStreamReader(body);
  }

  /** The next chunk, which stays as it is; `undefined` at the end. Rejects when the body breaks. */
  read(): Promise<Uint8Array | undefined> {
    return this.#source.read();
  }

  /** Lets go of the body. */
  async cancel(reason?: unknown): Promise<void> {
    await this.#source.cancel(reason);
  }
}

class ReadableStreamReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | ReadableStreamBYOBReader;
  #memory: ArrayBufferLike | undefined;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = byobReader(body) ?? body.getReader();
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.#reader instanceof ReadableStreamDefaultReader) return (await this.#reader.read()).value;
    const { done, value } = await this.#reader.read(
      new Uint8Array(this.#memory ?? new ArrayBuffer(FIRST_BYTES)),
    );
    if (done) return undefined;
    const chunk = value.slice();
    const isFull = value.length === value.buffer.byteLength;
    this.#memory = isFull && value.length < MAX_BYTES ? new ArrayBuffer(MAX_BYTES) : value.buffer;
    return chunk;
  }

  async cancel(reason?: unknown): Promise<void> {
    await this.#reader.cancel(reason);
  }
}

/** A reader into memory of the caller. Only a byte stream has one, as the bodies of fetch and of requests are. */
export function byobReader(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}
