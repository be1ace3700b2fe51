/**
 * Attempts as text: one per line, in columns, oldest first.
 * @module
 */

import { printable } from "../../screen/cells.ts";
import type { Received } from "../../api/received.ts";
import type { TraceRow } from "../../api/trace.ts";
import { latencyText, timeText } from "../../values/durations.ts";
import type { Palette } from "../../screen/output.ts";
import { Columns } from "../../screen/table.ts";

/** Lays out the rows of `/trace`. Rows printed later keep the columns of those before. */
export class TraceLines {
  readonly #columns = new Columns();
  readonly #palette: Palette;
  #hasClients = false;

  constructor(palette: Palette) {
    this.#palette = palette;
  }

  /** One line for each row; empty for no rows. */
  render(rows: readonly Received<TraceRow>[]): string {
    // From the first row on that has one: where requests need no client's key, none ever has.
    this.#hasClients ||= rows.some(({ client }) => client !== undefined);
    const lines = this.#columns.align(rows.map((row) => cellsOf(row, this.#hasClients)));
    return lines.map((line, index) => `${this.#coloured(line, rows[index]!.status)}\n`).join("");
  }

  #coloured(line: string, status: number | null): string {
    if (status === null || status >= 500) return this.#palette.red(line);
    return status >= 400 ? this.#palette.yellow(line) : line;
  }
}

function cellsOf(row: Received<TraceRow>, hasClients: boolean): readonly string[] {
  const { ts, request_id, attempt, method, path, route, status, latency_ms, auth_file, outcome, error } = row;
  return [
    timeOfDay(ts * 1000),
    wordOf(request_id),
    `#${wordOf(attempt)}`,
    wordOf(method),
    wordOf(path),
    wordOf(route),
    wordOf(status),
    latencyText(latency_ms).replace(" ", "").padStart(6),
    wordOf(auth_file),
    wordOf(outcome),
    ...(hasClients ? [wordOf(row.client ?? null)] : []),
    printable(error ?? ""),
  ];
}

// Without spaces, here and in the latency, so that a column keeps its number for awk and cut.
function wordOf(value: string | number | null): string {
  return value === null ? "-" : printable(String(value)).replace(/\s/g, "_") || "-";
}

/** `14:05:09.120`, in the local time zone. */
function timeOfDay(atMs: number): string {
  return `${timeText(atMs)}.${String(new Date(atMs).getMilliseconds()).padStart(3, "0")}`;
}
