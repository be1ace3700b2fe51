/**
 * The numbers of the plots on the usage page: tokens and cache rate by time and key, added latency, and how full the
 * windows of each key were, with its resets, changes of state and switches. Times are epoch seconds, as the plots count.
 * @module
 */

import type { AttemptEntry, ChangeEntry, WindowEntry } from "../../observability/usage/entries.ts";
import type { HistoryReading } from "../../observability/usage/history.ts";
import { percentiles } from "../../observability/usage/report.ts";
import { midnightMs } from "../../values/local_time.ts";
import { windowName } from "../window_name.ts";

/** How full one window of a key was. */
export interface WindowPlot {
  /** As in the forecast of the page. */
  readonly name: string;
  /** Times and percent used; it stays until the next reading. */
  readonly points: readonly (readonly [at: number, used: number])[];
  /** When it became empty. */
  readonly resets: readonly number[];
}

/** The plots of a key. */
export interface KeyPlot {
  readonly key: string;
  readonly windows: readonly WindowPlot[];
  /** When it went into another state, and which. */
  readonly changes: readonly (readonly [at: number, state: string])[];
  /** When a session moved to it. */
  readonly switches: readonly number[];
}

/** All plots. Lists of numbers are by part of the time. */
export interface PlotData {
  /** When the parts begin. */
  readonly parts: readonly number[];
  /** Whether the parts are days; else they are hours. */
  readonly is_daily: boolean;
  readonly from: number;
  readonly to: number;
  /** Tokens by key, the key with most of them first. */
  readonly tokens: readonly { readonly key: string; readonly values: readonly number[] }[];
  /** Percent; null without input. */
  readonly cache_rate: readonly (number | null)[];
  /** Milliseconds; null without a request. */
  readonly added_median: readonly (number | null)[];
  readonly added_p95: readonly (number | null)[];
  readonly first_token_median: readonly (number | null)[];
  readonly keys: readonly KeyPlot[];
  /** How many keys are not among `keys`. */
  readonly more_keys: number;
}

/** What the plots are about. */
export interface PlotQuery {
  readonly fromMs: number;
  readonly nowMs: number;
  /** What a key of the history is called. */
  readonly nameOf: (label: string) => string;
}

const HOUR_MS = 3_600_000;
const HOURLY_DAYS = 2;
// More plots below each other are not read, and make the page slow.
const MAX_KEYS = 24;

/** The plots of what a history says. */
export function plotData(reading: HistoryReading, { fromMs, nowMs, nameOf }: PlotQuery): PlotData {
  const days = daysFrom(fromMs, nowMs);
  const isDaily = days.length > HOURLY_DAYS;
  const parts = isDaily ? days : hoursFrom(fromMs, nowMs);
  const partOf = (atMs: number) => parts.findLastIndex((beginMs) => beginMs <= atMs);
  const sums = new PartSums(parts.length);
  for (const entry of reading.attempts) {
    const part = partOf(entry.atMs);
    if (part >= 0) sums.add(entry, part);
  }
  const tokens = sums.tokensByKey();
  const windows = Map.groupBy(reading.windows, ({ key }) => key);
  const changes = Map.groupBy(reading.changes, ({ key }) => key);
  const labels = [...new Set([...tokens.map(({ key }) => key), ...windows.keys()])];
  const own = (label: string): KeyPlot => ({
    key: nameOf(label),
    windows: windowPlots(windows.get(label) ?? [], { fromMs, nowMs }),
    changes: (changes.get(label) ?? []).filter(({ atMs }) => atMs >= fromMs).map(changePoint),
    switches: (sums.switches.get(label) ?? []).map(seconds),
  });
  return {
    parts: parts.map(seconds),
    is_daily: isDaily,
    from: seconds(fromMs),
    to: seconds(nowMs),
    tokens: tokens.map(({ key, values }) => ({ key: nameOf(key), values })),
    ...sums.lines(),
    keys: labels.slice(0, MAX_KEYS).map(own).filter(({ windows }) => windows.length > 0),
    more_keys: Math.max(0, labels.length - MAX_KEYS),
  };
}

function daysFrom(fromMs: number, nowMs: number): readonly number[] {
  const days: number[] = [];
  for (let at = fromMs; at <= nowMs; at = midnightMs(at, -1)) days.push(at);
  return days;
}

function hoursFrom(fromMs: number, nowMs: number): readonly number[] {
  return Array.from({ length: Math.floor((nowMs - fromMs) / HOUR_MS) + 1 }, (_, at) => fromMs + at * HOUR_MS);
}

class PartSums {
  readonly switches = new Map<string, number[]>();
  readonly #size: number;
  readonly #tokens = new Map<string, number[]>();
  readonly #lastKeys = new Map<string, string>();
  readonly #input: number[];
  readonly #cached: number[];
  readonly #added: readonly number[][];
  readonly #firstToken: readonly number[][];

  constructor(size: number) {
    this.#size = size;
    this.#input = zeros(size);
    this.#cached = zeros(size);
    this.#added = Array.from({ length: size }, () => []);
    this.#firstToken = Array.from({ length: size }, () => []);
  }

  add(entry: AttemptEntry, part: number): void {
    const { key, input = 0, cached = 0, output = 0, waitedMs, firstTokenMs } = entry;
    addTo(this.#tokens.getOrInsertComputed(key, () => zeros(this.#size)), part, input + output);
    addTo(this.#input, part, input);
    addTo(this.#cached, part, Math.min(cached, input));
    if (entry.isAnswer) this.#added[part]!.push(waitedMs);
    if (firstTokenMs !== undefined) this.#firstToken[part]!.push(firstTokenMs);
    this.#noteSwitch(entry);
  }

  tokensByKey(): readonly { readonly key: string; readonly values: readonly number[] }[] {
    const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
    return [...this.#tokens].map(([key, values]) => ({ key, values }))
      .sort((a, b) => sum(b.values) - sum(a.values) || (a.key < b.key ? -1 : 1));
  }

  lines(): Pick<PlotData, "cache_rate" | "added_median" | "added_p95" | "first_token_median"> {
    return {
      cache_rate: this.#input.map((input, part) => input === 0 ? null : this.#cached[part]! / input * 100),
      added_median: this.#added.map((values) => percentiles(values)?.median ?? null),
      added_p95: this.#added.map((values) => percentiles(values)?.p95 ?? null),
      first_token_median: this.#firstToken.map((values) => percentiles(values)?.median ?? null),
    };
  }

  #noteSwitch({ session, key, isAnswer, atMs }: AttemptEntry): void {
    if (session === "" || !isAnswer) return;
    const last = this.#lastKeys.get(session);
    this.#lastKeys.set(session, key);
    if (last !== undefined && last !== key) this.switches.getOrInsertComputed(key, () => []).push(atMs);
  }
}

interface Span {
  readonly fromMs: number;
  readonly nowMs: number;
}

function windowPlots(entries: readonly WindowEntry[], { fromMs, nowMs }: Span): readonly WindowPlot[] {
  return [...Map.groupBy(entries, ({ windowSeconds }) => windowSeconds)]
    .sort(([a], [b]) => a - b)
    .map(([windowSeconds, list]) =>
      windowPlot(windowSeconds, list.filter(({ atMs }) => atMs >= fromMs), nowMs)
    )
    .filter(({ points }) => points.length > 0);
}

/** A window that was to be reset between two readings, or since the last one, is empty from then on. */
function windowPlot(windowSeconds: number, list: readonly WindowEntry[], nowMs: number): WindowPlot {
  const points: [number, number][] = [];
  const resets: number[] = [];
  for (const [at, { atMs, usedPercent }] of list.entries()) {
    const before = list[at - 1];
    if (before && usedPercent < before.usedPercent) {
      const resetMs = Math.min(before.resetAtMs ?? atMs, atMs);
      resets.push(seconds(resetMs));
      if (resetMs < atMs) points.push([seconds(resetMs), 0]);
    }
    points.push([seconds(atMs), usedPercent]);
  }
  const last = list.at(-1);
  if (last?.resetAtMs !== undefined && last.resetAtMs <= nowMs && last.usedPercent > 0) {
    resets.push(seconds(last.resetAtMs));
    points.push([seconds(last.resetAtMs), 0]);
  }
  return { name: windowName(windowSeconds), points, resets };
}

function changePoint({ atMs, state }: ChangeEntry): readonly [number, string] {
  return [seconds(atMs), state];
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}

function zeros(size: number): number[] {
  return new Array<number>(size).fill(0);
}

function addTo(sums: number[], part: number, value: number): void {
  sums[part] = (sums[part] ?? 0) + value;
}
