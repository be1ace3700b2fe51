/**
 * A bounded map that forgets what was not used for long: an entry ends a fixed time after its last use, and when there
 * are too many the one that was unused longest goes.
 * @module
 */

/** When a {@link RecentMap} forgets. */
export interface RecentLimits {
  /** With more entries, the one that was unused longest goes. */
  readonly maxEntries: number;
  /** From the last use on. */
  readonly ttlMs: number;
}

interface Entry<Value> {
  readonly value: Value;
  readonly usedMs: number;
}

/** One entry, as it is saved and restored. */
export interface RecentEntry<Value> {
  /** Its key in the map. */
  readonly name: string;
  /** As it was last set. */
  readonly value: Value;
  /** When it was last used, epoch milliseconds. */
  readonly usedMs: number;
}

/** Values by name. */
export class RecentMap<Value> {
  readonly #limits: RecentLimits;
  // A Map keeps the order of insertion; an entry that is used is put in again, so the first one is always the oldest.
  readonly #entries = new Map<string, Entry<Value>>();
  /** The last one, while it is there: it keeps its place, since each removal costs memory that lives on for a while. */
  #newest: string | undefined;

  /** An empty map. */
  constructor(limits: RecentLimits) {
    this.#limits = limits;
  }

  /** How many entries there are, those that have expired included. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value, unless it has expired. Looking does not count as a use. */
  get(name: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(name);
    return entry && this.#isCurrent(entry, nowMs) ? entry.value : undefined;
  }

  /** Counts as a use. */
  set(name: string, value: Value, nowMs: number): void {
    const isNewest = name === this.#newest;
    if (!isNewest) this.#entries.delete(name);
    this.#entries.set(name, { value, usedMs: nowMs });
    this.#newest = name;
    if (!isNewest) this.#dropOld(nowMs);
  }

  /** Does nothing when there is none. */
  delete(name: string): void {
    this.#entries.delete(name);
    this.#newest = undefined;
  }

  /** What has not expired, the one that was unused longest first. */
  entries(nowMs: number): readonly RecentEntry<Value>[] {
    return [...this.#entries].flatMap(([name, entry]) =>
      this.#isCurrent(entry, nowMs) ? [{ name, ...entry }] : []
    );
  }

  #isCurrent({ usedMs }: Entry<Value>, nowMs: number): boolean {
    return nowMs - usedMs < this.#limits.ttlMs;
  }

  #dropOld(nowMs: number): void {
    for (const [name, entry] of this.#entries) {
      if (this.#entries.size <= this.#limits.maxEntries && this.#isCurrent(entry, nowMs)) return;
      this.#entries.delete(name);
    }
  }
}
