/**
 * The answer of `cdx2 all` as cards, one per key, as many side by side as fit. Widths are counted in cells; an emoji or a
 * CJK character takes two.
 * @module
 */

import { cellsOf, printable, shortened, shortenedFile } from "../../screen/cells.ts";
import type { AccountView, DashboardView, UsageStatus } from "./page.ts";
import { percentText } from "./percent_text.ts";
import type { Palette } from "../../screen/palette.ts";
import {
  creditsText,
  hiddenLimit,
  leftIn,
  namedWindows,
  planAndOwner,
  poolEnd,
  poolLeft,
  renewalNotice,
  tokenText,
  windowText,
} from "./usage_text.ts";
import { highest } from "../../values/extremes.ts";

/** Where the cards are drawn. */
export interface CardOptions {
  /** Cells per line. Infinity for a pipe: one card per row, and nothing is shortened. */
  readonly columns: number;
  readonly palette: Palette;
}

/** When the line is too long, `body` is shortened. */
interface CardLine {
  readonly head: string;
  readonly body: string;
  readonly tail: string;
  /** How `body` is shortened. */
  readonly shorten: (text: string, cells: number) => string;
  /** Belongs to the end of this line, or of the next one where this one would be too long. */
  readonly movable: string;
  /** Colours the line; `undefined` for one without colour. */
  readonly status: UsageStatus | undefined;
}

interface Card {
  readonly isCurrent: boolean;
  /** May be shortened. */
  readonly names: readonly CardLine[];
  /** Determine the width of a card. */
  readonly figures: readonly CardLine[];
}

interface Grid {
  /** Cells inside each card. */
  readonly width: number;
  readonly perRow: number;
}

const FRAME = { side: "│ ", corner: "╰", floor: "─" };
const CURRENT_FRAME = { side: "║ ", corner: "╚", floor: "═" };
const SIDE_CELLS = 2;
const GAP = "  ";

const LABEL_CELLS = 7;
const METER_CELLS = 10;
// Fits most file names and e-mails. Longer ones are shortened rather than leaving fewer cards per row.
const USUAL_CELLS = 44;
// Where only errors are to be shown, cards side by side need some room for their text.
const MIN_PAIRED_CELLS = 36;

/** The marks of the statuses. */
export const EMOJI: Readonly<Record<UsageStatus, string>> = {
  OK: "🟢",
  WARN: "🟡",
  COOLDOWN: "🔴",
  UNKNOWN: "⚪",
};

/** The text, with a line end at its end. */
export function renderCards(view: DashboardView, { columns, palette }: CardOptions): string {
  const content = Math.max(1, columns - SIDE_CELLS);
  const { cards, width, perRow } = layoutFor(view, content);
  const rows = inRows(cards, perRow).flatMap((row) => rowLines(row, width, palette));
  const left = poolLeft(view);
  const poolLine = `Global left: ${percentText(left)}  ${meter(left)}  ${poolEnd(view)}`.trimEnd();
  return [shortened(poolLine, columns), "", ...rows].join("\n") + "\n";
}

interface Layout extends Grid {
  readonly cards: readonly Card[];
}

/** The cards, without the word "reset" where that makes two columns of them, or where the figures would not fit with it. */
function layoutFor(view: DashboardView, content: number): Layout {
  const cardsWith = (beforeReset: string) =>
    view.accounts.map((account) => cardOf(account, view, beforeReset));
  const wide = cardsWith(" | reset ");
  const grid = gridFor(wide, content);
  if (grid.perRow > 1 || content === Infinity) return { cards: wide, ...grid };
  const tight = cardsWith(" | ");
  const tightGrid = pairedGrid(tight, content);
  if (tightGrid) return { cards: tight, ...tightGrid };
  return widest(wide, "figures") <= content
    ? { cards: wide, ...grid }
    : { cards: tight, ...gridFor(tight, content) };
}

/** Two cards side by side, as wide as fit; `undefined` when their figures do not. */
function pairedGrid(cards: readonly Card[], content: number): Grid | undefined {
  const width = Math.floor((content - SIDE_CELLS - GAP.length) / 2);
  const figures = widest(cards, "figures");
  if (cards.length < 2 || figures > width || width < MIN_PAIRED_CELLS) return undefined;
  return { width: Math.min(width, Math.max(figures, widest(cards, "names"))), perRow: 2 };
}

function cardOf(account: AccountView, { retrieved_at }: DashboardView, beforeReset: string): Card {
  const { file, email, current, status, error, disabled, expired } = account;
  const about = planAndOwner(account);
  const token = tokenText(account, Date.parse(retrieved_at));
  const limit = hiddenLimit(account);
  const credits = creditsText(account);
  const notice = renewalNotice(account);
  const windows = namedWindows(account).map(({ label, window }) =>
    lineOf(`${labelCell(label)}${meter(leftIn(window))}  `, windowText(window, beforeReset), window.status)
  );
  return {
    isCurrent: current,
    names: [
      {
        ...lineOf(labelCell("Key"), printable(file)),
        shorten: shortenedFile,
        tail: ` ${EMOJI[status]}${about === "" ? "" : ` ${about}`}`,
        movable: token === "" ? "" : `${about === "" ? " " : ", "}${token}`,
      },
      lineOf(labelCell("Email") + (current ? "⭐ " : ""), printable(email ?? "unknown")),
      ...(disabled || expired ? [lineOf(labelCell("State"), disabled ? "disabled" : "expired", status)] : []),
      ...(error === null || disabled ? [] : [lineOf(labelCell("Error"), printable(error), status)]),
      ...(notice ? [lineOf(labelCell(notice.label), printable(notice.text), "WARN")] : []),
    ],
    figures: [
      ...(error === null ? windows : []),
      ...(limit === undefined ? [] : [lineOf(labelCell("Limit"), limit, status)]),
      ...(credits === undefined ? [] : [lineOf(labelCell("Credit"), credits, status)]),
    ],
  };
}

function lineOf(head: string, body: string, status?: UsageStatus): CardLine {
  return { head, body, tail: "", shorten: shortened, movable: "", status };
}

function labelCell(label: string): string {
  return label.padEnd(LABEL_CELLS);
}

// Only a window that is used up has an empty meter.
function meter(percent: number | null): string {
  const tenths = Math.round((percent ?? 0) / 10);
  const full = percent !== null && percent > 0 ? Math.max(1, tenths) : 0;
  return "▰".repeat(full) + "▱".repeat(METER_CELLS - full);
}

function gridFor(cards: readonly Card[], content: number): Grid {
  const figures = widest(cards, "figures");
  const natural = Math.max(figures, widest(cards, "names"));
  const width = Math.min(natural, Math.max(USUAL_CELLS, figures));
  const beside = SIDE_CELLS + GAP.length;
  const perRow = Math.min(cards.length, Math.floor((content + beside) / (width + beside)));
  // A card that is alone in its row can show a long name in full.
  return content === Infinity || perRow < 2
    ? { width: Math.min(natural, content), perRow: 1 }
    : { width: Math.min(natural, Math.floor((content + beside) / perRow) - beside), perRow };
}

function widest(cards: readonly Card[], part: "names" | "figures"): number {
  const lines = cards.flatMap((card) => card[part]);
  return Math.max(0, highest(lines.map(cellsIn)));
}

function cellsIn({ head, body, tail, movable }: CardLine): number {
  return cellsOf(head + body + tail + movable);
}

/** The lines of a row of cards, all as high as the highest. */
function rowLines(cards: readonly Card[], width: number, palette: Palette): readonly string[] {
  const height = highest(cards.map(({ names, figures }) => names.length + figures.length));
  const columns = cards.map((card) => {
    const { side, corner, floor } = card.isCurrent ? CURRENT_FRAME : FRAME;
    const framed = (text: string) => card.isCurrent ? palette.bold(text) : text;
    const lines = [...placed(card.names, width), ...card.figures].map((line) => filled(line, width, palette));
    const blank = Array.from({ length: height - lines.length }, () => " ".repeat(width));
    return [
      ...[...lines, ...blank].map((line) => framed(side) + line),
      framed(corner + floor.repeat(width + SIDE_CELLS - 1)),
    ];
  });
  return Array.from(
    { length: height + 1 },
    (_, row) => columns.map((lines) => lines[row]).join(GAP).trimEnd(),
  );
}

/** The lines with what is movable in its place: a name is worth more than the room of an e-mail address. */
function placed(lines: readonly CardLine[], width: number): readonly CardLine[] {
  const [key, email, ...rest] = lines;
  if (!key || !email) return lines;
  const [own, next] = cellsIn(key) <= width ? [key.movable, ""] : ["", key.movable.replace(/^, | /, "  ")];
  return [{ ...key, tail: key.tail + own }, { ...email, tail: next }, ...rest];
}

function filled({ head, body, tail, shorten, status }: CardLine, width: number, palette: Palette): string {
  const text = head + shorten(body, width - cellsOf(head + tail)) + tail;
  const blanks = " ".repeat(Math.max(0, width - cellsOf(text)));
  return coloured(shortened(text, width), status, palette) + blanks;
}

function coloured(text: string, status: UsageStatus | undefined, palette: Palette): string {
  switch (status) {
    case "OK":
      return palette.green(text);
    case "WARN":
      return palette.yellow(text);
    case "COOLDOWN":
      return palette.red(text);
    case "UNKNOWN":
      return palette.dim(text);
    case undefined:
      return text;
  }
}

function inRows<T>(items: readonly T[], perRow: number): readonly (readonly T[])[] {
  return items.flatMap((_, index) => index % perRow === 0 ? [items.slice(index, index + perRow)] : []);
}
