/**
 * A bounded map that forgets what was not used for long: an entry ends a fixed time after its last use, and when there
 * are too many the one that was unused longest goes.
 * @module
 */

/** When a {@link RecentMap} forgets. */
export interface RecentLimits {
  readonly maxEntries: number;
  readonly ttlMs: number;
}

interface Entry<Value> {
  readonly value: Value;
  readonly usedMs: number;
}

/** One entry, as it is saved and restored. */
export interface RecentEntry<Value> {
  readonly name: string;
  readonly value: Value;
  /** When it was last used, epoch milliseconds. */
  readonly usedMs: number;
}

/** Values by name. */
export class RecentMap<Value> {
  readonly #limits: RecentLimits;
  // A Map keeps the order of insertion; an entry that is used is put in again, so the first one is always the oldest.
  readonly #entries = new Map<string, Entry<Value>>();

  constructor(limits: RecentLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, unless it has expired. Looking is no use. */
  get(name: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(name);
    return entry && this.#isCurrent(entry, nowMs) ? entry.value : undefined;
  }

  /** Counts as a use. */
  set(name: string, value: Value, nowMs: number): void {
    this.#entries.delete(name);
    this.#entries.set(name, { value, usedMs: nowMs });
    this.#dropOld(nowMs);
  }

  delete(name: string): void {
    this.#entries.delete(name);
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
