/**
 * A table in as many cells as there are. When not all columns fit, the least important are left out, so that the others
 * can be read.
 * @module
 */

import { cellsOf, fitted } from "./cells.ts";

/** Widths are in cells. */
export interface Column<Row> {
  readonly title: string;
  /** 1 is the most important; each column has its own. */
  readonly rank: number;
  /** At least as wide as the title. */
  readonly min: number;
  /** It grows up to this, as far as its texts need it and there is room. */
  readonly max: number;
  readonly align?: "right";
  readonly text: (row: Row) => string;
}

export interface Table<Row> {
  readonly heading: string;
  readonly line: (row: Row) => string;
}

const GAP = " ";

/** Lines of exactly `cells`. `rows` are all that shall stand in columns of the same widths. */
export function layOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  cells: number,
): Table<Row> {
  const chosen = mostImportant(columns, cells);
  const widths = widthsOf(chosen, rows, cells);
  const line = (textOf: (column: Column<Row>) => string) =>
    fitted(
      columns.filter((column) => widths.has(column))
        .map((column) => fitted(textOf(column), widths.get(column)!, column.align)).join(GAP),
      cells,
    );
  return { heading: line(({ title }) => title), line: (row) => line(({ text }) => text(row)) };
}

/** By rank; the first one in any case. */
function mostImportant<Row>(columns: readonly Column<Row>[], cells: number): readonly Column<Row>[] {
  const ranked = columns.toSorted((a, b) => a.rank - b.rank);
  let used = -GAP.length;
  const tooMany = ranked.findIndex(({ min }, index) => (used += min + GAP.length) > cells && index > 0);
  return tooMany < 0 ? ranked : ranked.slice(0, tooMany);
}

/** What is left of the room goes to the columns that need more, the most important first. */
function widthsOf<Row>(
  ranked: readonly Column<Row>[],
  rows: readonly Row[],
  cells: number,
): ReadonlyMap<Column<Row>, number> {
  let left = cells - ranked.reduce((sum, { min }) => sum + min + GAP.length, -GAP.length);
  return new Map(ranked.map((column) => {
    const wish = column.max > column.min ? neededBy(column, rows) : column.min;
    const more = Math.max(0, Math.min(left, wish - column.min));
    left -= more;
    return [column, column.min + more];
  }));
}

function neededBy<Row>({ text, max }: Column<Row>, rows: readonly Row[]): number {
  const texts = new Set(rows.map(text));
  return Math.min(max, Math.max(0, ...[...texts].map(cellsOf)));
}
