/**
 * Reads the bodies of requests within limits: of one body, of all bodies in memory together, and of a client's silence. A body
 * stays in memory until its request is decided, because another attempt may need it.
 * @module
 */

import type { Settings } from "../config/settings_table.ts";
import type { Clock } from "../system/clock.ts";
import { joined } from "../values/bytes.ts";

/** What came of reading the body of a request. */
export type RequestBody =
  /** `bytes` is `undefined` when there is none. `release` is to be called when it is needed no more. */
  | {
    readonly kind: "read";
    readonly bytes: Uint8Array<ArrayBuffer> | undefined;
    readonly release: () => void;
  }
  | { readonly kind: "too_large" }
  /** The client sent nothing for the idle timeout. */
  | { readonly kind: "stalled" }
  /** All bodies together would take more than they may, and none has ended in time. */
  | { readonly kind: "no_room" }
  /** The client disconnected, or the body broke off. */
  | { readonly kind: "broken" };

/** What is read. */
export type BodyRequest = Pick<Request, "headers" | "body" | "signal">;

/** The limits of {@link RequestBodies}. */
export type BodyLimits = Pick<Settings, "maxBodyBytes" | "bodyMemoryBytes" | "bodyIdleTimeoutMs">;

// Longer than most requests need for their upload and an upstream's first byte.
const WAIT_FOR_ROOM_MS = 10_000;
// A body without a declared length takes room in pieces of this size.
const PIECE_BYTES = 2 ** 20;

interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
}

/** All bodies of requests that are in memory. */
export class RequestBodies {
  readonly #limits: BodyLimits;
  readonly #clock: Clock;
  #usedBytes = 0;
  /** Served in order, so that small ones do not keep a large one out for ever. */
  readonly #waiting = new Set<Waiting>();

  /** Holds none yet. */
  constructor(limits: BodyLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** The limit of one body. */
  get maxBodyBytes(): number {
    return this.#limits.maxBodyBytes;
  }

  /** The memory that is taken at this moment. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Reads a body. Of one that is too large the rest stays unread, or all of it when its declared length says so. */
  async read({ headers, body, signal }: BodyRequest): Promise<RequestBody> {
    const { maxBodyBytes } = this.#limits;
    const declared = Number(headers.get("content-length") ?? NaN);
    if (declared > maxBodyBytes) return { kind: "too_large" };
    if (!body) return { kind: "read", bytes: undefined, release: () => {} };
    const room = new Room(this, Number.isNaN(declared) ? undefined : declared);
    if (!(await room.holds(0, signal))) return { kind: "no_room" };
    const reader = body.getReader();
    const silence = new Silence(
      this.#clock,
      this.#limits.bodyIdleTimeoutMs,
      () => void reader.cancel().catch(() => {}),
    );
    try {
      const bytes = await this.#readAll(reader, { room, silence, signal });
      if (bytes instanceof Uint8Array || bytes === undefined) {
        return { kind: "read", bytes, release: () => room.release() };
      }
      room.release();
      return { kind: bytes };
    } catch {
      room.release();
      return { kind: silence.isOver ? "stalled" : "broken" };
    } finally {
      silence.end();
      reader.releaseLock();
    }
  }

  // Chunk by chunk, because arrayBuffer() on 5 MB is ten times slower in Deno 2.9.
  async #readAll(
    reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
    { room, silence, signal }: {
      readonly room: Room;
      readonly silence: Silence;
      readonly signal: AbortSignal;
    },
  ): Promise<Uint8Array<ArrayBuffer> | undefined | "too_large" | "no_room" | "stalled"> {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let whole: Uint8Array<ArrayBuffer> | undefined;
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      silence.heard();
      if (silence.isOver) return "stalled";
      if (done) break;
      if (size + value.length > this.#limits.maxBodyBytes) return "too_large";
      if (!(await room.holds(size + value.length, signal))) return "no_room";
      // Of a known length each byte is copied once, and not at all when it comes in one piece.
      if (room.declared !== undefined && value.length < room.declared) {
        whole ??= new Uint8Array(room.declared);
        whole.set(value, size);
      } else chunks.push(value);
      size += value.length;
    }
    if (whole) return whole.subarray(0, size);
    return chunks.length === 0 ? undefined : joined(chunks);
  }

  /** Takes memory when there is some. */
  take(bytes: number): boolean {
    const { bodyMemoryBytes, maxBodyBytes } = this.#limits;
    if (this.#usedBytes + bytes > Math.max(bodyMemoryBytes, maxBodyBytes)) return false;
    this.#usedBytes += bytes;
    return true;
  }

  /** Whether there was memory, in the end. */
  async takeInTurn(bytes: number, signal: AbortSignal): Promise<boolean> {
    if (this.#waiting.size === 0 && this.take(bytes)) return true;
    const entered = new AbortController();
    const waiting = { bytes, enter: () => entered.abort() };
    this.#waiting.add(waiting);
    await this.#clock.sleep(WAIT_FOR_ROOM_MS, AbortSignal.any([signal, entered.signal]));
    this.#waiting.delete(waiting);
    return entered.signal.aborted;
  }

  /** Gives memory back, to those that wait for it. */
  give(bytes: number): void {
    this.#usedBytes -= bytes;
    for (const waiting of this.#waiting) {
      if (!this.take(waiting.bytes)) return;
      this.#waiting.delete(waiting);
      waiting.enter();
    }
  }
}

/** The memory of one body. */
class Room {
  readonly #bodies: RequestBodies;
  #takenBytes = 0;

  constructor(bodies: RequestBodies, readonly declared: number | undefined) {
    this.#bodies = bodies;
  }

  /** Takes what is missing for this number of bytes, and what was declared at once; false when there was none. */
  async holds(bytes: number, signal: AbortSignal): Promise<boolean> {
    const pieces = Math.min(Math.ceil(bytes / PIECE_BYTES) * PIECE_BYTES, this.#bodies.maxBodyBytes);
    const missing = Math.max(bytes, this.declared ?? pieces) - this.#takenBytes;
    if (missing <= 0) return true;
    if (!(await this.#bodies.takeInTurn(missing, signal))) return false;
    this.#takenBytes += missing;
    return true;
  }

  release(): void {
    const bytes = this.#takenBytes;
    this.#takenBytes = 0;
    if (bytes > 0) this.#bodies.give(bytes);
  }
}

/** Calls `onOver` when nothing was heard for the timeout. One timer, whatever the number of chunks. */
class Silence {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #onOver: () => void;
  #heardMs: number;
  #cancel: () => void;
  isOver = false;

  constructor(clock: Clock, timeoutMs: number, onOver: () => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#onOver = onOver;
    this.#heardMs = clock.elapsedMs();
    this.#cancel = clock.after(timeoutMs, () => this.#look());
  }

  heard(): void {
    this.#heardMs = this.#clock.elapsedMs();
  }

  end(): void {
    this.#cancel();
  }

  #look(): void {
    const leftMs = this.#timeoutMs - (this.#clock.elapsedMs() - this.#heardMs);
    if (leftMs > 0) {
      this.#cancel = this.#clock.after(leftMs, () => this.#look());
      return;
    }
    this.isOver = true;
    this.#onOver();
  }
}
