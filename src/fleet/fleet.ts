/**
 * This proxy as a member of a shared pool. Every decision is made at once from the proxy's own pool; what changed follows in
 * the background, and what others found out comes in the same way. What makes a request wait, and for how long at most, is in
 * shared_affinity.ts and first_tries.ts; without the store everything goes on as on one machine alone.
 * @module
 */

import { fingerprint } from "../auth/fingerprint.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { SharedChange } from "../auth/shared_key.ts";
import { sharedLater } from "../auth/wall_time.ts";
import type { Clock } from "../system/clock.ts";
import { counted } from "../values/durations.ts";
import { highest } from "../values/extremes.ts";
import type { Secret } from "../values/secret.ts";
import type { Exchange, ExchangeState } from "./exchange.ts";
import { FirstTries } from "./first_tries.ts";
import { isWorthTelling, knownChange, type KnownKey, readKnownKey, UNKNOWN_KEY } from "./known_key.ts";
import { type Member, NO_MEMBER, readMember } from "./member.ts";
import type { Seal } from "./seal.ts";
import { Shelf } from "./shelf.ts";
import type { SharedAffinity } from "./shared_affinity.ts";
import type { SharedLogins } from "./shared_logins.ts";

/** What a {@link Fleet} works with. */
export interface FleetOptions {
  /** The way to the others. */
  readonly exchange: Exchange;
  /** Names records. */
  readonly seal: Seal;
  /** The logins of the keys, and who renews them. */
  readonly logins: SharedLogins;
  /** Which key sessions and ids belong to. */
  readonly affinity: Pick<SharedAffinity, "listed" | "synced">;
  /** The keys. */
  readonly pool: Pick<KeyPool, "sharing" | "records">;
  /** The clock of the pool. */
  readonly clock: Clock;
  /** Who we are. */
  readonly self: Pick<Member, "id" | "name" | "host" | "version">;
  /** 16 hexadecimal digits that no run of a member had before. */
  readonly runId: string;
  /** A tag for the next record. */
  readonly nextTag: () => string;
}

/** What is to be seen of a shared pool. Times of our own clock. */
export interface FleetFigures {
  readonly state: ExchangeState;
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
/** A member that was not seen for this time is not counted any more. */
const MEMBER_GONE_MS = 90_000;
const MEMBER_KEEP_MS = DAY_MS;
// Longer than the longest window of an account.
const KEY_KEEP_MS = 40 * DAY_MS;

/** Tags for the records of one run: they grow. */
export function tagsOf(runId: string): () => string {
  let count = 0;
  return () => `${runId}.${(++count).toString(36).padStart(8, "0")}`;
}

/** See above. */
export class Fleet implements Disposable {
  readonly #options: FleetOptions;
  readonly #keys: Shelf<KnownKey>;
  readonly #members: Shelf<Member>;
  readonly #names = new WeakMap<Secret, string>();
  /** The keys by their names: the first look at the store brings news of each, perhaps of thousands. */
  #records: ReadonlyMap<string, readonly AuthRecord[]> = new Map();
  readonly #startedMs: number;
  readonly #firstTries: FirstTries;

  /** Nothing happens before {@link start}. */
  constructor(options: FleetOptions) {
    const { nextTag } = options;
    this.#options = options;
    this.#firstTries = new FirstTries(options.clock);
    this.#startedMs = options.clock.nowMs();
    this.#keys = new Shelf({
      kind: "key",
      initial: UNKNOWN_KEY,
      keepMs: KEY_KEEP_MS,
      isPutBack: true,
      isWorth: isWorthTelling,
      read: readKnownKey,
      onNews: (name) => {
        this.#adopt(name);
        this.#firstTries.wake();
      },
      onStored: () => this.#firstTries.wake(),
    }, nextTag);
    this.#members = new Shelf({
      kind: "member",
      initial: NO_MEMBER,
      keepMs: MEMBER_KEEP_MS,
      isPutBack: false,
      isWorth: () => true,
      read: readMember,
      onNews: () => {},
      onStored: () => {},
    }, nextTag);
  }

  /** Connects, and stays so until it is disposed of. */
  start(): void {
    const { pool, exchange, logins, affinity, self, runId } = this.#options;
    pool.sharing.connect({
      changed: (record, change) => this.#change(record, change),
      listed: () => this.#listed(),
      runId,
      isThere: () => exchange.state.kind === "up" && !this.#firstTries.isLate,
      told: (record) => {
        const replica = this.#keys.replica(this.#nameOf(record));
        return this.#firstTries.untilTold(() => replica.untold === 0);
      },
      nextNews: (maxMs) => this.#firstTries.nextNews(maxMs),
    }, self.id);
    this.#listed();
    exchange.start([this.#keys, this.#members, logins.shelf], {
      read: () => this.#sayHello(),
      synced: () => {
        logins.synced(this.twin !== undefined);
        affinity.synced();
      },
      upText: () => counted(this.figures.members.length, "member"),
    });
  }

  /** Resolves when it knows what the others know, or that it cannot. */
  get settled(): Promise<void> {
    return this.#options.exchange.settled;
  }

  /** Leaves the pool. */
  [Symbol.dispose](): void {
    this.#options.exchange[Symbol.dispose]();
  }

  /** How it is doing. */
  get figures(): FleetFigures {
    const { exchange, logins } = this.#options;
    const { state, aheadMs, lagMs, conflicts, unreadable } = exchange;
    const members = this.#seen()
      .filter(({ seenMs }) => this.#isLately(seenMs))
      .map((one) => ({ ...one, startedMs: one.startedMs - aheadMs, seenMs: one.seenMs - aheadMs }));
    return {
      state,
      members: members.sort((a, b) => a.name < b.name ? -1 : 1),
      pending: this.#keys.pending + logins.shelf.pending,
      aheadMs,
      lagMs,
      conflicts,
      unreadable,
    };
  }

  /** The member whose verdict the state of this key rests on; `undefined` for none. */
  finderOf(record: AuthRecord): string | undefined {
    return this.#keys.view(this.#nameOf(record))?.foundBy;
  }

  /** Another machine that has the identity of this one, from a copy of its state folder; `undefined` when none is there. */
  get twin(): Member | undefined {
    const { self: { id, host }, exchange } = this.#options;
    const startedMs = this.#startedMs + exchange.aheadMs;
    return this.#seen().find((other) =>
      other.id === id && other.host !== host && other.seenMs > startedMs && this.#isLately(other.seenMs)
    );
  }

  /** Whether the member of this id is there. */
  isThere(memberId: string): boolean {
    const seenMs = this.lastSeenMs(memberId);
    return seenMs !== undefined && this.#isLately(seenMs);
  }

  /** When the member of this id was there last, by the store's clock; `undefined` when that is more than a day ago. */
  lastSeenMs(memberId: string): number | undefined {
    const times = this.#seen().filter(({ id }) => id === memberId).map(({ seenMs }) => seenMs);
    return times.length === 0 ? undefined : highest(times);
  }

  #isLately(seenMs: number): boolean {
    return this.#options.exchange.storeNowMs - seenMs < MEMBER_GONE_MS;
  }

  #seen(): readonly Member[] {
    return this.#members.names.flatMap((name) => this.#members.view(name) ?? []);
  }

  #nameOf({ token }: AuthRecord): string {
    const known = this.#names.get(token);
    if (known !== undefined) return known;
    const name = this.#options.seal.name("key", fingerprint(token));
    this.#names.set(token, name);
    return name;
  }

  #change(record: AuthRecord, change: SharedChange): void {
    const { self, exchange } = this.#options;
    const name = this.#nameOf(record);
    this.#keys.replica(name).add(knownChange(change, self.name, () => exchange.aheadMs));
    exchange.tell(name, this.#keys);
  }

  #sayHello(): void {
    const { clock, self, pool, seal, runId, exchange } = this.#options;
    const { aheadMs } = exchange;
    const one: Member = {
      ...self,
      startedMs: this.#startedMs + aheadMs,
      seenMs: exchange.storeNowMs,
      keys: pool.records.length,
      aheadMs: aheadMs - clock.wallAheadMs,
    };
    const name = seal.name("member", `${self.name}\0${runId}`);
    this.#members.replica(name).add(() => one);
    exchange.tell(name, this.#members);
  }

  #listed(): void {
    const { pool, affinity } = this.#options;
    affinity.listed(pool.records);
    this.#records = Map.groupBy(pool.records, (record) => this.#nameOf(record));
    for (const name of this.#records.keys()) this.#adopt(name);
  }

  #adopt(name: string): void {
    const { pool, clock, exchange } = this.#options;
    const known = this.#keys.view(name);
    if (!known) return;
    for (const { file } of this.#records.get(name) ?? []) {
      pool.sharing.adopt(file, sharedLater(known, -exchange.aheadMs), clock.nowMs());
    }
  }
}
