// A connection without a socket: what the other side sends, in the parts that one read each brings, and what it got.

import type { Wire } from "../../src/system/connect.ts";

export class FakeWire implements Wire {
  /** All that was written. */
  sent = "";
  /** How many writes there were. */
  writes = 0;
  isClosed = false;
  /** Let go of each write when it is called; `undefined`: they return at once. */
  held: Promise<void> | undefined;
  readonly #parts: Uint8Array[] = [];
  #hasEnded = false;
  #wake = Promise.withResolvers<void>();

  constructor(parts: readonly Uint8Array[] = []) {
    this.say(...parts);
  }

  /** How many parts were not read. */
  get unread(): number {
    return this.#parts.length;
  }

  /** The other side sends. */
  say(...parts: readonly Uint8Array[]): void {
    this.#parts.push(...parts.filter((part) => part.length > 0));
    this.#wake.resolve();
  }

  /** The other side sends no more. */
  end(): void {
    this.#hasEnded = true;
    this.#wake.resolve();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#parts.length === 0 && !this.#hasEnded && !this.isClosed) {
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
    if (this.isClosed) throw new Deno.errors.BadResource("closed");
    const part = this.#parts.shift();
    if (!part) return null;
    const count = Math.min(part.length, buffer.length);
    buffer.set(part.subarray(0, count));
    if (count < part.length) this.#parts.unshift(part.subarray(count));
    return count;
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.writes++;
    await this.held;
    if (this.isClosed) throw new Deno.errors.BadResource("closed");
    this.sent += new TextDecoder().decode(bytes);
    return bytes.length;
  }

  close(): void {
    this.isClosed = true;
    this.#wake.resolve();
  }
}
