/**
 * What was used, by key, model, day, session or client: sums, rates and percentiles of the attempts in the usage history.
 * @module
 */

import type { UsageGroup, UsageRow } from "../../api/usage.ts";
import { isoOf } from "../../values/iso_time.ts";
import type { AttemptEntry } from "./entries.ts";
import { KeySwitches } from "./key_switches.ts";

/** What a report is about. */
export interface ReportQuery {
  /** What the rows are about. */
  readonly by: UsageGroup;
  /** Its beginning, epoch milliseconds. */
  readonly fromMs: number;
  /** Its end. */
  readonly nowMs: number;
  /** The day of a moment in local time, `2026-11-26`. */
  readonly dayOf: (atMs: number) => string;
  /** The hour of a moment in local time. */
  readonly hourOf: (atMs: number) => number;
}

/** The figures of a report. */
export type Figures = Omit<UsageRow, "name" | "last_at" | "series">;

/** The rows of a report, and the figures of all of them. */
export interface Report {
  /** Of all rows. */
  readonly total: Figures;
  /** Those with most tokens first; days in their order. */
  readonly rows: readonly UsageRow[];
}

/** Adds up attempts, which have to come in the order of time. */
export function usageReport(attempts: Iterable<AttemptEntry>, query: ReportQuery): Report {
  const sums = new ReportSums(query);
  for (const entry of attempts) sums.add(entry);
  return sums.report();
}

/** Adds up attempts one by one, so that several reports can be made of one reading of a long history. */
export class ReportSums {
  readonly #query: ReportQuery;
  readonly #total = new Tally();
  readonly #groups = new Map<string, Group>();
  readonly #switches = new KeySwitches();

  /** Nothing has been added yet. */
  constructor(query: ReportQuery) {
    this.#query = query;
  }

  /** Adds one. They have to come in the order of time. */
  add(entry: AttemptEntry): void {
    const query = this.#query;
    const group = this.#groups.getOrInsertComputed(nameOf(entry, query), () => ({
      tally: new Tally(),
      series: new Array<number>(partsOf(query)).fill(0),
      lastMs: 0,
    }));
    const isSwitch = entry.isAnswer && this.#switches.isSwitch(entry);
    this.#total.add(entry, isSwitch);
    group.tally.add(entry, isSwitch);
    group.lastMs = entry.atMs;
    const part = partOf(entry.atMs, query);
    group.series[part] = (group.series[part] ?? 0) + tokensOf(entry);
  }

  /** Of what has been added. */
  report(): Report {
    return {
      total: this.#total.figures(),
      rows: sorted([...this.#groups].map(rowOf), this.#query.by),
    };
  }
}

interface Group {
  readonly tally: Tally;
  readonly series: number[];
  lastMs: number;
}

const HOUR_MS = 3_600_000;
const HOURS_OF_DAY = 24;
// Up to this long, the parts of the time are hours, then days.
const HOURLY_MS = 2 * HOURS_OF_DAY * HOUR_MS;

/** How many parts the series of a row has. */
export function partsOf({ by, fromMs, nowMs }: ReportQuery): number {
  if (by === "day") return HOURS_OF_DAY;
  const partMs = partLengthMs({ fromMs, nowMs });
  return Math.max(1, Math.ceil((nowMs - fromMs) / partMs));
}

/** How long one part of a series is, unless the rows are days. */
function partLengthMs({ fromMs, nowMs }: Pick<ReportQuery, "fromMs" | "nowMs">): number {
  return nowMs - fromMs <= HOURLY_MS ? HOUR_MS : HOURS_OF_DAY * HOUR_MS;
}

function partOf(atMs: number, query: ReportQuery): number {
  if (query.by === "day") return query.hourOf(atMs);
  return Math.min(partsOf(query) - 1, Math.floor((atMs - query.fromMs) / partLengthMs(query)));
}

function nameOf({ key, model, session, client, atMs }: AttemptEntry, { by, dayOf }: ReportQuery): string {
  switch (by) {
    case "key":
      return key;
    case "model":
      return model;
    case "session":
      return session;
    case "client":
      return client;
    case "day":
      return dayOf(atMs);
  }
}

function tokensOf({ input = 0, output = 0 }: AttemptEntry): number {
  return input + output;
}

function rowOf([name, { tally, series, lastMs }]: readonly [string, Group]): UsageRow {
  return { name, ...tally.figures(), last_at: isoOf(lastMs), series };
}

function sorted(rows: readonly UsageRow[], by: UsageGroup): readonly UsageRow[] {
  const tokens = ({ input_tokens, output_tokens }: UsageRow) => input_tokens + output_tokens;
  const byName = (a: UsageRow, b: UsageRow) => a.name < b.name ? -1 : 1;
  return rows.toSorted(by === "day" ? byName : (a, b) => tokens(b) - tokens(a) || byName(a, b));
}

class Tally {
  #requests = 0;
  #failed = 0;
  #input = 0;
  #cached = 0;
  #output = 0;
  #switches = 0;
  readonly #firstTokenMs: number[] = [];
  readonly #addedMs: number[] = [];

  add(
    { isAnswer, input = 0, cached = 0, output = 0, firstTokenMs, waitedMs }: AttemptEntry,
    isSwitch: boolean,
  ): void {
    if (isAnswer) this.#requests++;
    else this.#failed++;
    this.#input += input;
    this.#cached += Math.min(cached, input);
    this.#output += output;
    if (isSwitch) this.#switches++;
    if (firstTokenMs !== undefined) this.#firstTokenMs.push(firstTokenMs);
    if (isAnswer) this.#addedMs.push(waitedMs);
  }

  figures(): Figures {
    return {
      requests: this.#requests,
      failed: this.#failed,
      input_tokens: this.#input,
      cached_tokens: this.#cached,
      output_tokens: this.#output,
      cache_rate: this.#input === 0 ? null : this.#cached / this.#input,
      first_token_ms: percentiles(this.#firstTokenMs),
      added_ms: percentiles(this.#addedMs),
      switches: this.#switches,
    };
  }
}

/** The median and the 95th percentile; `null` of nothing. */
export function percentiles(
  values: readonly number[],
): { readonly median: number; readonly p95: number } | null {
  if (values.length === 0) return null;
  const ordered = Float64Array.from(values).sort();
  const at = (share: number) => ordered[Math.min(ordered.length - 1, Math.ceil(ordered.length * share) - 1)]!;
  return { median: at(0.5), p95: at(0.95) };
}
