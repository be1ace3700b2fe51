/**
 * The pages of the live view below the list: one request in detail, the keys, the help. No line is wider than `cells`.
 * @module
 */

import { cellsOf, fitted } from "../../screen/cells.ts";
import { wrappedToFit } from "../../screen/line.ts";
import { latencyText, timeLeftText, timeText } from "../../screen/durations.ts";
import type { AttemptRow, KeyRow } from "./data.ts";
import { type Column, fitTable } from "../../screen/table.ts";

type Fact = readonly [name: string, text: string];

function keyColumns(nowMs: number): readonly Column<KeyRow>[] {
  return [
    { title: "KEY", rank: 2, min: 9, max: 30, text: ({ file }) => file },
    { title: "STATE", rank: 1, min: 9, max: 9, text: ({ state }) => state },
    { title: "ENDS IN", rank: 3, min: 7, max: 10, align: "right", text: (key) => remainingText(key, nowMs) },
    { title: "REASON", rank: 4, min: 12, max: 32, text: ({ reason }) => reason || "-" },
    { title: "USED", rank: 5, min: 5, max: 9, align: "right", text: ({ used }) => String(used) },
    { title: "ERRORS", rank: 6, min: 6, max: 9, align: "right", text: ({ errors }) => String(errors) },
    { title: "E-MAIL", rank: 7, min: 12, max: 40, text: ({ email }) => email || "-" },
  ];
}

/** One line for each key, under a heading. */
export function keyLines(keys: readonly KeyRow[], cells: number, nowMs: number): readonly string[] {
  if (keys.length === 0) return wrappedToFit("no keys are known", cells);
  const { heading, line } = fitTable(keyColumns(nowMs), keys, cells);
  return [heading, ...keys.map(line)];
}

function remainingText({ untilMs }: KeyRow, nowMs: number): string {
  if (untilMs === undefined) return "-";
  return untilMs <= nowMs ? "now" : timeLeftText(untilMs - nowMs);
}

/** All attempts of one request, oldest first. */
export function detailLines(newestFirst: readonly AttemptRow[], cells: number): readonly string[] {
  const attempts = newestFirst.toReversed();
  const [first] = attempts;
  if (!first) return wrappedToFit("the attempts of this request are no longer in the list", cells);
  const count = attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`;
  const startMs = Math.min(...attempts.map(startOf));
  const lines = factLines(attempts.map(factsOf), cells);
  const endMs = Math.max(...attempts.map(({ atMs }) => atMs));
  return [
    ...wrappedToFit(`request ${first.requestId}`, cells),
    ...wrappedToFit(`${first.method} ${first.path} (${first.route}) from ${first.clientIp}`, cells),
    ...wrappedToFit(
      `${count} in ${latencyText(endMs - startMs)}, at last ${attempts.at(-1)!.outcome}`,
      cells,
    ),
    ...attempts.flatMap((attempt, index) => ["", `attempt ${attempt.number}`, ...lines[index]!]),
  ];
}

function factsOf(attempt: AttemptRow): readonly Fact[] {
  const { status, latencyMs, file, email, outcome, error, more } = attempt;
  const key = file === "" ? "none: the client's own login" : email === "" ? file : `${file} (${email})`;
  return [
    ["outcome", outcome],
    ["status", statusText(status)],
    ["key", key],
    ["began", `${timeText(startOf(attempt))}, took ${latencyText(latencyMs)}`],
    ...(error === "" ? [] : [["error", error] as const]),
    ...more,
  ];
}

/** Each list of facts as lines. The names are in a column of their own, unless that leaves too little room. */
function factLines(lists: readonly (readonly Fact[])[], cells: number): readonly (readonly string[])[] {
  const indent = 2 + Math.max(...lists.flat().map(([name]) => cellsOf(name))) + 2;
  const linesOf = ([name, text]: Fact) =>
    indent > cells / 2
      ? wrappedToFit(`${name}: ${text}`, cells)
      : wrappedToFit(text, cells - indent).map((line, index) =>
        fitted(index === 0 ? `  ${name}` : "", indent) + line
      );
  return lists.map((facts) => facts.flatMap(linesOf));
}

const HELP: readonly Fact[] = [
  ["q", "quit; Ctrl-C does too"],
  ["p", "pause or resume the list"],
  ["/", "filter by key, status (429, 4xx), path or request id; each word must match"],
  ["Esc", "back, or clear the filter"],
  ["↑ ↓", "select an attempt, or scroll a page; also PgUp, PgDn, Home, End"],
  ["Enter", "all attempts of the selected request"],
  ["k", "the keys and their states"],
  ["?", "this help"],
  [">", "the selected attempt; at the top it follows the newest"],
  ["+", "an attempt that ended in the last 5 seconds"],
  ["ok", "the share of requests whose last attempt was ok, in the last 5 minutes"],
  ["p50 p95", "half, and 95 %, of these requests took at most this time"],
];

/** What the keys and marks mean. */
export function helpLines(cells: number): readonly string[] {
  return factLines([HELP], cells).flat();
}

/** `none` where there is no status: screen readers would skip an empty column. */
export function statusText(status: number | undefined): string {
  return status === undefined ? "none" : String(status);
}

function startOf({ atMs, latencyMs }: AttemptRow): number {
  return atMs - latencyMs;
}
