/**
 * The answer of `cdx2 usage` as a table, with the forecast below it.
 * @module
 */

import type { Usage, UsageForecast, UsageRow } from "../../api/usage.ts";
import { printable, shortenedFile, shortenedInMiddle } from "../../screen/cells.ts";
import { countText, durationText, groupedDigits, latencyText } from "../../values/durations.ts";
import type { Palette } from "../../screen/palette.ts";
import { bar, sparkline } from "../../screen/sparkline.ts";
import { type Column, fitTable } from "../../screen/table.ts";
import { dayOf } from "../../values/local_time.ts";
import { windowName } from "../window_name.ts";
import { highest } from "../../values/extremes.ts";

/** Where the table is drawn. */
export interface UsageTextOptions {
  /** Cells per line. */
  readonly columns: number;
  readonly palette: Palette;
}

const BAR_CELLS = 12;
/** What a row without a name is called. */
export const NOBODY: Readonly<Record<Usage["by"], string>> = {
  key: "",
  day: "",
  model: "(not told)",
  session: "(none)",
  client: "(no key)",
};

/** The text, with a line end at its end. */
export function renderUsage(usage: Usage, { columns, palette }: UsageTextOptions): string {
  const { rows, total, by, to } = usage;
  const last: UsageRow = { name: "total", ...total, last_at: to, series: [] };
  const shown = rows.map((row) => ({ ...row, name: row.name === "" ? NOBODY[by] : row.name }));
  const table = fitTable(columnsFor(usage), [...shown, last], columns);
  const tableLines = [
    "",
    palette.underline(table.heading.trimEnd()),
    ...shown.map((row) => table.line(row).trimEnd()),
    ...(rows.length > 1 ? [palette.bold(table.line(last).trimEnd())] : []),
  ];
  const lines = [
    headingOf(usage),
    ...(rows.length === 0 ? [] : tableLines),
    ...forecastLines(usage.forecast, Date.parse(to), palette),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function headingOf({ from, to, rows }: Usage): string {
  const [first, last] = [dayOf(Date.parse(from)), dayOf(Date.parse(to))];
  const when = first === last ? `Usage of ${first}` : `Usage from ${first} to ${last}`;
  return rows.length === 0 ? `${when}: none` : when;
}

function columnsFor({ by, rows }: Usage): readonly Column<UsageRow>[] {
  const most = Math.max(1, highest(rows.map(tokensOf)));
  const parts = Math.max(4, highest(rows.map(({ series }) => series.length)));
  const number = (
    title: string,
    rank: number,
    text: (row: UsageRow) => string,
    max = 9,
  ): Column<UsageRow> => ({
    title,
    rank,
    min: Math.max(title.length, 5),
    max,
    align: "right",
    text,
  });
  return [
    {
      title: by.toUpperCase(),
      rank: 1,
      min: 10,
      max: 30,
      text: ({ name }) => printable(name),
      shorten: by === "key" ? shortenedFile : shortenedInMiddle,
    },
    number("TOKENS", 2, (row) => countText(tokensOf(row))),
    number("CACHED", 3, ({ cache_rate }) => shareText(cache_rate)),
    number("REQUESTS", 4, ({ requests }) => groupedDigits(requests)),
    number("OUTPUT", 8, ({ output_tokens }) => countText(output_tokens)),
    number("1ST TOKEN", 7, ({ first_token_ms }) => medianText(first_token_ms)),
    number("FAILED", 9, ({ failed }) => groupedDigits(failed)),
    number("SWITCHES", 10, ({ switches }) => groupedDigits(switches)),
    number("ADDED", 11, ({ added_ms }) => medianText(added_ms)),
    {
      title: "TREND",
      rank: 6,
      min: Math.max(5, Math.min(parts, 31)),
      max: Math.max(5, Math.min(parts, 31)),
      text: ({ series }) => sparkline(series.slice(-31)),
    },
    {
      title: "",
      rank: 5,
      min: BAR_CELLS,
      max: BAR_CELLS,
      text: (row) => row.series.length === 0 ? "" : bar(tokensOf(row) / most, BAR_CELLS),
    },
  ];
}

/** All tokens, read and written. */
export function tokensOf({ input_tokens, output_tokens }: Usage["total"]): number {
  return input_tokens + output_tokens;
}

/** A share from 0 to 1, as percent; `none` when there is none. */
export function shareText(share: number | null, none = "-"): string {
  return share === null ? none : `${Math.round(share * 100)}%`;
}

/** The median of latencies; `none` when there is none. */
export function medianText(latencies: Usage["total"]["added_ms"], none = "-"): string {
  return latencies === null ? none : latencyText(latencies.median);
}

function forecastLines(forecast: UsageForecast, nowMs: number, palette: Palette): readonly string[] {
  if (forecast.keys.length === 0) return [];
  const keys = forecast.keys.map(({ key, windows }) =>
    `  ${printable(key)}: ${windows.map((window) => windowLine(window, nowMs)).join("; ")}`
  );
  return ["", palette.underline("At the present rate"), `  ${poolText(forecast, nowMs)}`, ...keys];
}

type WindowForecast = UsageForecast["keys"][number]["windows"][number];

function windowLine(
  { window_seconds, used_percent, reset_at, runs_out_at }: WindowForecast,
  nowMs: number,
): string {
  const left = `${windowName(window_seconds)} ${Math.round(100 - used_percent)}% left`;
  if (runs_out_at === null) return `${left}, lasts`;
  const inMs = Date.parse(runs_out_at) - nowMs;
  return inMs <= 0
    ? `${windowName(window_seconds)} used up${backText(reset_at, nowMs)}`
    : `${left}, runs out in ${durationText(inMs)}`;
}

function backText(resetAt: string | null, nowMs: number): string {
  return resetAt === null ? "" : `, back in ${durationText(Date.parse(resetAt) - nowMs)}`;
}

/** When the pool runs out, as a sentence without its full stop. */
export function poolText({ pool_runs_out_at, pool_back_at }: UsageForecast, nowMs: number): string {
  if (pool_runs_out_at === null) return "the pool lasts for the next week";
  const inMs = Date.parse(pool_runs_out_at) - nowMs;
  const back = pool_back_at === null
    ? ""
    : `; the first key is back in ${durationText(Date.parse(pool_back_at) - nowMs)}`;
  return inMs <= 0 ? `the pool is used up${back}` : `the pool runs out in ${durationText(inMs)}${back}`;
}
