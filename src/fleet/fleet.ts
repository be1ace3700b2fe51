/**
 * This proxy as a member of a shared pool. Every decision is made at once from the proxy's own pool; what changed follows in
 * the background, and what others found out comes in the same way. Nothing here makes a request wait, and without the store
 * everything goes on as on one machine alone.
 * @module
 */

import { fingerprint } from "../auth/fingerprint.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { SharedChange } from "../auth/shared_key.ts";
import { sharedLater } from "../auth/wall_time.ts";
import type { Publish } from "../observability/event.ts";
import type { Clock } from "../system/clock.ts";
import type { Secret } from "../values/secret.ts";
import { isWorthTelling, knownChange, type KnownKey, readKnownKey, UNKNOWN_KEY } from "./known_key.ts";
import { type Member, NO_MEMBER, readMember } from "./member.ts";
import type { Seal } from "./seal.ts";
import { Shelf } from "./shelf.ts";
import { Telling } from "./telling.ts";
import type { SharedStore, StoredRecord, StoreListener } from "./shared_store.ts";

/** What a {@link Fleet} works with. */
export interface FleetOptions {
  /** Where the members meet. */
  readonly store: SharedStore;
  /** Names and seals records. */
  readonly seal: Seal;
  /** The keys. */
  readonly pool: Pick<KeyPool, "sharing" | "records">;
  /** The clock of the pool. */
  readonly clock: Clock;
  /** Reports that the store was lost or found. */
  readonly publish: Publish;
  /** Who we are. */
  readonly self: Pick<Member, "name" | "version">;
  /** 16 hexadecimal digits that no run of a member had before. */
  readonly runId: string;
}

/** How the store is doing. */
export type FleetState =
  | { readonly kind: "connecting" }
  | { readonly kind: "up"; readonly sinceMs: number }
  /** `reason` is a few words for the user. */
  | { readonly kind: "degraded"; readonly sinceMs: number; readonly reason: string };

/** What is to be seen of a shared pool. Times of our own clock. */
export interface FleetFigures {
  readonly state: FleetState;
  /** Those that have been seen lately, this one included. */
  readonly members: readonly Member[];
  /** Changes that the store does not have yet. */
  readonly pending: number;
  /** How far the store's clock is ahead of ours. */
  readonly aheadMs: number;
  /** How long our last change took until it came back in the feed; `undefined` before the first. */
  readonly lagMs: number | undefined;
  /** How often another member was faster since the start. */
  readonly conflicts: number;
  /** Records that cannot be read: of members with another secret, or damaged. */
  readonly unreadable: number;
}

const DAY_MS = 86_400_000;
const SYNC_MS = 30_000;
const RESYNC_MS = 1000;
/** A member that was not seen for this time is not counted any more. */
const MEMBER_GONE_MS = 90_000;
const MEMBER_KEEP_MS = DAY_MS;
// Longer than the longest window of an account.
const KEY_KEEP_MS = 40 * DAY_MS;

/** See above. */
export class Fleet implements Disposable {
  readonly #options: FleetOptions;
  readonly #keys: Shelf<KnownKey>;
  readonly #members: Shelf<Member>;
  readonly #names = new WeakMap<Secret, string>();
  /** The keys by their names: the first look at the store brings news of each, perhaps of thousands. */
  #records: ReadonlyMap<string, readonly AuthRecord[]> = new Map();
  readonly #telling: Telling;
  readonly #startedMs: number;
  readonly #isOver = new AbortController();
  readonly #settled = Promise.withResolvers<void>();
  #watch: Disposable | undefined;
  #state: FleetState = { kind: "connecting" };
  #isSyncing = false;
  #syncedMs = 0;
  #count = 0;
  #aheadMs = 0;
  #unreadable = 0;

  /** Nothing happens before {@link start}. */
  constructor(options: FleetOptions) {
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
    this.#telling = new Telling(options);
    const nextTag = () => `${options.runId}.${(++this.#count).toString(36).padStart(8, "0")}`;
    this.#keys = new Shelf({
      kind: "key",
      initial: UNKNOWN_KEY,
      keepMs: KEY_KEEP_MS,
      isWorth: isWorthTelling,
      read: readKnownKey,
      onNews: (name) => this.#adopt(name),
    }, nextTag);
    this.#members = new Shelf({
      kind: "member",
      initial: NO_MEMBER,
      keepMs: MEMBER_KEEP_MS,
      isWorth: () => true,
      read: readMember,
      onNews: () => {},
    }, nextTag);
  }

  /** Connects, and stays so until it is disposed of. */
  start(): void {
    const { pool, store } = this.#options;
    pool.sharing.connect({
      changed: (record, change) => this.#change(record, change),
      listed: () => this.#listed(),
    });
    this.#listed();
    const listener: StoreListener = {
      up: () => {
        this.#telling.isConnected = true;
        void this.#sync();
      },
      down: (reason) => this.#down(reason),
      told: (name, record) => this.#told(name, record),
      clock: (aheadMs) => this.#aheadMs = aheadMs,
    };
    this.#watch = store.watch(listener);
    void this.#syncOn();
  }

  /** Resolves when it knows what the others know, or that it cannot. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Leaves the pool. */
  [Symbol.dispose](): void {
    this.#isOver.abort();
    this.#telling.isConnected = false;
    this.#watch?.[Symbol.dispose]();
  }

  /** How it is doing. */
  get figures(): FleetFigures {
    const nowMs = this.#options.clock.nowMs() + this.#aheadMs;
    const members = this.#members.names.flatMap((name) => this.#members.view(name) ?? [])
      .filter(({ seenMs }) => nowMs - seenMs < MEMBER_GONE_MS)
      .map((one) => ({
        ...one,
        startedMs: one.startedMs - this.#aheadMs,
        seenMs: one.seenMs - this.#aheadMs,
      }));
    return {
      state: this.#state,
      members: members.sort((a, b) => a.name < b.name ? -1 : 1),
      pending: this.#keys.pending,
      aheadMs: this.#aheadMs,
      lagMs: this.#telling.lagMs,
      conflicts: this.#telling.conflicts,
      unreadable: this.#unreadable,
    };
  }

  /** The member whose verdict the state of this key rests on; `undefined` for none. */
  finderOf(record: AuthRecord): string | undefined {
    return this.#keys.view(this.#nameOf(record))?.foundBy;
  }

  #nameOf({ token }: AuthRecord): string {
    const known = this.#names.get(token);
    if (known !== undefined) return known;
    const name = this.#options.seal.name("key", fingerprint(token));
    this.#names.set(token, name);
    return name;
  }

  #change(record: AuthRecord, change: SharedChange): void {
    const name = this.#nameOf(record);
    this.#keys.replica(name).add(knownChange(change, this.#options.self.name, () => this.#aheadMs));
    this.#telling.tell(name, this.#keys);
  }

  #told(name: string, record: StoredRecord): void {
    const { clock } = this.#options;
    this.#telling.noteEcho(record.tag);
    for (const shelf of [this.#keys, this.#members] as readonly Shelf<unknown>[]) {
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
      this.#sayHello();
      if (await this.#telling.tellAll() && this.#telling.isConnected) this.#up();
    } catch {
      // The store says why.
    } finally {
      this.#isSyncing = false;
    }
  }

  #compare(stored: ReadonlyMap<string, StoredRecord>): void {
    const shelves = [this.#keys, this.#members] as readonly Shelf<unknown>[];
    let unreadable = 0;
    for (const [name, record] of stored) {
      const isRead = shelves.some((shelf) => {
        const opened = this.#telling.open(shelf, name, record);
        if (opened && shelf.replica(name).compareWith(opened)) shelf.news(name);
        return opened !== undefined;
      });
      if (!isRead) unreadable++;
    }
    this.#unreadable = unreadable;
    for (const name of this.#keys.names) {
      if (!stored.has(name)) this.#keys.replica(name).compareWith(undefined);
      this.#telling.tell(name, this.#keys);
    }
  }

  #sayHello(): void {
    const { clock, self, pool, seal, runId } = this.#options;
    const ahead = this.#aheadMs;
    const one: Member = {
      ...self,
      startedMs: this.#startedMs + ahead,
      seenMs: clock.nowMs() + ahead,
      keys: pool.records.length,
      aheadMs: ahead - clock.wallAheadMs,
    };
    const name = seal.name("member", `${self.name}\0${runId}`);
    this.#members.replica(name).add(() => one);
    this.#telling.tell(name, this.#members);
  }

  #listed(): void {
    this.#records = Map.groupBy(this.#options.pool.records, (record) => this.#nameOf(record));
    for (const name of this.#records.keys()) this.#adopt(name);
  }

  #adopt(name: string): void {
    const { pool, clock } = this.#options;
    const known = this.#keys.view(name);
    if (!known) return;
    for (const { file } of this.#records.get(name) ?? []) {
      pool.sharing.adopt(file, sharedLater(known, -this.#aheadMs), clock.nowMs());
    }
  }

  #up(): void {
    this.#settled.resolve();
    if (this.#state.kind === "up") return;
    const { clock, publish } = this.#options;
    const atMs = clock.nowMs();
    this.#state = { kind: "up", sinceMs: atMs };
    const message = `the shared pool is there: ${this.figures.members.length} members`;
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
