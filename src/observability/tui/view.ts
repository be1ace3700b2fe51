/**
 * The live view as lines of text: a header about the pool and the traffic, the page, and a footer that names the keys.
 * Colours only repeat what the text and marks say.
 * @module
 */

import { STATE_WORDS } from "../../auth/state_word.ts";
import { cellsOf, fitted, shortened } from "../../screen/cells.ts";
import { type Traffic, trafficIn } from "./traffic.ts";
import { listColumns } from "./columns.ts";
import type { AttemptRow, KeyRow } from "./data.ts";
import { counted, durationText, latencyText } from "../../values/durations.ts";
import { linesOf } from "./pages.ts";
import type { Palette } from "../../screen/palette.ts";
import { fitTable } from "../../screen/table.ts";
import {
  hiddenCount,
  isShown,
  listRows,
  newSincePause,
  pageRows,
  selectedIndex,
  type TuiState,
} from "./state.ts";

/** What the picture depends on besides the state. */
export interface FrameOptions {
  readonly nowMs: number;
  readonly palette: Palette;
}

const NEW_MS = 5000;
// The two marks before a row, and a blank.
const GUTTER_CELLS = 3;
const SEPARATOR = "  ";

/** The whole screen: as many lines as it has, none wider than it is. */
export function frame(state: TuiState, { nowMs, palette }: FrameOptions): readonly string[] {
  const { columns, rows } = state.size;
  const header = [linkLine(state, nowMs, palette), trafficLine(state, nowMs)];
  const isList = state.page.kind === "list" || state.page.kind === "filter";
  const body = isList ? listLines(state, nowMs, palette) : pageLines(state, nowMs);
  const height = pageRows(state.size);
  const blanks = Array.from({ length: Math.max(0, height - body.length) }, () => "");
  const lines = [...header, ...body.slice(0, height), ...blanks, footerLine(state, nowMs)];
  return lines.slice(0, rows).map((line) => cellsOf(line) > columns ? shortened(line, columns) : line);
}

function linkLine(state: TuiState, nowMs: number, palette: Palette): string {
  const { columns } = state.size;
  const parts = [...linkParts(state, nowMs), ...listParts(state)];
  const lines = [
    ["cdx2 trace", ...parts, poolText(state.keys)],
    [...parts, poolText(state.keys)],
    [...parts, shortPoolText(state.keys)],
  ].map((line) => line.join(SEPARATOR));
  const line = lines.find((text) => cellsOf(text) <= columns) ?? shortened(lines.at(-1)!, columns);
  return state.link.kind === "lost" ? palette.yellow(line) : palette.bold(line);
}

function linkParts(state: TuiState, nowMs: number): readonly string[] {
  const paused = state.frozen ? [`paused, ${newSincePause(state)} new`] : [];
  if (state.link.kind === "live") return state.frozen ? paused : ["live"];
  const { reason, sinceMs } = state.link;
  return [`reconnecting… ${durationText(nowMs - sinceMs)} (${reason})`, ...paused];
}

/** What is running, what is left out, and what is looked for. */
function listParts(state: TuiState): readonly string[] {
  const { filter, running, showsAll, listing: { shown, listed } } = state;
  const runningCount = running.filter(isShown(state)).length;
  const hidden = hiddenCount(state);
  return [
    ...(runningCount > 0 ? [`${runningCount} running`] : []),
    ...(showsAll ? ["all requests"] : hidden > 0 ? [`${hidden} hidden`] : []),
    ...(filter === "" ? [] : [`filter "${filter}": ${listed.length} of ${shown.length}`]),
  ];
}

/** The number of keys in each state; those that serve come first. */
function poolText(keys: readonly KeyRow[]): string {
  if (keys.length === 0) return "keys: none";
  const states = new Set([...STATE_WORDS, ...keys.map(({ state }) => state)]);
  const counts = [...states].map((state) =>
    [keys.filter((key) => key.state === state).length, state] as const
  );
  return "keys: " + counts.filter(([count]) => count > 0).map((part) => part.join(" ")).join(", ");
}

/** The same for a narrow screen: how many serve, and how many there are. */
function shortPoolText(keys: readonly KeyRow[]): string {
  const okCount = keys.filter(({ state }) => state === "ok").length;
  return `${okCount} of ${counted(keys.length, "key")} ok`;
}

function trafficLine(state: TuiState, nowMs: number): string {
  const { attempts, knownSinceMs, size } = state;
  const traffic = trafficIn(attempts.filter(isShown(state)), knownSinceMs, nowMs);
  const window = durationText(traffic.windowMs);
  const parts = traffic.requests === 0 ? [`last ${window}: no requests`] : trafficParts(traffic, window);
  return shortened(parts.join(SEPARATOR), size.columns);
}

function trafficParts({ requestsPerMinute, okShare, p50Ms, p95Ms }: Traffic, window: string): string[] {
  return [
    `last ${window}: ${requestsPerMinute.toFixed(requestsPerMinute < 10 ? 1 : 0)} req/min`,
    // Rounded down, so that it is 100% only without any failure.
    `${Math.floor(okShare * 100)}% ok`,
    `p50 ${latencyText(p50Ms)}`,
    `p95 ${latencyText(p95Ms)}`,
  ];
}

function listLines(state: TuiState, nowMs: number, palette: Palette): readonly string[] {
  const rows = state.listing.listed;
  const hasClients = rows.some(({ client }) => client !== "");
  const columns = listColumns({ showsAll: state.showsAll, hasClients, nowMs });
  const { heading, line } = fitTable(columns, rows, Math.max(1, state.size.columns - GUTTER_CELLS));
  const selected = rows[selectedIndex(state, rows)];
  const shown = rows.slice(state.top, state.top + listRows(state.size)).map((row) => {
    const isNew = row.phase === "ended" && nowMs - row.atMs < NEW_MS;
    const text = `${row === selected ? ">" : " "}${isNew ? "+" : " "} ${line(row)}`;
    const coloured = colourOf(row, palette)(isNew ? palette.bold(text) : text);
    return row === selected ? palette.inverse(coloured) : coloured;
  });
  const nothing = shortened(nothingText(state), state.size.columns);
  return [palette.underline(" ".repeat(GUTTER_CELLS) + heading), ...(rows.length === 0 ? [nothing] : shown)];
}

function nothingText(state: TuiState): string {
  if (state.filter !== "") return "no attempt matches the filter";
  const hidden = hiddenCount(state);
  return hidden === 0 ? "no requests yet" : `no requests to a model yet; press a for all requests: ${hidden}`;
}

// A stream can fail after its status was 200.
function colourOf({ phase, status, outcome }: AttemptRow, palette: Palette): (text: string) => string {
  if (phase !== "ended" && phase !== "refused") return palette.cyan;
  if (status === undefined || status >= 500 || outcome === "origin_failed") return palette.red;
  return status >= 400 ? palette.yellow : (text) => text;
}

function pageLines(state: TuiState, nowMs: number): readonly string[] {
  const { page, size } = state;
  return "top" in page ? linesOf(state, nowMs).slice(page.top, page.top + pageRows(size)) : [];
}

// The most useful first: on a narrow screen the last ones are left out.
const LIST_HINTS = [
  "q quit",
  "? help",
  "/ filter",
  "a all",
  "Enter details",
  "p pause",
  "k keys",
  "↑↓ select",
] as const;
const FILTER_HINTS = ["Enter keep", "Esc clear"];

function footerLine(state: TuiState, nowMs: number): string {
  const { page, filter, frozen, showsAll, size: { columns } } = state;
  if (page.kind === "filter") return asManyAsFit([`filter: ${filter}_`, ...FILTER_HINTS], columns);
  if ("top" in page) {
    return asManyAsFit(["q quit", "Esc back", ...scrollHint(state, nowMs), "? help"], columns);
  }
  const hints = LIST_HINTS.map((hint) => {
    if (hint === "p pause" && frozen) return "p resume";
    return hint === "a all" && showsAll ? "a fewer" : hint;
  });
  return asManyAsFit(hints, columns);
}

/** Which part of the page is on the screen; nothing when all of it is. */
function scrollHint({ page, ...state }: TuiState, nowMs: number): readonly string[] {
  const top = "top" in page ? page.top : 0;
  const total = linesOf({ page, ...state }, nowMs).length;
  const bottom = Math.min(total, top + pageRows(state.size));
  return bottom - top < total ? [`↑↓ scroll (${top + 1}–${bottom} of ${total})`] : [];
}

function asManyAsFit(hints: readonly string[], cells: number): string {
  const lines = hints.map((_, index) => hints.slice(0, index + 1).join(SEPARATOR));
  return lines.findLast((line) => cellsOf(line) <= cells) ?? fitted(lines[0] ?? "", cells);
}
