/**
 * The pages of the live view below the list: one request in detail, the keys, the help. No line is wider than `cells`.
 * @module
 */

import { shortenedFile } from "../../screen/cells.ts";
import { wrappedToFit } from "../../screen/line.ts";
import { timeLeftText } from "../../values/durations.ts";
import { type Column, fitTable } from "../../screen/table.ts";
import type { KeyRow } from "./data.ts";
import { detailLines } from "./details.ts";
import { type Fact, factLines } from "./facts.ts";
import type { TuiState } from "./state.ts";

function keyColumns(nowMs: number): readonly Column<KeyRow>[] {
  return [
    { title: "KEY", rank: 2, min: 9, max: 30, text: ({ file }) => file, shorten: shortenedFile },
    { title: "STATE", rank: 1, min: 9, max: 11, text: ({ state }) => state },
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

const HELP: readonly Fact[] = [
  ["q", "quit; Ctrl-C does too"],
  ["a", "all requests, or only those to a model"],
  ["p", "pause or resume the list"],
  ["/", "filter by key, model, status (429, 4xx), path or request id; each word must match"],
  ["Esc", "back, or clear the filter"],
  ["↑ ↓", "select an attempt, or scroll a page; also PgUp, PgDn, Home, End"],
  ["Enter", "all attempts of the selected request"],
  ["k", "the keys and their states"],
  ["?", "this help"],
  [">", "the selected attempt; at the top it follows the newest"],
  ["+", "an attempt that ended in the last 5 seconds"],
  ["…", "an attempt that is running, and for how long"],
  ["waiting", "the upstream has not answered yet"],
  ["streaming", "the answer is on its way to the client"],
  ["no key free", "the request waits for a key"],
  ["TOKENS", "tokens that the model wrote, as far as the stream tells"],
  ["hidden", "attempts that are not requests to a model, such as lists of models"],
  ["ok", "the share of the listed kind of requests whose last attempt was ok, in the last 5 minutes"],
  ["p50 p95", "half, and 95 %, of these requests took at most this time"],
];

/** What the keys and marks mean. */
export function helpLines(cells: number): readonly string[] {
  return factLines([HELP], cells).flat();
}

/** The lines of a page that is not the list. */
export function linesOf(state: TuiState, nowMs: number): readonly string[] {
  const { page, keys, size: { columns: cells } } = state;
  switch (page.kind) {
    case "details":
      return detailLines(
        [...state.running, ...state.attempts, ...state.refused].filter(({ requestId }) =>
          requestId === page.requestId
        ),
        { cells, nowMs },
      );
    case "keys":
      return keyLines(keys, cells, nowMs);
    case "help":
      return helpLines(cells);
    case "list":
    case "filter":
      return [];
  }
}
