/**
 * Where the members of a shared pool keep what they know together, as a port: one register per name, of which the latest
 * record counts, and a feed of what others put there.
 * @module
 */

/** A record as it is stored. Its text is sealed: nobody without the pool's secret can read or forge it. */
export interface StoredRecord {
  /** One more than that of the record that it replaces. */
  readonly version: number;
  /** Who wrote it, and a number that grows with each record of theirs: unique. */
  readonly tag: string;
  /** How long it is worth keeping after it was stored. */
  readonly keepMs: number;
  /** Sealed. */
  readonly text: string;
}

/** What a {@link SharedStore} calls. None of it may throw. */
export interface StoreListener {
  /** It can be used from now on, and nothing of the feed is lost until {@link down}. Records put before are only in `all()`. */
  up(): void;
  /** It cannot be used. Called with the first failure and with each later try; `reason` is a few words for the user. */
  down(reason: string): void;
  /** Somebody, perhaps this member, has put a record. */
  told(name: string, record: StoredRecord): void;
  /** How far the store's clock is ahead of our own, measured again every now and then. */
  clock(aheadMs: number): void;
}

/** A failure that makes the store unusable for now. Its message is a few words for the user. */
export class StoreDown extends Error {}

/** The store. Every call answers or fails within seconds. */
export interface SharedStore {
  /** Stores the record unless one of its version or a later one is there: then resolves with that one. @throws {@link StoreDown} */
  put(name: string, record: StoredRecord): Promise<StoredRecord | undefined>;
  /** All records that are still worth keeping. @throws {@link StoreDown} */
  all(): Promise<ReadonlyMap<string, StoredRecord>>;
  /** Connects, and again after each failure, until it is disposed of. */
  watch(listener: StoreListener): Disposable;
}

/** Something short that only who asks for it by name gets to know. */
export interface StoredNote {
  /** By which it is found. */
  readonly name: string;
  /** After this time it is gone. */
  readonly keepMs: number;
  /** Sealed. */
  readonly text: string;
}

/** Counters of one who counts, for a day. */
export interface StoredCounters {
  /** By which those that were kept before are replaced. */
  readonly name: string;
  /** Sealed. */
  readonly text: string;
}

/** What a day may hold: more than this, a broken member would write. */
export const MAX_COUNTERS_OF_DAY = 4096;

/** Counters beside the records: who wants to know asks for all of a day. A failure says nothing about the records. */
export interface CounterStore {
  /** Keeps counters of a day, all of which are gone `keepMs` after the last. What a full day does not take is left out. @throws {@link StoreDown} */
  keepCounters(day: string, counters: readonly StoredCounters[], keepMs: number): Promise<void>;
  /** Those of these days, in their order. @throws {@link StoreDown} */
  countersOf(days: readonly string[]): Promise<readonly (readonly StoredCounters[])[]>;
}

/** How many new notes a day takes. With those that are kept for 30 days, some 600 MB at most. */
export const MAX_NEW_NOTES_OF_DAY = 50_000;

/** Notes beside the records: they are in no feed, and `all()` does not know them. A failure says nothing about the records. */
export interface NoteStore {
  /** Keeps notes, each in the place of an earlier one. New ones that a full day does not take are left out. @throws {@link StoreDown} */
  keep(notes: readonly StoredNote[]): Promise<void>;
  /** The texts of the notes of these names, in their order; `undefined` where there is none. @throws {@link StoreDown} */
  find(names: readonly string[]): Promise<readonly (string | undefined)[]>;
}
