/**
 * The live view of `trace` as a value: the attempts, what the user looks at, and how keys and new attempts change it.
 * tui/view.ts draws it. The selection and the top of the list are rows, not positions, so that new attempts above do not
 * move what the user reads.
 * @module
 */

import type { Key } from "../system/keys.ts";
import type { TerminalSize } from "../system/terminal.ts";
import { attemptFilter } from "./tui/filter.ts";
import { printable } from "../screen/cells.ts";
import { type AttemptRow, isSame, type KeyRow } from "./tui/data.ts";
import { detailLines, helpLines, keyLines } from "./tui/pages.ts";

/** All that the view knows. */
export interface TuiState {
  readonly size: TerminalSize;
  /** Newest first. */
  readonly attempts: readonly AttemptRow[];
  /** Since this time no attempt is missing, epoch milliseconds; 0 when none is missing at all. */
  readonly knownSinceMs: number;
  /** The attempts as they were when the list was paused; `undefined` when it is not. */
  readonly frozen: readonly AttemptRow[] | undefined;
  /** The words that a listed attempt has to match; empty for no filter. */
  readonly filter: string;
  /** `undefined` for the newest, also when newer ones arrive. */
  readonly selected: AttemptRow | undefined;
  /** The index of the first attempt on the screen. */
  readonly top: number;
  readonly page: Page;
  readonly link: Link;
  readonly keys: readonly KeyRow[];
  /** Set when the view has to end. */
  readonly exitCode: number | undefined;
}

/** What is shown below the header. `top` is the index of the first line on the screen. */
export type Page =
  | { readonly kind: "list" }
  /** The list, while the user types a filter. */
  | { readonly kind: "filter" }
  | { readonly kind: "details"; readonly requestId: string; readonly top: number }
  | { readonly kind: "keys"; readonly top: number }
  | { readonly kind: "help"; readonly top: number };

/** Whether the proxy answers. */
export type Link =
  | { readonly kind: "live" }
  | { readonly kind: "lost"; readonly reason: string; readonly sinceMs: number };

/** What can happen to the view. */
export type TuiEvent =
  | { readonly kind: "key"; readonly key: Key }
  /** New attempts, oldest first. An answer without any also shows that the proxy is running. */
  | { readonly kind: "attempts"; readonly attempts: readonly AttemptRow[] }
  | { readonly kind: "keys"; readonly keys: readonly KeyRow[] }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "resize"; readonly size: TerminalSize }
  /** Time has passed; relative times change. */
  | { readonly kind: "tick" };

// More than anyone scrolls through; one or two megabytes.
const MAX_ATTEMPTS = 2000;
const MAX_FILTER_CHARS = 100;
const EXIT_INTERRUPTED = 130;
// The lines above and below a page.
const HEADER_ROWS = 2;
const HEADING_ROWS = 1;
const FOOTER_ROWS = 1;

/** The view before anything has happened. */
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

/** The view after an event. */
export function tuiAfter(state: TuiState, event: TuiEvent, nowMs: number): TuiState {
  return scrolled(changed(state, event, nowMs), state, nowMs);
}

/** The number of lines of a page that fit on the screen. */
export function pageRows({ rows }: TerminalSize): number {
  return Math.max(1, rows - HEADER_ROWS - FOOTER_ROWS);
}

/** The number of attempts that fit on the screen. */
export function listRows(size: TerminalSize): number {
  return Math.max(1, pageRows(size) - HEADING_ROWS);
}

/** All attempts of the list, also those that are not on the screen. */
export function listed({ attempts, frozen, filter }: TuiState): readonly AttemptRow[] {
  const shown = frozen ?? attempts;
  return filter === "" ? shown : shown.filter(attemptFilter(filter));
}

/** The index of the selected attempt in the list; 0 when it is not in it. */
export function selectedIndex({ selected }: TuiState, rows: readonly AttemptRow[]): number {
  return selected ? Math.max(0, rows.findIndex((row) => isSame(row, selected))) : 0;
}

/** The number of attempts that have arrived since the list was paused. */
export function newSincePause({ attempts, frozen }: TuiState): number {
  const [newest] = frozen ?? attempts;
  const index = newest ? attempts.findIndex((attempt) => isSame(attempt, newest)) : -1;
  return index < 0 ? attempts.length : index;
}

/** The lines of a page that is not the list. */
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

// The proxy drops its oldest rows; a view that was slow or started late has missed them.
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

/** The number of lines that a key moves down; negative for up. */
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

/** Scrolls so that the selection is on the screen, and moves the lines around it as little as possible. */
function scrolled(state: TuiState, before: TuiState, nowMs: number): TuiState {
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
