// A connection without a socket: what the other side sends, in the parts that one read each brings, and what it got.

import type { ClientWire } from "../../src/system/server_connection.ts";
import { latin1 } from "../../src/values/latin1.ts";

export class FakeWire implements ClientWire {
  /** All that was written, as Latin-1. */
  sent = "";
  /** How many writes there were. */
  writes = 0;
  isClosed = false;
  /** Nothing more is written. */
  isWriteClosed = false;
  /** Let go of each write when it is called; `undefined`: they return at once. */
  held: Promise<void> | undefined;
  readonly #parts: Uint8Array[] = [];
  #hasEnded = false;
  #isBroken = false;
  #areWritesBroken = false;
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

  /** The connection breaks: neither side gets anything more. */
  breakOff(): void {
    this.#isBroken = this.#areWritesBroken = true;
    this.#wake.resolve();
  }

  /** What is written does not arrive any more, which no read notices. */
  breakWrites(): void {
    this.#areWritesBroken = true;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#parts.length === 0 && !this.#hasEnded && !this.isClosed && !this.#isBroken) {
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
    if (this.isClosed) throw new Deno.errors.BadResource("closed");
    if (this.#isBroken) throw new Deno.errors.ConnectionReset("reset");
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
    if (this.#areWritesBroken) throw new Deno.errors.BrokenPipe("broken");
    this.sent += latin1(bytes);
    return bytes.length;
  }

  async closeWrite(): Promise<void> {
    await this.held;
    if (this.isClosed) throw new Deno.errors.BadResource("closed");
    this.isWriteClosed = true;
  }

  close(): void {
    this.isClosed = true;
    this.#wake.resolve();
  }
}
