/**
 * What comes in on a connection, in memory of which pieces are given out and not copied. A read may go on while nobody asks
 * for more, so that the end of the connection is noticed at once.
 * @module
 */

import type { Wire } from "./wire.ts";

// For what comes faster than it is taken.
const MAX_BYTES = 64 * 1024;
// With less room than this, a read begins a new buffer.
const MIN_ROOM_BYTES = 2048;

/** The incoming side of a connection. */
export class Inflow {
  readonly #wire: Wire;
  readonly #firstBytes: number;
  /** In use, unless something comes faster than it is taken. */
  #own: Uint8Array<ArrayBuffer>;
  #bytes: Uint8Array<ArrayBuffer>;
  /** What is before this in the own memory was left, and may still be needed. */
  #left = 0;
  #from = 0;
  #to = 0;
  #isFast = false;
  /** A read that was begun while nothing was asked. */
  #pending: Promise<number | null> | undefined;

  /** Does not read yet. Its memory has `firstBytes` at first, and again after each {@link rest}. */
  constructor(wire: Wire, firstBytes: number) {
    this.#wire = wire;
    this.#firstBytes = firstBytes;
    this.#own = this.#bytes = new Uint8Array(firstBytes);
  }

  /** What has come is in here, from {@link from} to {@link to}. It stays as it is once it was taken. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Where begins what has come and was not taken. */
  get from(): number {
    return this.#from;
  }

  /** Where it ends. */
  get to(): number {
    return this.#to;
  }

  /** Nothing is here that was not taken. */
  get isEmpty(): boolean {
    return this.#from === this.#to;
  }

  /** What is taken now stays as it is after {@link leave} too: its memory is not handed over. */
  get isLasting(): boolean {
    return this.#bytes === this.#own;
  }

  /** Takes what is before `end`. */
  take(end: number): void {
    this.#from = end;
  }

  /** How many bytes come next, for {@link note}; null: none, the connection has ended. Rejects when it breaks. */
  next(): Promise<number | null> {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending ?? this.#wire.read(this.#room());
  }

  /** Adds what {@link next} resolved with; whether more has come, else the connection has ended. */
  note(count: number | null): boolean {
    if (count === null) return false;
    this.#to += count;
    this.#isFast = count >= this.#firstBytes / 2 && this.#to === this.#bytes.length;
    return true;
  }

  /** Begins the next read, which {@link next} then gives. */
  readAhead(): Promise<number | null> {
    return this.#pending ??= this.#wire.read(this.#room());
  }

  /**
   * Reads into `memory` what comes next, past the own one where nothing waits in that. How many bytes; null: none, the
   * connection has ended. Rejects when it breaks.
   */
  async readInto(memory: Uint8Array): Promise<number | null> {
    if (this.isEmpty && !this.#pending) return await this.#wire.read(memory);
    if (this.isEmpty && !this.note(await this.next())) return null;
    const end = Math.min(this.#to, this.#from + memory.length);
    memory.set(this.#bytes.subarray(this.#from, end));
    const count = end - this.#from;
    this.#from = end;
    return count;
  }

  /** Nobody needs what was taken since {@link leave} any more: its memory may be written again. */
  reuse(): void {
    if (!this.isEmpty || this.#pending) return;
    if (this.#isFast && this.#bytes.length < MAX_BYTES) this.#bytes = new Uint8Array(MAX_BYTES);
    this.#from = this.#to = this.#bytes === this.#own ? this.#left : 0;
  }

  /**
   * Something else comes next. What was taken may still be needed: memory that only this needs is handed over, to be given
   * back.
   */
  leave(): Uint8Array<ArrayBuffer> | undefined {
    if (!this.isEmpty || this.#pending) return undefined;
    const left = this.#bytes;
    if (left === this.#own) {
      this.#left = this.#to;
      return undefined;
    }
    this.#bytes = this.#own;
    this.#from = this.#to = this.#left;
    return left;
  }

  /** Nothing is under way: memory that had to grow is let go. */
  rest(): void {
    if (this.isEmpty && this.#own.length > this.#firstBytes && !this.#pending) this.#renew(this.#firstBytes);
  }

  /** Where the next read goes: a head stays together, a body does not have to. */
  #room(): Uint8Array<ArrayBuffer> {
    const roomBytes = this.#bytes.length - this.#to;
    if (this.isEmpty && roomBytes < MIN_ROOM_BYTES) this.#renew(this.#firstBytes);
    else if (roomBytes === 0) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#own = this.#bytes = larger;
    }
    return this.#bytes.subarray(this.#to);
  }

  #renew(bytes: number): void {
    this.#own = this.#bytes = new Uint8Array(bytes);
    this.#left = this.#from = this.#to = 0;
  }
}
