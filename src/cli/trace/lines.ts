/**
 * Attempts as text: one per line, in columns, oldest first; then what is running.
 * @module
 */

import { printable } from "../../screen/cells.ts";
import type { Received } from "../../api/received.ts";
import type { RefusedRequest, RunningRow, TraceRow } from "../../api/trace.ts";
import { outcomeWord } from "../../observability/tui/words.ts";
import { durationText, latencyText, timeText } from "../../values/durations.ts";
import type { Palette } from "../../screen/palette.ts";
import { Columns } from "../../screen/table.ts";

/** One line before it is laid out. */
export interface TraceLine {
  /** When it ended, or began; epoch milliseconds. */
  readonly atMs: number;
  readonly requestId: string;
  readonly attempt: string;
  readonly method: string;
  readonly path: string;
  readonly route: string;
  readonly status: number | null;
  readonly took: string;
  readonly file: string;
  readonly outcome: string;
  /** `undefined` where requests need no client's key. */
  readonly client: string | undefined;
  readonly error: string;
  readonly isRunning: boolean;
}

/** An attempt that has ended, as a line. */
export function endedLine(row: Received<TraceRow>): TraceLine {
  return {
    ...partOf(row),
    atMs: row.ts * 1000,
    status: row.status,
    took: latencyText(row.latency_ms),
    outcome: row.outcome,
    error: row.error ?? "",
    isRunning: false,
  };
}

/** What has not ended, as a line: it has no status, and the outcome says what it does. */
export function runningLine(row: Received<RunningRow>, nowMs: number): TraceLine {
  const beganMs = Date.parse(row.began_at);
  return {
    ...partOf(row),
    atMs: beganMs,
    status: null,
    took: durationText(nowMs - beganMs),
    outcome: outcomeWord({ phase: row.state, outcome: "" }),
    error: "",
    isRunning: true,
  };
}

/** A request that the proxy refused by itself, as a line. */
export function refusedLine(
  { ts, request_id, method, path, status, type }: Received<RefusedRequest>,
): TraceLine {
  return {
    atMs: ts * 1000,
    requestId: request_id,
    attempt: "-",
    method,
    path,
    route: "",
    status,
    took: "-",
    file: "",
    outcome: "refused",
    client: undefined,
    error: type,
    isRunning: false,
  };
}

function partOf(row: Received<TraceRow> | Received<RunningRow>) {
  const { request_id: requestId, attempt, method, path, route, client } = row;
  return { requestId, attempt: `#${attempt}`, method, path, route, file: row.auth_file ?? "", client };
}

/** Lays out the lines of `trace`. Those printed later keep the columns of those before. */
export class TraceLines {
  readonly #columns = new Columns();
  readonly #palette: Palette;
  #hasClients = false;

  constructor(palette: Palette) {
    this.#palette = palette;
  }

  /** One line of text for each; empty for none. */
  render(lines: readonly TraceLine[]): string {
    // From the first one on that has one: where requests need no client's key, none ever has.
    this.#hasClients ||= lines.some(({ client }) => client !== undefined);
    const texts = this.#columns.align(lines.map((line) => cellsOf(line, this.#hasClients)));
    return texts.map((text, index) => `${this.#coloured(text, lines[index]!)}\n`).join("");
  }

  #coloured(text: string, { status, isRunning }: TraceLine): string {
    if (isRunning) return this.#palette.cyan(text);
    if (status === null || status >= 500) return this.#palette.red(text);
    return status >= 400 ? this.#palette.yellow(text) : text;
  }
}

function cellsOf(line: TraceLine, hasClients: boolean): readonly string[] {
  const { atMs, requestId, attempt, method, path, route, status, took, file, outcome, client, error } = line;
  return [
    timeOfDay(atMs),
    wordOf(requestId),
    wordOf(attempt),
    wordOf(method),
    wordOf(path),
    wordOf(route),
    wordOf(status === null ? "-" : String(status)),
    took.replace(" ", "").padStart(6),
    wordOf(file),
    wordOf(outcome),
    ...(hasClients ? [wordOf(client ?? "")] : []),
    printable(error),
  ];
}

// Without spaces, here and in the duration, so that a column keeps its number for awk and cut.
function wordOf(value: string): string {
  return printable(value).replace(/\s/g, "_") || "-";
}

/** `14:05:09.120`, in the local time zone. */
function timeOfDay(atMs: number): string {
  return `${timeText(atMs)}.${String(new Date(atMs).getMilliseconds()).padStart(3, "0")}`;
}
