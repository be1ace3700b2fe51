/**
 * The first bytes of a name or text that goes by in pieces. What comes in one piece is read where it is. Else it begins small: V8 keeps an array of
 * up to 64 bytes on its own heap, and a larger one costs ten times as much to make.
 * @module
 */

const FIRST_BYTES = 64;
// Up to here a loop is quicker than a call.
const SHORT_BYTES = 64;
const DECODER = new TextDecoder();
const NONE = new Uint8Array(0);

/** Bytes up to a maximum. */
export class KeptBytes {
  readonly #maxBytes: number;
  #bytes = NONE;
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
    return textOf(this.#bytes, 0, this.#length);
  }

  /** The text that ends with the bytes from `from` up to `end`, as {@link text} would be. Begins another one. */
  textWith(bytes: Uint8Array, from: number, end: number): string {
    if (this.#length === 0) return textOf(bytes, from, Math.min(end, from + this.#maxBytes));
    this.add(bytes, from, end);
    const { text } = this;
    this.clear();
    return text;
  }

  /** Adds the bytes from `from` up to `end`, as many as there is room for. */
  add(bytes: Uint8Array, from: number, end: number): void {
    const count = Math.min(end - from, this.#maxBytes - this.#length);
    if (this.#length + count > this.#bytes.length) this.#grow(this.#length + count);
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

  #grow(count: number): void {
    const larger = new Uint8Array(count <= FIRST_BYTES ? FIRST_BYTES : this.#maxBytes);
    for (let at = 0; at < this.#length; at++) larger[at] = this.#bytes[at]!;
    this.#bytes = larger;
  }
}

function textOf(bytes: Uint8Array, from: number, end: number): string {
  if (end - from > SHORT_BYTES) return DECODER.decode(bytes.subarray(from, end));
  let text = "";
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) return DECODER.decode(bytes.subarray(from, end));
    text += String.fromCharCode(byte);
  }
  return text;
}
