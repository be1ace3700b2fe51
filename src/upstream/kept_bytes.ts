/**
 * The first bytes of a name or text that goes by in pieces. It begins small: V8 keeps an array of up to 64 bytes on its own heap, and a larger one
 * costs ten times as much to make.
 * @module
 */

const FIRST_BYTES = 64;
// Up to here a loop is quicker than a call.
const SHORT_BYTES = 64;
const DECODER = new TextDecoder();

/** Bytes up to a maximum. */
export class KeptBytes {
  readonly #maxBytes: number;
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;

  /** What is beyond `maxBytes` is cut off. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many are kept. */
  get length(): number {
    return this.#length;
  }

  /** As UTF-8; a character that was cut is replaced. */
  get text(): string {
    if (this.#length > SHORT_BYTES) return this.#decoded();
    let text = "";
    for (let at = 0; at < this.#length; at++) {
      const byte = this.#bytes[at]!;
      if (byte >= 0x80) return this.#decoded();
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** Adds the bytes from `from` up to `end`, as many as there is room for. */
  add(bytes: Uint8Array, from: number, end: number): void {
    const count = Math.min(end - from, this.#maxBytes - this.#length);
    if (this.#length + count > this.#bytes.length) this.#grow();
    if (count > SHORT_BYTES) this.#bytes.set(bytes.subarray(from, from + count), this.#length);
    else for (let at = 0; at < count; at++) this.#bytes[this.#length + at] = bytes[from + at]!;
    this.#length += count;
  }

  /** Begins another name or text. */
  clear(): void {
    this.#length = 0;
  }

  /** Whether these are the kept bytes. */
  equals(bytes: Uint8Array): boolean {
    if (bytes.length !== this.#length) return false;
    for (let at = 0; at < this.#length; at++) if (bytes[at] !== this.#bytes[at]) return false;
    return true;
  }

  /** A copy. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #decoded(): string {
    return DECODER.decode(this.#bytes.subarray(0, this.#length));
  }

  #grow(): void {
    const larger = new Uint8Array(this.#maxBytes);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
