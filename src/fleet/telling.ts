/**
 * Brings what this member knows to the store: after the request that it is about has gone on its way, one record of a name at
 * a time, and again after each conflict.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import { inBatches } from "../values/batches.ts";
import type { SharedRecord } from "./replica.ts";
import type { Seal } from "./seal.ts";
import type { SharedStore, StoredRecord } from "./shared_store.ts";
import type { AnyShelf, Shelf } from "./shelf.ts";

/** What a {@link Telling} works with. */
export interface TellingOptions {
  /** Where it goes. */
  readonly store: Pick<SharedStore, "put">;
  /** Seals records. */
  readonly seal: Seal;
  /** Measures the times. */
  readonly clock: Clock;
}

/** See above. */
export class Telling {
  /** Whether the store can be used. Until then everything waits. */
  isConnected = false;
  readonly #options: TellingOptions;
  readonly #waiting = new Map<string, AnyShelf>();
  readonly #putMs = new Map<string, number>();
  #isScheduled = false;
  #lagMs: number | undefined;
  #conflicts = 0;

  /** Nothing is to be told yet. */
  constructor(options: TellingOptions) {
    this.#options = options;
  }

  /** How long our last change took until it came back; `undefined` before the first. */
  get lagMs(): number | undefined {
    return this.#lagMs;
  }

  /** How often another member was faster. */
  get conflicts(): number {
    return this.#conflicts;
  }

  /** There may be something to tell about this name. */
  tell(name: string, shelf: AnyShelf): void {
    this.#waiting.set(name, shelf);
    if (this.#isScheduled || !this.isConnected) return;
    this.#isScheduled = true;
    this.#options.clock.after(0, () => {
      this.#isScheduled = false;
      void this.tellAll();
    });
  }

  /** Tells all that waits. Resolves with whether the store has it now. */
  async tellAll(): Promise<boolean> {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    // A store that was wiped gets thousands back: what other members tell has to come in between.
    const told = await inBatches(waiting, ([name, shelf]) => this.#tellOne(name, shelf));
    return told.every((isTold) => isTold);
  }

  async #tellOne(name: string, shelf: AnyShelf): Promise<boolean> {
    const { store, seal, clock } = this.#options;
    const replica = shelf.replica(name);
    for (let record = replica.nextPut(); record; record = replica.nextPut()) {
      const { version, tag } = record;
      const text = seal.seal(shelf.text(record), { name, version, tag });
      this.#putMs.set(tag, clock.elapsedMs());
      try {
        const found = await store.put(name, { version, tag, keepMs: shelf.keepMs, text });
        if (!found) {
          replica.stored();
          shelf.stored(name);
        } else if (!this.#takeConflict(shelf, name, found)) return true;
      } catch {
        replica.failed();
        this.#waiting.set(name, shelf);
        return false;
      }
    }
    return true;
  }

  /** Returns whether the other record can be read: else there is nothing that we could put on top of it. */
  #takeConflict(shelf: AnyShelf, name: string, found: StoredRecord): boolean {
    const opened = this.open(shelf, name, found);
    const replica = shelf.replica(name);
    if (!opened) {
      replica.failed();
      return false;
    }
    this.#conflicts++;
    if (replica.conflict(opened)) shelf.news(name);
    return true;
  }

  /** The record, if it is of this kind and its text can be opened. */
  open<Value>(shelf: Shelf<Value>, name: string, stored: StoredRecord): SharedRecord<Value> | undefined {
    const { version, tag, text } = stored;
    const opened = this.#options.seal.open(text, { name, version, tag });
    return opened === undefined ? undefined : shelf.read(opened, { version, tag });
  }

  /** A record of this tag came back in the feed. */
  noteEcho(tag: string): void {
    const sinceMs = this.#putMs.get(tag);
    if (sinceMs === undefined) return;
    this.#lagMs = this.#options.clock.elapsedMs() - sinceMs;
    this.#putMs.clear();
  }
}
