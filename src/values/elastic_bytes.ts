/**
 * Memory in one piece. Where much may come, it grows and shrinks in its place: nothing is copied when there is more to
 * come, and what is not needed any more is given back to the system piece by piece, without waiting for a garbage
 * collection. While it shrinks, what still reads it must hold a copy: the system kills a program that reads memory which it
 * gave back.
 * @module
 */

const STEP_BYTES = 256 * 1024;
// Less is left to the garbage collection, and is there again for the next body: memory that was given back is new each time,
// and an upload of 5 MB took 50 ms of CPU time instead of 15 on a virtual machine.
const FIXED_MAX_BYTES = 16 * 2 ** 20;

/** Bytes that are gathered. */
export class ElasticBytes {
  readonly #maxBytes: number;
  #memory: ArrayBuffer | undefined;
  #length = 0;

  /** Takes no memory before the first chunk, and has room for `maxBytes`. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** All that was added, where it is: it must not be handed to the system, which may read it later. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory ?? new ArrayBuffer(0), 0, this.#length);
  }

  /** Copies a chunk to the end. @throws RangeError when there is no room for it */
  add(chunk: Uint8Array): void {
    const memory = this.#memory ??= memoryFor(this.#maxBytes);
    const length = this.#length + chunk.length;
    if (memory.resizable && length > memory.byteLength) {
      memory.resize(Math.max(length, Math.min(memory.byteLength + STEP_BYTES, this.#maxBytes)));
    }
    new Uint8Array(memory, this.#length, chunk.length).set(chunk);
    this.#length = length;
  }

  /** Gives back one piece, the last first; what {@link bytes} gave has no byte then. False when nothing is left. */
  shrink(): boolean {
    this.#length = 0;
    const memory = this.#memory;
    if (!memory?.resizable) {
      this.#memory = undefined;
      return false;
    }
    const left = Math.max(0, memory.byteLength - STEP_BYTES);
    memory.resize(left);
    return left > 0;
  }
}

function memoryFor(maxBytes: number): ArrayBuffer {
  const isFixed = maxBytes <= FIXED_MAX_BYTES;
  return isFixed ? new ArrayBuffer(maxBytes) : new ArrayBuffer(0, { maxByteLength: maxBytes });
}
