/**
 * Text measured in the cells of a terminal, where one character may take two cells and another none. Text from outside
 * is made safe to print first: it could move the cursor.
 * @module
 */

import stringWidth from "fast-string-width";

// Creating one takes 20 ms, so that only a command that has to cut a text waits for it.
let segmenter: Intl.Segmenter | undefined;

function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

/** A text from outside, with whatever could move the cursor or change the reading direction written as an escape. */
export function printable(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
}

/** The number of cells that a text takes. */
export function cellsOf(text: string): number {
  return stringWidth(text);
}

/** A text, padded with blanks or cut off, that takes exactly `cells`. */
export function fitted(text: string, cells: number, align: "left" | "right" = "left"): string {
  const short = shortened(text, cells);
  const blanks = " ".repeat(cells - stringWidth(short));
  return align === "left" ? short + blanks : blanks + short;
}

/** A text that takes at most `cells`; an ellipsis replaces what is cut off. */
export function shortened(text: string, cells: number): string {
  if (stringWidth(text) <= cells) return text;
  return cells < 1 ? "" : beginning(text, cells - 1) + "…";
}

/** The same, but it is the beginning that is cut off: of a path, the end says more. */
export function shortenedAtStart(text: string, cells: number): string {
  if (stringWidth(text) <= cells) return text;
  return cells < 1 ? "" : `…${ending(text, cells - 1)}`;
}

/** The same, but it is the middle that is cut out: names often differ only at their end. */
export function shortenedInMiddle(text: string, cells: number): string {
  if (stringWidth(text) <= cells) return text;
  const start = beginning(text, Math.ceil((cells - 1) / 2));
  return cells < 1 ? "" : `${start}…${ending(text, cells - 1 - stringWidth(start))}`;
}

/** The file name of a key. The part that all of them share is left out first. */
export function shortenedFile(name: string, cells: number): string {
  return stringWidth(name) <= cells ? name : shortenedInMiddle(name.replace(/\.json$/, ""), cells);
}

/** A text in pieces of at most `cells`, cut between characters. A character that is wider than that is left whole. */
export function cutInto(text: string, cells: number): readonly string[] {
  const pieces: string[] = [];
  let rest = text;
  while (stringWidth(rest) > cells) {
    const piece = beginning(rest, cells) || firstGrapheme(rest);
    if (piece === rest) break;
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return [...pieces, rest];
}

/** The beginning of a text: as many whole characters as fit. */
function beginning(text: string, cells: number): string {
  let start = "";
  for (const { segment } of graphemesOf(text)) {
    if (stringWidth(start + segment) > cells) break;
    start += segment;
  }
  return start;
}

/** The end of a text: as many whole characters as fit. */
function ending(text: string, cells: number): string {
  const graphemes = [...graphemesOf(text)].map(({ segment }) => segment);
  while (stringWidth(graphemes.join("")) > cells) graphemes.shift();
  return graphemes.join("");
}

function firstGrapheme(text: string): string {
  return graphemesOf(text).containing(0)!.segment;
}
