/**
 * A name in a stream of bytes that is usually the same as the one before: its text is kept, so that reading it again costs a comparison.
 * @module
 */

/** A short name that is read piece by piece. */
export class RepeatedName {
  readonly #bytes: Uint8Array;
  #length = 0;
  #known = new Uint8Array(0);
  #text = "";

  /** What is beyond `maxBytes` is cut off. */
  constructor(maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes);
  }

  /** Whether nothing has been read. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Without blanks around it. */
  get text(): string {
    if (!this.#isKnown()) {
      this.#known = this.#bytes.slice(0, this.#length);
      this.#text = new TextDecoder().decode(this.#known).trim();
    }
    return this.#text;
  }

  /** Takes the bytes from `from` up to `end`. */
  add(bytes: Uint8Array, from: number, end: number): void {
    for (let at = from; at < end && this.#length < this.#bytes.length; at++) {
      this.#bytes[this.#length++] = bytes[at]!;
    }
  }

  /** Begins another name. */
  clear(): void {
    this.#length = 0;
  }

  #isKnown(): boolean {
    if (this.#known.length !== this.#length) return false;
    for (let at = 0; at < this.#length; at++) if (this.#known[at] !== this.#bytes[at]) return false;
    return true;
  }
}
