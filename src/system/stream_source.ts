/**
 * Reads a body chunk by chunk, as it comes. A body of our own connections is read straight from them: what has gathered
 * there comes as one chunk. A body of `fetch` gets 64 KiB from Deno for each read that is given no memory, which costs
 * more than all the rest of relaying a small chunk: so one piece of memory of ours is used for all.
 * @module
 */

import type { ChunkSource, SomeBody } from "./http_body.ts";

const FIRST_BYTES = 16 * 1024;
// For a body that comes faster than it is read.
const MAX_BYTES = 64 * 1024;

/** What a body is read from; it is locked then. */
export function sourceOf(body: SomeBody): ChunkSource {
  return "source" in body ? body.source : new StreamSource(body);
}

class StreamSource implements ChunkSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | ReadableStreamBYOBReader;
  #memory: ArrayBuffer | undefined;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = byobReader(body) ?? body.getReader();
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#reader instanceof ReadableStreamDefaultReader) {
      return (await this.#reader.read()).value as Uint8Array<ArrayBuffer> | undefined;
    }
    const { done, value } = await this.#reader.read(
      new Uint8Array(this.#memory ?? new ArrayBuffer(FIRST_BYTES)),
    );
    if (done) return undefined;
    const isFull = value.length === value.buffer.byteLength;
    this.#memory = isFull && value.length < MAX_BYTES ? new ArrayBuffer(MAX_BYTES) : value.buffer;
    return value;
  }

  cancel(): void {
    this.#reader.cancel().catch(() => {});
  }
}

/** A reader into memory of the caller. Only a byte stream has one, as the bodies of fetch are. */
function byobReader(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}
