/**
 * A name in a stream of bytes that is usually the same as the one before: its text is kept, so that reading it again costs a comparison.
 * @module
 */

import { KeptBytes } from "./kept_bytes.ts";

/** A short name that is read piece by piece. */
export class RepeatedName {
  readonly #bytes: KeptBytes;
  #known = new Uint8Array(0);
  #text = "";

  /** What is beyond `maxBytes` is cut off. */
  constructor(maxBytes: number) {
    this.#bytes = new KeptBytes(maxBytes);
  }

  /** Whether nothing has been read. */
  get isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  /** Without blanks around it. */
  get text(): string {
    if (!this.#bytes.equals(this.#known)) {
      this.#known = this.#bytes.copy();
      this.#text = this.#bytes.text.trim();
    }
    return this.#text;
  }

  /** Takes the bytes from `from` up to `end`. */
  add(bytes: Uint8Array, from: number, end: number): void {
    this.#bytes.add(bytes, from, end);
  }

  /** Begins another name. */
  clear(): void {
    this.#bytes.clear();
  }
}
