/**
 * What all members of a shared pool have used of their keys: each tells its own counters, some seconds after the requests, and
 * who wants to know adds them up. While the store is away they wait in memory.
 * @module
 */

import type { AttemptEntry } from "../observability/usage/entries.ts";
import { type Clock, wallMs, withDeadline } from "../system/clock.ts";
import { dayOf } from "../values/local_time.ts";
import type { MemberIdentity } from "../values/member_name.ts";
import type { Seal } from "./seal.ts";
import type { SharedAffinity } from "./shared_affinity.ts";
import type { CounterStore, StoredCounters } from "./shared_store.ts";
import { type OpenSheet, readSheet, type Sheet, sheetText, UsageSheets } from "./usage_sheets.ts";

/** What a {@link SharedUsage} works with. */
export interface SharedUsageOptions {
  /** Where the members meet. */
  readonly store: CounterStore;
  /** Whether the store can be used now. */
  readonly isUp: () => boolean;
  /** Names and seals. */
  readonly seal: Seal;
  /** Of this proxy. */
  readonly clock: Clock;
  /** What all members call a key. */
  readonly owners: Pick<SharedAffinity, "ownerName">;
  /** This one. */
  readonly member: MemberIdentity;
  /** 16 hexadecimal digits that no run of a member had before. */
  readonly runId: string;
}

/** The sheets of a day. */
export interface UsageOfDay {
  /** `2026-11-26`, in the local time of each member. */
  readonly day: string;
  /** One or more of each run of each member. */
  readonly sheets: readonly Sheet[];
}

/** How long after the first answer that was not told. */
export const TELL_MS = 3000;
/** As long as the usage history of one machine. */
export const KEEP_MS = 90 * 86_400_000;
const MAX_FLUSH_MS = 500;
// Texts of at most 8 KB each.
const BATCH_SHEETS = 16;

/** See above. */
export class SharedUsage {
  readonly #options: SharedUsageOptions;
  readonly #sheets = new UsageSheets();
  #isPlanned = false;
  #telling: Promise<void> | undefined;

  /** Nothing has been counted yet. */
  constructor(options: SharedUsageOptions) {
    this.#options = options;
  }

  /** Counts an attempt with the key of this file. */
  readonly take = (file: string, entry: AttemptEntry): void => {
    const owner = this.#options.owners.ownerName(file);
    if (owner === undefined) return;
    this.#sheets.add(dayOf(wallMs(this.#options.clock)), owner, entry);
    this.#tellSoon();
  };

  /** The store can be used: tells what waits. */
  synced(): void {
    this.#tellSoon();
  }

  /** Tells what waits, for half a second at most. */
  async flush(): Promise<void> {
    await withDeadline(this.#options.clock, MAX_FLUSH_MS, () => this.#tell());
  }

  /** What all members have told of these days, this one included. @throws StoreDown */
  async of(days: readonly string[]): Promise<readonly UsageOfDay[]> {
    await this.#tell();
    const found = await this.#options.store.countersOf(days);
    return days.map((day, at) => ({
      day,
      sheets: found[at]!.flatMap((one) => this.#opened(day, one) ?? []),
    }));
  }

  #opened(day: string, { name, text }: StoredCounters): Sheet | undefined {
    const opened = this.#options.seal.open(text, placeOf(day, name));
    return opened === undefined ? undefined : readSheet(opened);
  }

  #tellSoon(): void {
    const { clock, isUp } = this.#options;
    if (this.#isPlanned || !isUp() || !this.#sheets.hasUntold) return;
    this.#isPlanned = true;
    clock.after(TELL_MS, () => {
      this.#isPlanned = false;
      void this.#tell();
    });
  }

  async #tell(): Promise<void> {
    await this.#telling;
    this.#telling = this.#tellAll();
    await this.#telling;
  }

  async #tellAll(): Promise<void> {
    if (!this.#options.isUp()) return;
    const untold = this.#sheets.takeUntold();
    for (const [day, sheets = []] of Map.groupBy(untold, (sheet) => sheet.day)) {
      for (let at = 0; at < sheets.length; at += BATCH_SHEETS) {
        const batch = sheets.slice(at, at + BATCH_SHEETS);
        const counters = batch.map((sheet) => this.#countersOf(sheet));
        const isTold = await this.#options.store.keepCounters(day, counters, KEEP_MS)
          .then(() => true, () => false);
        this.#sheets.settle(batch, isTold);
      }
    }
  }

  #countersOf(sheet: OpenSheet): StoredCounters {
    const { seal, runId, member } = this.#options;
    const name = seal.name("usage", `${runId}\0${sheet.number}`);
    return { name, text: seal.seal(sheetText(member, sheet), placeOf(sheet.day, name)) };
  }
}

function placeOf(day: string, name: string) {
  return { version: 0, tag: `usage ${day}`, name };
}
