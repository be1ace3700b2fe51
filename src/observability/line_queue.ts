/**
 * Lines of a log that wait to be written, as the bytes that they will be. As texts they would outlive several collections of
 * garbage, each of which copies them.
 * @module
 */

import { free } from "../values/bytes.ts";

const FIRST_BYTES = 4096;
// Of one UTF-16 code unit in UTF-8.
const MAX_BYTES_PER_CHAR = 3;

const NEWLINE = "\n".charCodeAt(0);
const ENCODER = new TextEncoder();

/** Lines in their order. */
export class LineQueue {
  #memory = new Uint8Array(FIRST_BYTES);
  /** Where each line ends. */
  #ends: number[] = [];

  /** The number of lines. */
  get count(): number {
    return this.#ends.length;
  }

  /** How long they are together, with their ends. */
  get sizeBytes(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** Adds a line, given without its end. */
  add(line: string): void {
    const from = this.sizeBytes;
    this.#reserve(from + line.length + 1);
    let { read, written } = ENCODER.encodeInto(line, this.#memory.subarray(from));
    if (read < line.length || from + written === this.#memory.length) {
      this.#reserve(from + MAX_BYTES_PER_CHAR * line.length + 1);
      ({ written } = ENCODER.encodeInto(line, this.#memory.subarray(from)));
    }
    this.#memory[from + written] = NEWLINE;
    this.#ends.push(from + written + 1);
  }

  /** Adds the lines of another queue from the one with this index on. */
  addFrom(others: LineQueue, first: number): void {
    const shift = this.sizeBytes - others.#startOf(first);
    this.#reserve(shift + others.sizeBytes);
    this.#memory.set(others.bytes(first, others.count), this.sizeBytes);
    for (const end of others.#ends.slice(first)) this.#ends.push(shift + end);
  }

  /** How many lines from the one with this index on take no more than `roomBytes` together. */
  countFitting(first: number, roomBytes: number): number {
    const limit = this.#startOf(first) + roomBytes;
    if (this.sizeBytes <= limit) return this.count - first;
    let next = first;
    while (next < this.count && this.#ends[next]! <= limit) next++;
    return next - first;
  }

  /** The lines with an index from `first` to before `end`; only until the queue is changed. */
  bytes(first: number, end: number): Uint8Array<ArrayBuffer> {
    return this.#memory.subarray(this.#startOf(first), this.#startOf(end));
  }

  /** Takes all lines out. Memory that a burst needed is given back when hardly any of it was used this time. */
  clear(): void {
    const isSpare = this.sizeBytes < this.#memory.length / 8;
    this.#ends = [];
    if (isSpare && this.#memory.length > FIRST_BYTES) this.#move(FIRST_BYTES);
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  #reserve(bytes: number): void {
    if (bytes > this.#memory.length) this.#move(Math.max(bytes, 2 * this.#memory.length));
  }

  #move(bytes: number): void {
    const before = this.#memory;
    this.#memory = new Uint8Array(bytes);
    this.#memory.set(before.subarray(0, this.sizeBytes));
    free(before);
  }
}
