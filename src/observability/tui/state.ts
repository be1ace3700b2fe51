/**
 * The live view of `trace` as a value: what it knows, what of that the user looks at, and what can happen to it.
 * @module
 */

import { isModelRoute } from "../../api/trace.ts";
import type { Key } from "../../system/keys.ts";
import type { TerminalSize } from "../../system/terminal.ts";
import { type AttemptRow, isSame, type KeyRow } from "./data.ts";
import { attemptFilter } from "./filter.ts";

/** All that the view knows. */
export interface TuiState {
  readonly size: TerminalSize;
  /** Those that have ended, newest first. */
  readonly attempts: readonly AttemptRow[];
  /** Those that have not, and requests that wait for a key; the last to begin comes first. */
  readonly running: readonly AttemptRow[];
  /** Requests that the proxy refused by itself, newest first. */
  readonly refused: readonly AttemptRow[];
  /** It lists all requests; else only those to a model. */
  readonly showsAll: boolean;
  /** Since this time no attempt is missing, epoch milliseconds; 0 when none is missing at all. */
  readonly knownSinceMs: number;
  /** The rows as they were when the list was paused; `undefined` when it is not. */
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
  /** Made of the fields above whenever one of them changes: an event needs it several times. */
  readonly listing: Listing;
  /** Set when the view has to end. */
  readonly exitCode: number | undefined;
}

/** The rows of the list. */
export interface Listing {
  /** Everything that is known, or was when the list was paused. */
  readonly all: readonly AttemptRow[];
  /** Those that the list has before it is filtered. */
  readonly shown: readonly AttemptRow[];
  /** Those that match the filter. */
  readonly listed: readonly AttemptRow[];
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

/** What one answer of the proxy brings. */
export interface TraceNews {
  /** Those that have ended since the last answer, oldest first. */
  readonly attempts: readonly AttemptRow[];
  /** All that are running, oldest first. */
  readonly running: readonly AttemptRow[];
  /** The newest refusals, oldest first; earlier answers had some of them as well. */
  readonly refused: readonly AttemptRow[];
}

/** What can happen to the view. */
export type TuiEvent =
  | { readonly kind: "key"; readonly key: Key }
  /** An answer of the proxy. */
  | ({ readonly kind: "answer" } & TraceNews)
  | { readonly kind: "keys"; readonly keys: readonly KeyRow[] }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "resize"; readonly size: TerminalSize }
  /** Time has passed; relative times change. */
  | { readonly kind: "tick" };

// The lines above and below a page.
const HEADER_ROWS = 2;
const HEADING_ROWS = 1;
const FOOTER_ROWS = 1;

/** The view before anything has happened. */
export function initialTui(size: TerminalSize, { showsAll = false } = {}): TuiState {
  return {
    size,
    attempts: [],
    running: [],
    refused: [],
    showsAll,
    knownSinceMs: 0,
    frozen: undefined,
    filter: "",
    selected: undefined,
    top: 0,
    page: { kind: "list" },
    link: { kind: "live" },
    keys: [],
    listing: { all: [], shown: [], listed: [] },
    exitCode: undefined,
  };
}

/** The number of lines of a page that fit on the screen. */
export function pageRows({ rows }: TerminalSize): number {
  return Math.max(1, rows - HEADER_ROWS - FOOTER_ROWS);
}

/** The number of attempts that fit on the screen. */
export function listRows(size: TerminalSize): number {
  return Math.max(1, pageRows(size) - HEADING_ROWS);
}

/** The state after an event, with the listing of its rows; `before` is the one that it was made of. */
export function withListing(state: TuiState, before: TuiState): TuiState {
  const isSameList = LISTED_FROM.every((name) => state[name] === before[name]);
  return isSameList ? state : { ...state, listing: listingOf(state) };
}

const LISTED_FROM = ["attempts", "running", "refused", "showsAll", "frozen", "filter"] as const;

function listingOf(state: TuiState): Listing {
  const all = state.frozen ?? allRows(state);
  const shown = all.filter(isShown(state));
  return { all, shown, listed: state.filter === "" ? shown : shown.filter(attemptFilter(state.filter)) };
}

/** Everything that is known, newest first; what is running comes before what has ended. */
function allRows({ running, attempts, refused }: TuiState): readonly AttemptRow[] {
  const rows = [...attempts];
  const attempted = new Set(attempts.map(({ requestId }) => requestId));
  for (const row of refused.filter(({ requestId }) => !attempted.has(requestId))) {
    const older = rows.findIndex(({ atMs }) => atMs <= row.atMs);
    rows.splice(older < 0 ? rows.length : older, 0, row);
  }
  return [...running, ...rows];
}

/** The number of attempts that the list leaves out because they are not requests to a model. */
export function hiddenCount({ listing: { all, shown } }: TuiState): number {
  return all.length - shown.length;
}

/** Whether the list has this row, whatever the filter. */
export function isShown({ showsAll }: Pick<TuiState, "showsAll">): (row: AttemptRow) => boolean {
  return (row) => showsAll || row.phase === "refused" || isModelRoute(row.route);
}

/** The index of the selected attempt in the list; 0 when it is not in it. */
export function selectedIndex({ selected }: TuiState, rows: readonly AttemptRow[]): number {
  return selected ? Math.max(0, rows.findIndex((row) => isSame(row, selected))) : 0;
}

/** The number of attempts for the list that have ended since it was paused. */
export function newSincePause(state: TuiState): number {
  const { attempts, frozen } = state;
  const newest = (frozen ?? attempts).find(({ phase }) => phase === "ended");
  const index = newest ? attempts.findIndex((attempt) => isSame(attempt, newest)) : -1;
  return attempts.slice(0, index < 0 ? attempts.length : index).filter(isShown(state)).length;
}
