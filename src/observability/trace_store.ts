/**
 * The newest attempts, for `GET /trace` and the live view. Ids count up without gaps, so an id also tells the slot of
 * its row, and no row is ever moved.
 * @module
 */

import type { TraceRow } from "../api/trace.ts";
import type { ProxyEvent } from "./event.ts";
import { Waiters } from "./waiters.ts";

/** A ring of attempts. */
export class TraceStore {
  readonly #maxRows: number;
  readonly #slots: ProxyEvent<"proxy.request">[] = [];
  readonly #waiters = new Waiters();
  #lastId = 0;

  /** Keeps the newest `maxRows` attempts; 0 keeps none. */
  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  /** Keeps a `proxy.request` event and ignores all others. */
  add(event: ProxyEvent): void {
    if (event.event !== "proxy.request" || this.#maxRows < 1) return;
    this.#slots[this.#lastId++ % this.#maxRows] = event;
    this.#waiters.wake();
  }

  /** The newest rows, at most `limit`, oldest first. */
  newest(limit: number): readonly TraceRow[] {
    return this.after(this.#lastId - limit);
  }

  /** The rows with a greater id that are still held, oldest first. */
  after(id: number): readonly TraceRow[] {
    const rows: TraceRow[] = [];
    for (let next = Math.max(id, this.#lastId - this.#slots.length) + 1; next <= this.#lastId; next++) {
      const { atMs, fields } = this.#slots[(next - 1) % this.#maxRows]!;
      rows.push({ id: next, ts: atMs / 1000, ...fields });
    }
    return rows;
  }

  /**
   * Resolves when the row with this id is not the newest one, or when `signal` aborts. An id that has not been given
   * yet is from an earlier run of the proxy, so it resolves at once.
   */
  async untilNewer(id: number, signal: AbortSignal): Promise<void> {
    if (id === this.#lastId) await this.#waiters.next(signal);
  }
}
