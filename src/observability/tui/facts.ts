/**
 * Names and what there is to say about them, in two columns.
 * @module
 */

import { cellsOf, fitted } from "../../screen/cells.ts";
import { wrappedToFit } from "../../screen/line.ts";
import { highest } from "../../values/extremes.ts";

/** A name and a text about it. */
export type Fact = readonly [name: string, text: string];

/** Each list of facts as lines of at most `cells`. The names are in a column of their own, unless that leaves too little room. */
export function factLines(
  lists: readonly (readonly Fact[])[],
  cells: number,
): readonly (readonly string[])[] {
  const indent = 2 + highest(lists.flat().map(([name]) => cellsOf(name))) + 2;
  const linesOf = ([name, text]: Fact) =>
    indent > cells / 2
      ? wrappedToFit(`${name}: ${text}`, cells)
      : wrappedToFit(text, cells - indent).map((line, index) =>
        fitted(index === 0 ? `  ${name}` : "", indent) + line
      );
  return lists.map((facts) => facts.flatMap(linesOf));
}
