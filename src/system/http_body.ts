/**
 * A body that came over a connection of ours. It is read from its source, or taken whole; a stream is only made for those
 * who want one, since that takes as long as to read a small body.
 * @module
 */

/** Gives out a body piece by piece. */
export interface ChunkSource {
  /** The next piece, which stays as it is until the next call; `undefined` at the end. Rejects when the body breaks. */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * Reads the next piece into `memory`, and resolves with its length; null at the end. Absent where that would not save a
   * copy. Rejects when the body breaks.
   */
  readonly readInto?: ((memory: Uint8Array<ArrayBuffer>) => Promise<number | null>) | undefined;
  /** Lets go of the body. */
  cancel(): void;
}

/** A body that is read once: from its source, as a whole, or as a stream. */
export class HttpBody {
  /** Where its pieces come from. */
  readonly source: ChunkSource;
  /** All of it, where it came with its head: to Deno a body in one piece is worth less work than a stream. */
  readonly whole: Uint8Array<ArrayBuffer> | undefined;

  /** Does not read yet. */
  constructor(source: ChunkSource, whole?: Uint8Array<ArrayBuffer>) {
    this.source = source;
    this.whole = whole;
  }

  /** A body that has come. */
  static ofWhole(bytes: Uint8Array<ArrayBuffer>): HttpBody {
    return new HttpBody(new WholeSource(bytes), bytes);
  }

  /** A stream of what has not been read of it yet. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { source } = this;
    return new ReadableStream({
      async pull(controller) {
        const chunk = await source.read();
        if (chunk) controller.enqueue(chunk.slice());
        else controller.close();
      },
      cancel: () => source.cancel(),
    }, { highWaterMark: 0 });
  }

  /** Lets go of it. */
  cancel(): Promise<void> {
    this.source.cancel();
    return Promise.resolve();
  }
}

/** A body of either kind: that of `fetch`, and of a `Response`, is a stream. */
export type SomeBody = ReadableStream<Uint8Array> | HttpBody;

/** All of a body, where it came with its head. */
export function wholeOf(body: SomeBody | null): Uint8Array<ArrayBuffer> | undefined {
  return body instanceof HttpBody ? body.whole : undefined;
}

/** A body as a stream; null when there is none. */
export function streamOf(body: SomeBody | null): ReadableStream<Uint8Array> | null {
  return body instanceof HttpBody ? body.stream() : body;
}

class WholeSource implements ChunkSource {
  #rest: Uint8Array<ArrayBuffer> | undefined;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#rest = bytes;
  }

  read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const chunk = this.#rest;
    this.#rest = undefined;
    return Promise.resolve(chunk);
  }

  cancel(): void {
    this.#rest = undefined;
  }
}
