// The store of a shared pool in memory: several members look at one. A test takes it away, wipes it, or withholds its feed.

import {
  type CounterStore,
  type NoteStore,
  type SharedStore,
  type StoredCounters,
  type StoredNote,
  StoreDown,
  type StoredRecord,
  type StoreListener,
} from "../../src/fleet/shared_store.ts";

/** What the members share. */
export class FakeEngine {
  readonly records = new Map<string, StoredRecord>();
  readonly notes = new Map<string, StoredNote>();
  readonly counters = new Map<string, Map<string, string>>();
  /** How often counters were kept, and for how long the last time. */
  keeps = 0;
  countersKeptMs = 0;
  readonly #members = new Map<FakeStore, StoreListener>();
  /** Why it cannot be used; `undefined` when it can. */
  reason: string | undefined;
  /** Whether what is put reaches the feed of the others. */
  hasFeed = true;
  /** How long a message takes on its way, in either direction. */
  travel: () => Promise<void> = () => Promise.resolve();
  /** How often something was put. */
  puts = 0;

  /** The store as one member sees it; its clock is ahead of that of the member. */
  store(aheadMs = 0): FakeStore {
    return new FakeStore(this, aheadMs);
  }

  watch(member: FakeStore, listener: StoreListener): Disposable {
    this.#members.set(member, listener);
    this.#connect(member);
    return { [Symbol.dispose]: () => void this.#members.delete(member) };
  }

  put(name: string, record: StoredRecord): StoredRecord | undefined {
    this.puts++;
    const stored = this.records.get(name);
    if (stored && stored.version >= record.version) return stored;
    this.records.set(name, record);
    if (this.hasFeed) {
      for (const listener of this.#members.values()) {
        void this.#tell(listener, name, record);
      }
    }
    return undefined;
  }

  /** It cannot be used, for this reason. */
  goDown(reason: string): void {
    this.reason = reason;
    for (const listener of this.#members.values()) listener.down(reason);
  }

  /** It can be used again. */
  comeBack(): void {
    this.reason = undefined;
    for (const member of this.#members.keys()) this.#connect(member);
  }

  async #tell(listener: StoreListener, name: string, record: StoredRecord): Promise<void> {
    await this.travel();
    listener.told(name, record);
  }

  #connect(member: FakeStore): void {
    const listener = this.#members.get(member);
    listener?.clock(member.aheadMs);
    if (this.reason === undefined) listener?.up();
    else listener?.down(this.reason);
  }
}

export class FakeStore implements SharedStore, NoteStore, CounterStore {
  constructor(readonly engine: FakeEngine, readonly aheadMs: number) {}

  async put(name: string, record: StoredRecord): Promise<StoredRecord | undefined> {
    await this.#answer();
    const found = this.engine.put(name, record);
    await this.engine.travel();
    return found;
  }

  async all(): Promise<ReadonlyMap<string, StoredRecord>> {
    await this.#answer();
    return new Map(this.engine.records);
  }

  async keep(notes: readonly StoredNote[]): Promise<void> {
    await this.#answer();
    for (const note of notes) this.engine.notes.set(note.name, note);
  }

  async find(names: readonly string[]): Promise<readonly (string | undefined)[]> {
    await this.#answer();
    return names.map((name) => this.engine.notes.get(name)?.text);
  }

  async keepCounters(day: string, counters: readonly StoredCounters[], keepMs: number): Promise<void> {
    await this.#answer();
    this.engine.keeps++;
    this.engine.countersKeptMs = keepMs;
    const ofDay = this.engine.counters.getOrInsertComputed(day, () => new Map());
    for (const { name, text } of counters) ofDay.set(name, text);
  }

  async countersOf(days: readonly string[]): Promise<readonly (readonly StoredCounters[])[]> {
    await this.#answer();
    return days.map((day) =>
      [...this.engine.counters.get(day) ?? []].map(([name, text]) => ({ name, text }))
    );
  }

  watch(listener: StoreListener): Disposable {
    return this.engine.watch(this, listener);
  }

  async #answer(): Promise<void> {
    await this.engine.travel();
    if (this.engine.reason !== undefined) throw new StoreDown(this.engine.reason);
  }
}

/** For a member that shares no sessions and ids. */
export const NOT_SHARED = { listed: () => {}, synced: () => {} };
