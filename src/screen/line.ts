/**
 * Long lines as several short ones, broken at blanks. Two rules, for two places: what is printed never cuts a word, so
 * that it can be copied; what is drawn on a screen never exceeds it.
 * @module
 */

import { cellsOf, cutInto, printable } from "./cells.ts";

/** A line before it is wrapped. */
export interface Line {
  readonly text: string;
  /** How many cells the further lines are indented. */
  readonly indent: number;
}

/** A name and a text about it, `depth` cells in, both made safe to print. */
export function fact(name: string, text: string, { depth = 2, nameColumns = 10 } = {}): Line {
  const lead = `${" ".repeat(depth)}${printable(name).padEnd(nameColumns)}  `;
  return { text: lead + printable(text), indent: cellsOf(lead) };
}

// A text in quotes is there to be copied, so it stays on one line.
const UNQUOTED_BLANK = / (?=(?:[^"]*"[^"]*")*[^"]*$)/;

/**
 * For printing: lines of at most `width` cells, Infinity for a single one. A word that is longer is left whole on a line
 * of its own, and so is a quotation, unless `keepsQuotations` is false.
 */
export function wrapped(
  { text, indent }: Line,
  width: number,
  { keepsQuotations = true }: { readonly keepsQuotations?: boolean } = {},
): readonly string[] {
  if (cellsOf(text) <= width) return [text];
  const [lead = ""] = /^ */.exec(text) ?? [];
  const words = text.slice(lead.length).split(keepsQuotations ? UNQUOTED_BLANK : " ");
  return filled(words, { lead, indent, width });
}

/** For a screen: lines of at most `cells`. A word that is longer is cut. */
export function wrappedToFit(text: string, cells: number): readonly string[] {
  if (cellsOf(text) <= cells) return [text];
  const words = text.trim().split(" ").flatMap((word) => cutInto(word, cells));
  return filled(words, { lead: "", indent: 0, width: cells });
}

/** Puts as many words on each line as fit, one at least. `lead` begins the first line. */
function filled(
  words: readonly string[],
  { lead, indent, width }: { lead: string; indent: number; width: number },
): readonly string[] {
  const lines: string[] = [];
  let line = lead;
  for (const word of words) {
    const isFirst = line.trim() === "";
    const longer = isFirst ? line + word : `${line} ${word}`;
    if (isFirst || cellsOf(longer) <= width) {
      line = longer;
    } else {
      lines.push(line.trimEnd());
      // A word too long for that begins further left, where it may still be whole.
      line = " ".repeat(Math.max(0, Math.min(indent, width - cellsOf(word)))) + word;
    }
  }
  return [...lines, line];
}
