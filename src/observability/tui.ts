/**
 * How keys and answers of the proxy change the live view of `trace`. tui/state.ts says what the view is, tui/view.ts draws
 * it. The selection and the top of the list are rows, not positions, so that new attempts above do not move what the user
 * reads.
 * @module
 */

import type { Key } from "../system/keys.ts";
import type { TerminalSize } from "../system/terminal.ts";
import { printable } from "../screen/cells.ts";
import { type AttemptRow, isSame } from "./tui/data.ts";
import { linesOf } from "./tui/pages.ts";
import {
  listRows,
  type Page,
  pageRows,
  selectedIndex,
  type TraceNews,
  type TuiEvent,
  type TuiState,
  withListing,
} from "./tui/state.ts";

// More than anyone scrolls through; one or two megabytes.
const MAX_ATTEMPTS = 2000;
const MAX_REFUSED = 200;
const MAX_FILTER_CHARS = 100;
const EXIT_INTERRUPTED = 130;

/** The view after an event. */
export function tuiAfter(state: TuiState, event: TuiEvent, nowMs: number): TuiState {
  return scrolled(withListing(changed(state, event, nowMs), state), state, nowMs);
}

function changed(state: TuiState, event: TuiEvent, nowMs: number): TuiState {
  switch (event.kind) {
    case "key":
      return afterKey(state, event.key);
    case "answer":
      return afterAnswer(state, event);
    case "keys":
      return { ...state, keys: event.keys };
    case "lost": {
      const sinceMs = state.link.kind === "lost" ? state.link.sinceMs : nowMs;
      // What was running there is over, one way or the other.
      return { ...state, running: [], link: { kind: "lost", reason: printable(event.reason), sinceMs } };
    }
    case "resize":
      return { ...state, size: event.size };
    case "tick":
      return state;
  }
}

function afterAnswer(state: TuiState, { attempts, running, refused }: TraceNews): TuiState {
  const now = {
    ...state,
    link: { kind: "live" },
    running: running.toReversed(),
    refused: withRefused(state.refused, refused),
  } as const;
  const [oldest] = attempts;
  if (!oldest) return now;
  const held = [...attempts.toReversed(), ...state.attempts].slice(0, MAX_ATTEMPTS);
  const isCut = held.length < attempts.length + state.attempts.length;
  const knownSinceMs = follows(oldest, state.attempts[0]) ? state.knownSinceMs : oldest.atMs;
  return {
    ...now,
    attempts: held,
    knownSinceMs: isCut ? Math.max(knownSinceMs, held.at(-1)!.atMs) : knownSinceMs,
  };
}

function withRefused(known: readonly AttemptRow[], refused: readonly AttemptRow[]): readonly AttemptRow[] {
  const fresh = refused.filter((row) => !known.some((one) => isSame(one, row)));
  return fresh.length === 0 ? known : [...fresh.toReversed(), ...known].slice(0, MAX_REFUSED);
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
  const rows = state.listing.listed;
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
      return { ...state, frozen: state.frozen ? undefined : state.listing.all };
    case "a":
      return { ...state, showsAll: !state.showsAll };
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
  const rows = state.listing.listed;
  const attempt = rows[selectedIndex(state, rows)];
  return attempt ? toPage(state, { kind: "details", requestId: attempt.requestId, top: 0 }) : state;
}

function toPage(state: TuiState, page: Page): TuiState {
  return { ...state, page };
}

/** Scrolls so that the selection is on the screen, and moves the lines around it as little as possible. */
function scrolled(state: TuiState, before: TuiState, nowMs: number): TuiState {
  const { page, size, listing: { listed: rows } } = state;
  const index = selectedIndex(state, rows);
  const top = within(topAfter(state, rows, before), rows.length - listRows(size));
  const list = { ...state, top: Math.min(index, Math.max(top, index - listRows(size) + 1)) };
  if (!("top" in page)) return list;
  const lastTop = linesOf(state, nowMs).length - pageRows(size);
  return { ...list, page: { ...page, top: within(page.top, lastTop) } };
}

function topAfter({ top }: TuiState, rows: readonly AttemptRow[], before: TuiState): number {
  const first = top > 0 ? before.listing.listed[top] : undefined;
  return first ? Math.max(0, rows.findIndex((row) => isSame(row, first))) : 0;
}

function within(index: number, max: number): number {
  return Math.max(0, Math.min(index, max));
}
