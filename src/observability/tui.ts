/**
 * The live view of `trace` as a value: what is held, what is looked at, and how keys and news change that. How it looks
 * is up to tui_view.ts. The list is looked at by row, not by position, so news above do not move the eye's place.
 * @module
 */

import type { Key } from "../system/keys.ts";
import type { TerminalSize } from "../system/terminal.ts";
import { attemptFilter } from "./tui/filter.ts";
import { printable } from "../screen/cells.ts";
import { type AttemptRow, isSame, type KeyRow } from "./tui/data.ts";
import { detailLines, helpLines, keyLines } from "./tui/pages.ts";

export interface TuiState {
  readonly size: TerminalSize;
  /** Newest first. */
  readonly attempts: readonly AttemptRow[];
  /** Since this time no attempt is missing; 0 when none is. */
  readonly knownSinceMs: number;
  /** What the list held when it was paused. */
  readonly frozen: readonly AttemptRow[] | undefined;
  /** Words that a listed attempt must all fit; empty for no filter. */
  readonly filter: string;
  /** Absent: the newest, whichever that is. */
  readonly selected: AttemptRow | undefined;
  /** Index of the first line on the screen, of the list. */
  readonly top: number;
  readonly page: Page;
  readonly link: Link;
  readonly keys: readonly KeyRow[];
  /** There when it is time to go. */
  readonly exitCode: number | undefined;
}

/** What is below the header. `top` is the index of the first line on the screen. */
export type Page =
  | { readonly kind: "list" }
  /** The list, with the filter being typed. */
  | { readonly kind: "filter" }
  | { readonly kind: "details"; readonly requestId: string; readonly top: number }
  | { readonly kind: "keys"; readonly top: number }
  | { readonly kind: "help"; readonly top: number };

export type Link =
  | { readonly kind: "live" }
  | { readonly kind: "lost"; readonly reason: string; readonly sinceMs: number };

export type TuiEvent =
  | { readonly kind: "key"; readonly key: Key }
  /** Oldest first. An answer without any shows as well that the proxy is there. */
  | { readonly kind: "attempts"; readonly attempts: readonly AttemptRow[] }
  | { readonly kind: "keys"; readonly keys: readonly KeyRow[] }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "resize"; readonly size: TerminalSize }
  /** Time has passed. */
  | { readonly kind: "tick" };

// More than anyone scrolls through, and a megabyte or two.
const MAX_ATTEMPTS = 2000;
const MAX_FILTER_CHARS = 100;
const EXIT_INTERRUPTED = 130;
/** The lines above and below what a page or the list shows. */
const HEADER_ROWS = 2;
const HEADING_ROWS = 1;
const FOOTER_ROWS = 1;

export function initialTui(size: TerminalSize): TuiState {
  return {
    size,
    attempts: [],
    knownSinceMs: 0,
    frozen: undefined,
    filter: "",
    selected: undefined,
    top: 0,
    page: { kind: "list" },
    link: { kind: "live" },
    keys: [],
    exitCode: undefined,
  };
}

export function tuiAfter(state: TuiState, event: TuiEvent, nowMs: number): TuiState {
  return inSight(changed(state, event, nowMs), state, nowMs);
}

/** How many lines of a page fit on the screen. */
export function pageRows({ rows }: TerminalSize): number {
  return Math.max(1, rows - HEADER_ROWS - FOOTER_ROWS);
}

/** How many attempts fit on the screen. */
export function listRows(size: TerminalSize): number {
  return Math.max(1, pageRows(size) - HEADING_ROWS);
}

/** The attempts that the list shows, over all its length. */
export function listed({ attempts, frozen, filter }: TuiState): readonly AttemptRow[] {
  const shown = frozen ?? attempts;
  return filter === "" ? shown : shown.filter(attemptFilter(filter));
}

/** Where the selected attempt is among those listed; 0 when it is not. */
export function selectedIndex({ selected }: TuiState, rows: readonly AttemptRow[]): number {
  return selected ? Math.max(0, rows.findIndex((row) => isSame(row, selected))) : 0;
}

/** How many attempts have come since the list was paused. */
export function newSincePause({ attempts, frozen }: TuiState): number {
  const [newest] = frozen ?? attempts;
  const index = newest ? attempts.findIndex((attempt) => isSame(attempt, newest)) : -1;
  return index < 0 ? attempts.length : index;
}

/** The lines of a page that is no list. */
export function linesOf({ page, attempts, keys, size }: TuiState, nowMs: number): readonly string[] {
  switch (page.kind) {
    case "details":
      return detailLines(attempts.filter(({ requestId }) => requestId === page.requestId), size.columns);
    case "keys":
      return keyLines(keys, size.columns, nowMs);
    case "help":
      return helpLines(size.columns);
    case "list":
    case "filter":
      return [];
  }
}

function changed(state: TuiState, event: TuiEvent, nowMs: number): TuiState {
  switch (event.kind) {
    case "key":
      return afterKey(state, event.key);
    case "attempts":
      return afterAttempts(state, event.attempts);
    case "keys":
      return { ...state, keys: event.keys };
    case "lost": {
      const sinceMs = state.link.kind === "lost" ? state.link.sinceMs : nowMs;
      return { ...state, link: { kind: "lost", reason: printable(event.reason), sinceMs } };
    }
    case "resize":
      return { ...state, size: event.size };
    case "tick":
      return state;
  }
}

function afterAttempts(state: TuiState, attempts: readonly AttemptRow[]): TuiState {
  const live = { ...state, link: { kind: "live" } } as const;
  const [oldest] = attempts;
  if (!oldest) return live;
  const held = [...attempts.toReversed(), ...state.attempts].slice(0, MAX_ATTEMPTS);
  const isCut = held.length < attempts.length + state.attempts.length;
  const knownSinceMs = follows(oldest, state.attempts[0]) ? state.knownSinceMs : oldest.atMs;
  return {
    ...live,
    attempts: held,
    knownSinceMs: isCut ? Math.max(knownSinceMs, held.at(-1)!.atMs) : knownSinceMs,
  };
}

// The proxy forgets its oldest rows, and a reader that was slow or late has then missed them.
function follows(attempt: AttemptRow, newest: AttemptRow | undefined): boolean {
  return attempt.run === newest?.run ? attempt.id === newest.id + 1 : attempt.id === 1;
}

function afterKey(state: TuiState, key: Key): TuiState {
  if (key.kind === "ctrl_c") return { ...state, exitCode: EXIT_INTERRUPTED };
  const move = moveOf(key, state.size);
  if (move !== undefined) return afterMove(state, move);
  if (state.page.kind === "filter") return afterTyping(state, key);
  if (key.kind === "char") return afterCommand(state, key.char);
  const isList = state.page.kind === "list";
  if (key.kind === "escape") return isList ? { ...state, filter: "" } : toPage(state, { kind: "list" });
  if (key.kind === "enter") return isList ? toDetails(state) : toPage(state, { kind: "list" });
  return state;
}

/** How many lines a key goes down; negative for up. */
function moveOf({ kind }: Key, size: TerminalSize): number | undefined {
  switch (kind) {
    case "up":
      return -1;
    case "down":
      return 1;
    case "page_up":
      return -listRows(size);
    case "page_down":
      return listRows(size);
    case "home":
      return -Infinity;
    case "end":
      return Infinity;
    default:
      return undefined;
  }
}

function afterMove(state: TuiState, lines: number): TuiState {
  const { page } = state;
  if ("top" in page) return toPage(state, { ...page, top: page.top + lines });
  const rows = listed(state);
  const index = within(selectedIndex(state, rows) + lines, rows.length - 1);
  return { ...state, selected: index === 0 ? undefined : rows[index] };
}

function afterTyping(state: TuiState, key: Key): TuiState {
  const { filter } = state;
  switch (key.kind) {
    case "char":
      return filter.length < MAX_FILTER_CHARS ? { ...state, filter: filter + printable(key.char) } : state;
    case "backspace":
      return { ...state, filter: [...filter].slice(0, -1).join("") };
    case "ctrl_u":
      return { ...state, filter: "" };
    case "escape":
      return toPage({ ...state, filter: "" }, { kind: "list" });
    case "enter":
      return toPage(state, { kind: "list" });
    default:
      return state;
  }
}

function afterCommand(state: TuiState, char: string): TuiState {
  switch (char) {
    case "q":
      return { ...state, exitCode: 0 };
    case "p":
      return { ...state, frozen: state.frozen ? undefined : state.attempts };
    case "/":
      return toPage(state, { kind: "filter" });
    case "k":
      return toggled(state, { kind: "keys", top: 0 });
    case "?":
      return toggled(state, { kind: "help", top: 0 });
    default:
      return state;
  }
}

function toggled(state: TuiState, page: Page): TuiState {
  return toPage(state, state.page.kind === page.kind ? { kind: "list" } : page);
}

function toDetails(state: TuiState): TuiState {
  const rows = listed(state);
  const attempt = rows[selectedIndex(state, rows)];
  return attempt ? toPage(state, { kind: "details", requestId: attempt.requestId, top: 0 }) : state;
}

function toPage(state: TuiState, page: Page): TuiState {
  return { ...state, page };
}

/** The state with what is looked at on the screen, and the lines around it where they were. */
function inSight(state: TuiState, before: TuiState, nowMs: number): TuiState {
  const { page, size } = state;
  const rows = listed(state);
  const index = selectedIndex(state, rows);
  const top = within(topAfter(state, rows, before), rows.length - listRows(size));
  const list = { ...state, top: Math.min(index, Math.max(top, index - listRows(size) + 1)) };
  if (!("top" in page)) return list;
  const lastTop = linesOf(state, nowMs).length - pageRows(size);
  return { ...list, page: { ...page, top: within(page.top, lastTop) } };
}

function topAfter({ top }: TuiState, rows: readonly AttemptRow[], before: TuiState): number {
  const first = top > 0 ? listed(before)[top] : undefined;
  return first ? Math.max(0, rows.findIndex((row) => isSame(row, first))) : 0;
}

function within(index: number, max: number): number {
  return Math.max(0, Math.min(index, max));
}
