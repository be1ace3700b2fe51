/**
 * Keeps what a member knows and what the store has alike: tells changes, takes what others put, reads everything again after
 * each connection and every half minute, and puts back what the store has lost. What the records are about is known to
 * their shelves alone.
 * @module
 */

import type { Publish } from "../observability/event.ts";
import type { Clock } from "../system/clock.ts";
import type { Seal } from "./seal.ts";
import type { SharedStore, StoredRecord, StoreListener } from "./shared_store.ts";
import type { AnyShelf } from "./shelf.ts";
import { Telling } from "./telling.ts";

/** What an {@link Exchange} works with. */
export interface ExchangeOptions {
  /** Where the members meet. */
  readonly store: SharedStore;
  /** Names and seals records. */
  readonly seal: Seal;
  /** The clock of the pool. */
  readonly clock: Clock;
  /** Reports that the store was lost or found. */
  readonly publish: Publish;
}

/** How the store is doing. */
export type ExchangeState =
  | { readonly kind: "connecting" }
  | { readonly kind: "up"; readonly sinceMs: number }
  /** `reason` is a few words for the user. */
  | { readonly kind: "degraded"; readonly sinceMs: number; readonly reason: string };

/** What happens on an {@link Exchange}. */
export interface ExchangeListener {
  /** Everything was read, and is about to be told. */
  readonly read: () => void;
  /** What everybody knows is known here, and what is known here was told. */
  readonly synced: () => void;
  /** What to add to the report that the store is there. */
  readonly upText: () => string;
}

const SYNC_MS = 30_000;
const RESYNC_MS = 1000;

/** See above. */
export class Exchange implements Disposable {
  readonly #options: ExchangeOptions;
  readonly #telling: Telling;
  readonly #isOver = new AbortController();
  readonly #settled = Promise.withResolvers<void>();
  #shelves: readonly AnyShelf[] = [];
  #listener: ExchangeListener | undefined;
  #watch: Disposable | undefined;
  #state: ExchangeState = { kind: "connecting" };
  #isSyncing = false;
  #syncedMs = 0;
  #aheadMs = 0;
  #unreadable = 0;

  /** Nothing happens before {@link start}. */
  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#telling = new Telling(options);
  }

  /** Connects, and stays so until it is disposed of. */
  start(shelves: readonly AnyShelf[], listener: ExchangeListener): void {
    this.#shelves = shelves;
    this.#listener = listener;
    const storeListener: StoreListener = {
      up: () => {
        this.#telling.isConnected = true;
        void this.#sync();
      },
      down: (reason) => this.#down(reason),
      told: (name, record) => this.#told(name, record),
      clock: (aheadMs) => this.#aheadMs = aheadMs,
    };
    this.#watch = this.#options.store.watch(storeListener);
    void this.#syncOn();
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#isOver.abort();
    this.#telling.isConnected = false;
    this.#watch?.[Symbol.dispose]();
  }

  /** Resolves when it knows what the others know, or that it cannot. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** How the store is doing. */
  get state(): ExchangeState {
    return this.#state;
  }

  /** How far the store's clock is ahead of ours. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** What the store's clock shows. */
  get storeNowMs(): number {
    return this.#options.clock.nowMs() + this.#aheadMs;
  }

  /** How long our last change took until it came back in the feed; `undefined` before the first. */
  get lagMs(): number | undefined {
    return this.#telling.lagMs;
  }

  /** How often another member was faster. */
  get conflicts(): number {
    return this.#telling.conflicts;
  }

  /** Records that cannot be read: of members with another secret, or damaged. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** There may be something to tell about this name. */
  tell(name: string, shelf: AnyShelf): void {
    this.#telling.tell(name, shelf);
  }

  #told(name: string, record: StoredRecord): void {
    const { clock } = this.#options;
    this.#telling.noteEcho(record.tag);
    for (const shelf of this.#shelves) {
      const opened = this.#telling.open(shelf, name, record);
      if (!opened) continue;
      const replica = shelf.replica(name);
      // Either it is late, or the store has lost what it had.
      const isOlder = (replica.known?.version ?? 0) > record.version;
      if (replica.learn(opened)) shelf.news(name);
      else if (isOlder && clock.elapsedMs() - this.#syncedMs >= RESYNC_MS) void this.#sync();
    }
  }

  async #syncOn(): Promise<void> {
    const { signal } = this.#isOver;
    for (;;) {
      await this.#options.clock.sleep(SYNC_MS, signal);
      if (signal.aborted) return;
      if (this.#telling.isConnected) await this.#sync();
    }
  }

  /** Reads everything, puts back what the store has not, and tells that we are there. */
  async #sync(): Promise<void> {
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    this.#syncedMs = this.#options.clock.elapsedMs();
    try {
      this.#compare(await this.#options.store.all());
      this.#listener?.read();
      if (await this.#telling.tellAll() && this.#telling.isConnected) this.#up();
    } catch {
      // The store says why.
    } finally {
      this.#isSyncing = false;
    }
  }

  #compare(stored: ReadonlyMap<string, StoredRecord>): void {
    let unreadable = 0;
    for (const [name, record] of stored) {
      const isRead = this.#shelves.some((shelf) => {
        const opened = this.#telling.open(shelf, name, record);
        if (opened && shelf.replica(name).compareWith(opened)) shelf.news(name);
        return opened !== undefined;
      });
      if (!isRead) unreadable++;
    }
    this.#unreadable = unreadable;
    for (const shelf of this.#shelves.filter(({ isPutBack }) => isPutBack)) {
      for (const name of shelf.names) {
        if (!stored.has(name)) shelf.replica(name).compareWith(undefined);
        this.tell(name, shelf);
      }
    }
  }

  #up(): void {
    this.#listener?.synced();
    this.#settled.resolve();
    if (this.#state.kind === "up") return;
    const { clock, publish } = this.#options;
    const atMs = clock.nowMs();
    this.#state = { kind: "up", sinceMs: atMs };
    const message = `the shared pool is there: ${this.#listener?.upText()}`;
    publish({ atMs, level: "info", event: "shared.up", message, fields: {} });
  }

  #down(reason: string): void {
    this.#settled.resolve();
    this.#telling.isConnected = false;
    if (this.#state.kind === "degraded") return void (this.#state = { ...this.#state, reason });
    const { clock, publish } = this.#options;
    const atMs = clock.nowMs();
    this.#state = { kind: "degraded", sinceMs: atMs, reason };
    const message = `the shared pool cannot be reached, this proxy acts alone: ${reason}`;
    publish({ atMs, level: "warning", event: "shared.down", message, fields: { reason } });
  }
}
