/**
 * Lines of text that fit a terminal: broken at blanks, what is left going below what it belongs to.
 * @module
 */

import { cellsOf, printable } from "./cells.ts";

/** A line before it is wrapped. What does not fit goes below it, `indent` cells in. */
export interface Line {
  readonly text: string;
  readonly indent: number;
}

/** A name and what there is to say about it, `depth` cells in. */
export function fact(name: string, text: string, { depth = 2, nameColumns = 10 } = {}): Line {
  const lead = `${" ".repeat(depth)}${name.padEnd(nameColumns)}  `;
  return { text: lead + printable(text), indent: lead.length };
}

// What stands in quotes is there to be copied, so it stays on one line.
const UNQUOTED_BLANK = / (?=(?:[^"]*"[^"]*")*[^"]*$)/;

/** Lines of at most `width` cells, Infinity for one. A longer word, or quotation, is left whole on a line of its own. */
export function wrapped({ text, indent }: Line, width: number): readonly string[] {
  if (cellsOf(text) <= width) return [text];
  const [lead = ""] = /^ */.exec(text) ?? [];
  const lines: string[] = [];
  let line = lead;
  for (const word of text.slice(lead.length).split(UNQUOTED_BLANK)) {
    const isFirst = line.trim() === "";
    const longer = isFirst ? line + word : `${line} ${word}`;
    if (isFirst || cellsOf(longer) <= width) {
      line = longer;
    } else {
      lines.push(line.trimEnd());
      line = " ".repeat(indent) + word;
    }
  }
  return [...lines, line];
}
