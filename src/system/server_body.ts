/**
 * The body of a request, as our server reads it: only when it is asked for, so that a client that sends faster than its
 * request is worked on has to wait.
 * @module
 */

import type { ChunkSource } from "./http_body.ts";
import { type BodyDecoder, decoderFor } from "./http_chunked.ts";
import type { Inflow } from "./inflow.ts";
import type { RequestFraming } from "./server_head.ts";

/** What a {@link RequestBody} is read from. */
export interface RequestBodyOptions {
  /** Begins with the body. */
  readonly inflow: Inflow;
  /** How it ends. */
  readonly framing: RequestFraming;
  /** Called before the first read, when nothing of it has come: the client may wait for a word to go on. */
  readonly onWait: () => Promise<void>;
  /** Called when all of it was read. */
  readonly onWhole: () => void;
}

const BROKE_OFF = "the connection ended in the body of the request";

/** Reads one body. */
export class RequestBody implements ChunkSource {
  readonly #options: RequestBodyOptions;
  readonly #decoder: BodyDecoder;
  /** What is missing, where that is known: then nothing has to be decoded. */
  #leftBytes: number | undefined;
  #hasBegun = false;
  #isCancelled = false;
  #isBroken = false;
  readonly readInto: ((memory: Uint8Array<ArrayBuffer>) => Promise<number | null>) | undefined;

  /** Does not read yet. */
  constructor(options: RequestBodyOptions) {
    const { framing } = options;
    this.#options = options;
    this.#decoder = decoderFor(framing);
    if (framing.kind !== "length") return;
    this.#leftBytes = framing.bytes;
    this.readInto = (memory) => this.#readInto(memory);
  }

  /** All of it was read. */
  get isWhole(): boolean {
    return this.#leftBytes === undefined ? this.#decoder.isDone : this.#leftBytes === 0;
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { inflow } = this.#options;
    this.#check();
    while (!this.isWhole) {
      const chunk = this.#taken();
      if (chunk) return chunk;
      if (this.isWhole) break;
      await this.#wait();
      inflow.reuse();
      if (!inflow.note(await inflow.next())) throw new Error(BROKE_OFF);
    }
    return undefined;
  }

  /** Skips what has come of it, and lets go of it; whether that was all. */
  skip(): boolean {
    this.cancel();
    try {
      while (!this.isWhole && !this.#isBroken && !this.#options.inflow.isEmpty) this.#taken();
    } catch {
      // It is malformed: where it ends, nobody knows.
    }
    return this.isWhole && !this.#isBroken;
  }

  cancel(): void {
    this.#isCancelled = true;
  }

  async #readInto(memory: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const { inflow } = this.#options;
    const left = this.#leftBytes!;
    this.#check();
    if (left === 0) return null;
    if (inflow.isEmpty) await this.#wait();
    this.#hasBegun = true;
    const count = await inflow.readInto(memory.length > left ? memory.subarray(0, left) : memory);
    if (count === null) throw new Error(BROKE_OFF);
    this.#note(count);
    return count;
  }

  #check(): void {
    if (this.#isBroken) throw new Error("the body of the request is malformed");
    if (this.#isCancelled) throw new Error("nobody wants the body of the request any more");
  }

  async #wait(): Promise<void> {
    if (!this.#hasBegun) await this.#options.onWait();
  }

  /** The payload of what has come; `undefined` when there is none in it. */
  #taken(): Uint8Array<ArrayBuffer> | undefined {
    const { inflow } = this.#options;
    const { bytes, from, to, isEmpty } = inflow;
    if (isEmpty) return undefined;
    this.#hasBegun = true;
    if (this.#leftBytes !== undefined) {
      const end = Math.min(to, from + this.#leftBytes);
      inflow.take(end);
      this.#note(end - from);
      return bytes.subarray(from, end);
    }
    // A decoder that is fed again after a fault may take what was in a chunk for the end.
    this.#isBroken = true;
    this.#decoder.decode(bytes, from, to);
    this.#isBroken = false;
    inflow.take(this.#decoder.next);
    if (this.#decoder.isDone) this.#options.onWhole();
    return this.#decoder.payloadEnd > from ? bytes.subarray(from, this.#decoder.payloadEnd) : undefined;
  }

  #note(count: number): void {
    this.#leftBytes! -= count;
    if (this.#leftBytes === 0) this.#options.onWhole();
  }
}
