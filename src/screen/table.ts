/**
 * Rows of cells in columns: fitted into the width of a screen, where the least important columns are left out so that
 * the others can be read, or as wide as their texts need.
 * @module
 */

import { cellsOf, fitted } from "./cells.ts";
import { highest } from "../values/extremes.ts";

/** A column of a table that is fitted into a width. Widths are in terminal cells. */
export interface Column<Row> {
  readonly title: string;
  /** 1 is the most important; each column has its own rank. */
  readonly rank: number;
  /** At least as wide as the title. */
  readonly min: number;
  /** The column grows up to this, as far as its texts need it and there is room. */
  readonly max: number;
  readonly align?: "right";
  readonly text: (row: Row) => string;
  /** How a text that is too long is cut; by default its end is cut off. */
  readonly shorten?: (text: string, cells: number) => string;
}

/** The lines of a table that has been fitted into a width. */
export interface FittedTable<Row> {
  readonly heading: string;
  readonly line: (row: Row) => string;
}

const GAP = " ";

/** Fits columns into lines of exactly `cells`. `rows` are all rows for which the widths have to be enough. */
export function fitTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  cells: number,
): FittedTable<Row> {
  const chosen = mostImportant(columns, cells);
  const widths = widthsOf(chosen, rows, cells);
  const line = (textOf: (column: Column<Row>) => string) =>
    fitted(
      columns.filter((column) => widths.has(column))
        .map((column) => cellOf(column, textOf(column), widths.get(column)!)).join(GAP),
      cells,
    );
  return { heading: line(({ title }) => title), line: (row) => line(({ text }) => text(row)) };
}

function cellOf<Row>({ shorten, align }: Column<Row>, text: string, cells: number): string {
  return fitted(shorten ? shorten(text, cells) : text, cells, align);
}

/** By rank, as many as there is room for; the first one in any case. */
function mostImportant<Row>(columns: readonly Column<Row>[], cells: number): readonly Column<Row>[] {
  const ranked = columns.toSorted((a, b) => a.rank - b.rank);
  let used = -GAP.length;
  const tooMany = ranked.findIndex(({ min }, index) => (used += min + GAP.length) > cells && index > 0);
  return tooMany < 0 ? ranked : ranked.slice(0, tooMany);
}

/**
 * The room that is left is shared by the columns that need more: what one does not need is for the others, so that a long
 * text in one column leaves a short one in another readable.
 */
function widthsOf<Row>(
  chosen: readonly Column<Row>[],
  rows: readonly Row[],
  cells: number,
): ReadonlyMap<Column<Row>, number> {
  let left = cells - chosen.reduce((sum, { min }) => sum + min + GAP.length, -GAP.length);
  const wishes = chosen.map((column) => ({ column, more: missingIn(column, rows) }))
    .sort((a, b) => a.more - b.more);
  return new Map(wishes.map(({ column, more }, index) => {
    const given = Math.max(0, Math.min(more, Math.floor(left / (wishes.length - index))));
    left -= given;
    return [column, column.min + given];
  }));
}

/** How many more cells than its least width a column needs. */
function missingIn<Row>(column: Column<Row>, rows: readonly Row[]): number {
  return column.max > column.min ? Math.max(0, neededBy(column, rows) - column.min) : 0;
}

function neededBy<Row>({ text, max }: Column<Row>, rows: readonly Row[]): number {
  const texts = new Set(rows.map(text));
  return Math.min(max, Math.max(0, highest([...texts].map(cellsOf))));
}

/** Aligns rows of cells. Widths only grow, so that rows aligned later stay in line with those before. */
export class Columns {
  readonly #widths: number[] = [];

  /** Returns one line for each row, without a line end. */
  align(rows: readonly (readonly string[])[]): readonly string[] {
    for (const row of rows) {
      row.forEach((cell, column) => {
        this.#widths[column] = Math.max(this.#widths[column] ?? 0, cellsOf(cell));
      });
    }
    return rows.map((row) =>
      row.map((cell, column) => fitted(cell, this.#widths[column]!)).join("  ").trimEnd()
    );
  }
}
