/**
 * The keys that there are, by file, and every change to one of them. A change of health is reported here, and wakes the
 * requests that wait for a key.
 * @module
 */

import { healthAt, HEALTHY, type KeyHealth } from "./key_state.ts";
import type { KeyChange } from "./key_report.ts";
import { newEntry, type PoolEntry, withRecord } from "./pool_entry.ts";
import type { AuthRecord } from "./record.ts";
import type { KeySharer, SharedChange } from "./shared_key.ts";
import { firstTurn } from "./turns.ts";
import { highest } from "../values/extremes.ts";

/** A key whose file has another name now. */
export interface Renaming {
  /** Its file before. */
  readonly from: string;
  /** Its file now. */
  readonly to: string;
}

/** When a health changes, and why that is. */
export interface HealthReport extends Pick<KeyChange, "why"> {
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** The entries of the pool. */
export class KeyTable {
  readonly #onChange: (change: KeyChange) => void;
  #sharer: KeySharer | undefined;
  #entries = new Map<string, PoolEntry>();
  /** The files in the order of their turns: the one whose turn is the longest ago comes first. */
  #line = new Set<string>();
  /** The turn of a key that had none. */
  #firstTurn: (record: AuthRecord) => number = () => 0;
  #highestPriority = 0;
  /** Keys without a file: an editor may write the file again, and that must not end a penalty. */
  readonly #departed = new Map<string, PoolEntry>();
  #change = Promise.withResolvers<void>();

  /** `onChange` is called with each change of a key's health. */
  constructor(onChange: (change: KeyChange) => void) {
    this.#onChange = onChange;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** The highest priority of a key that is not disabled; 0 when there is none. */
  get highestPriority(): number {
    return this.#highestPriority;
  }

  /** All keys, in the order of the last listing. */
  list(): readonly PoolEntry[] {
    return [...this.#entries.values()];
  }

  /** All keys in the order of their turns, the one that is next first. With thousands of keys nobody looks at all of them. */
  *inLine(): Generator<PoolEntry, void> {
    for (const file of this.#line) yield this.#entries.get(file)!;
  }

  /** The key of this file; `undefined` when there is none. */
  get(file: string): PoolEntry | undefined {
    return this.#entries.get(file);
  }

  /**
   * Replaces the keys by those of a listing. A key with the same token keeps everything; with a new token it is reset.
   * Returns the keys whose file has another name now.
   */
  replaceAll(records: readonly AuthRecord[], nowMs: number): readonly Renaming[] {
    const next = new Map<string, PoolEntry>();
    const renamings: Renaming[] = [];
    const listed = new Set(records.map(({ file }) => file));
    for (const record of records) {
      const known = this.#knownAs(record, listed);
      if (known && known.record.file !== record.file) {
        renamings.push({ from: known.record.file, to: record.file });
      }
      const entry = known ? withRecord(known, record) : newEntry(record, this.#firstTurn(record));
      next.set(record.file, entry);
      if (known && entry.health !== known.health) {
        this.#report({ record, from: healthAt(known.health, nowMs), to: HEALTHY, why: "new_token" });
      }
    }
    for (const [file, entry] of this.#entries) if (!next.has(file)) this.#departed.set(file, entry);
    for (const file of [...listed, ...renamings.map(({ from }) => from)]) this.#departed.delete(file);
    this.#entries = next;
    this.#lineUp();
    const priorities = records.flatMap(({ isDisabled, priority }) => isDisabled ? [] : [priority]);
    this.#highestPriority = priorities.length > 0 ? highest(priorities) : 0;
    this.wake();
    this.#sharer?.listed();
    return renamings;
  }

  /** Keys that had no turn, now or later, take their first in an order of this member's own. */
  beginAs(memberId: string): void {
    this.#firstTurn = ({ file }) => firstTurn(memberId, file);
    for (const [file, entry] of this.#entries) {
      if (entry.turn <= 0) this.#entries.set(file, { ...entry, turn: this.#firstTurn(entry.record) });
    }
    this.#lineUp();
  }

  #lineUp(): void {
    const inLine = [...this.#entries.values()].sort((a, b) => a.turn - b.turn);
    this.#line = new Set(inLine.map(({ record }) => record.file));
  }

  /** What is known of the key: by its file, else by its token, which may have been in a file that is gone. */
  #knownAs(record: AuthRecord, listed: ReadonlySet<string>): PoolEntry | undefined {
    const byFile = this.#entries.get(record.file) ?? this.#departed.get(record.file);
    if (byFile) return byFile;
    return [...this.#entries.values(), ...this.#departed.values()].find((entry) =>
      !listed.has(entry.record.file) && entry.record.token.equals(record.token)
    );
  }

  /** Changes the key of this file, if there is one, without a report. */
  update(file: string, change: (entry: PoolEntry) => PoolEntry): void {
    const entry = this.#entries.get(file);
    if (!entry) return;
    const next = change(entry);
    this.#entries.set(file, next);
    if (next.turn === entry.turn) return;
    // A set keeps the order of insertion, and the highest turn is always the newest.
    this.#line.delete(file);
    this.#line.add(file);
  }

  /** Changes all keys, those without a file included, without a report, and has the requests that wait for one look again. */
  updateAll(change: (entry: PoolEntry) => PoolEntry): void {
    for (const entries of [this.#entries, this.#departed]) {
      for (const [file, entry] of entries) entries.set(file, change(entry));
    }
    this.wake();
  }

  /** From now on it is told of each change that other machines may want to make as well. */
  shareWith(sharer: KeySharer): void {
    this.#sharer = sharer;
  }

  /** Changes what machines share of the key of this file, if there is one. A new health is reported when `report` is given. */
  change(file: string, change: SharedChange, report?: HealthReport): void {
    const entry = this.#entries.get(file);
    const next = entry && change(entry);
    if (!entry || !next || next === entry) return;
    this.#entries.set(file, next);
    this.#sharer?.changed(next.record, change);
    if (report && next.health !== entry.health) {
      const from = healthAt(entry.health, report.nowMs);
      this.#report({ record: next.record, from, to: next.health, why: report.why });
    }
  }

  /** Gives the key another health, and reports that when it differs from `from`, its health until now. */
  setHealth(file: string, to: KeyHealth, { from, why }: Pick<KeyChange, "from" | "why">): void {
    const entry = this.#entries.get(file);
    if (!entry) return;
    this.#entries.set(file, { ...entry, health: to });
    if (from !== to) this.#report({ record: entry.record, from, to, why });
  }

  /** Resolves at the next change of any key: requests that wait for one look again. */
  nextChange(): Promise<void> {
    return this.#change.promise;
  }

  #report(change: KeyChange): void {
    this.#onChange(change);
    this.wake();
  }

  /** Has the requests that wait for a key look again. */
  wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
