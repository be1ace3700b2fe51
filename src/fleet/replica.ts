/**
 * One thing that the members of a shared pool know together, as one member sees it: the latest record that it has met, and
 * its own changes that no record contains yet. Changes count here at once. They reach the store as a record one version
 * later; where another member was faster, they are made again on top of what it found. Pure: it is told what the store
 * answers.
 * @module
 */

import type { StoredRecord } from "./shared_store.ts";

/** A record that was opened. */
export interface SharedRecord<Value> extends Pick<StoredRecord, "version" | "tag"> {
  /** The tags of the last records of those who wrote last, each once: a writer finds out that its own is contained. */
  readonly writers: readonly string[];
  /** What is known. */
  readonly value: Value;
}

/** A pure change: the same object when there is nothing to change. */
export type Change<Value> = (value: Value) => Value;

/** How a {@link Replica} is made. */
export interface ReplicaOptions<Value> {
  /** What is known before there is a record. */
  readonly initial: Value;
  /** A tag that no record ever had; those of one writer begin with its {@link writerOf} and grow. */
  readonly nextTag: () => string;
  /** Whether a change is worth a record. */
  readonly isWorth: (from: Value, to: Value) => boolean;
}

/** How many changes wait for the store at most. The oldest are then given up. */
export const MAX_PENDING = 64;
const MAX_WRITERS = 8;
const WRITER_CHARS = 16;

/** The part of a tag that all tags of one run of a member share. */
export function writerOf(tag: string): string {
  return tag.slice(0, WRITER_CHARS);
}

interface Sent<Value> {
  readonly record: SharedRecord<Value>;
  /** How many of the pending changes it contains. */
  readonly count: number;
}

/** See above. */
export class Replica<Value> {
  readonly #options: ReplicaOptions<Value>;
  #known: SharedRecord<Value> | undefined;
  #pending: Change<Value>[] = [];
  /** What was sent last and is not known to have arrived, or not to have. */
  #sent: Sent<Value> | undefined;
  #isUnderWay = false;
  /** The store is known to have less than we. */
  #isMissing = false;

  /** Nothing is known. */
  constructor(options: ReplicaOptions<Value>) {
    this.#options = options;
  }

  /** The latest record that was met. */
  get known(): SharedRecord<Value> | undefined {
    return this.#known;
  }

  /** What this member knows: the record with its own changes. */
  get view(): Value {
    return this.#pending.reduce((value, change) => change(value), this.#base);
  }

  /** How many changes no record contains yet. */
  get pending(): number {
    return this.#pending.length;
  }

  /** How many changes are still to be told; 0 when none of them is worth it. */
  get untold(): number {
    return this.pending > 0 && this.#options.isWorth(this.#base, this.view) ? this.pending : 0;
  }

  get #version(): number {
    return this.#known?.version ?? 0;
  }

  get #base(): Value {
    return this.#known ? this.#known.value : this.#options.initial;
  }

  /** Makes a change here; {@link nextPut} tells it. */
  add(change: Change<Value>): void {
    this.#pending.push(change);
    // What is under way stays where it is, so that an answer is about what was sent.
    if (this.#pending.length > MAX_PENDING) this.#pending.splice(this.#sent?.count ?? 0, 1);
  }

  /**
   * Takes a record that was put some time ago, at whatever place it was met. Returns whether the view may have changed.
   */
  learn(record: SharedRecord<Value>): boolean {
    if (this.#sent && record.writers.includes(this.#sent.record.tag)) this.#acknowledge(this.#sent);
    if (record.version <= this.#version) return false;
    this.#known = record;
    return true;
  }

  /**
   * The store has this record now, or none. What we know and it does not is put back. Two of the same version exist only when
   * the store has lost records: then its own counts. Returns whether the view may have changed.
   */
  compareWith(stored: SharedRecord<Value> | undefined): boolean {
    const isNews = stored !== undefined && this.learn(stored);
    this.#isMissing = this.#version > (stored?.version ?? 0);
    const isOther = stored?.version === this.#version && stored.tag !== this.#known?.tag;
    if (isOther) this.#known = stored;
    return isNews || isOther;
  }

  /** What to put into the store now; `undefined` for nothing. Until an answer or {@link failed}, there is nothing further. */
  nextPut(): SharedRecord<Value> | undefined {
    if (this.#isUnderWay) return undefined;
    // It may have arrived, or may still: only the very same record can be put twice.
    const isUncertain = this.#sent && this.#sent.record.version > this.#version;
    const next = isUncertain ? this.#sent : this.#nextSent();
    this.#sent = next;
    this.#isUnderWay = next !== undefined;
    return next?.record;
  }

  #nextSent(): Sent<Value> | undefined {
    const { isWorth, nextTag } = this.#options;
    const value = this.view;
    if (this.#pending.length > 0 && isWorth(this.#base, value)) {
      const tag = nextTag();
      const others = (this.#known?.writers ?? []).filter((other) => writerOf(other) !== writerOf(tag));
      const writers = [...others.slice(1 - MAX_WRITERS), tag];
      const record = { version: this.#version + 1, tag, writers, value };
      return { record, count: this.#pending.length };
    }
    this.#pending = [];
    return this.#isMissing && this.#known ? { record: this.#known, count: 0 } : undefined;
  }

  /** What was put is stored. */
  stored(): void {
    this.#isUnderWay = false;
    if (!this.#sent) return;
    const { record } = this.#sent;
    this.#acknowledge(this.#sent);
    if (record.version > this.#version) this.#known = record;
    this.#isMissing = false;
  }

  /** The store has another record, or had ours already. Returns whether the view may have changed. */
  conflict(found: SharedRecord<Value>): boolean {
    this.#isUnderWay = false;
    const isNews = this.compareWith(found);
    // It was not stored, and cannot be any more.
    if (this.#sent && this.#sent.record.version <= found.version) this.#sent = undefined;
    return isNews;
  }

  /** Nobody knows whether what was put is stored. */
  failed(): void {
    this.#isUnderWay = false;
  }

  #acknowledge(sent: Sent<Value>): void {
    this.#pending.splice(0, sent.count);
    this.#sent = undefined;
  }
}
