/**
 * Text for the cells of a terminal, where one character may take two and another none. What comes from outside is made
 * harmless first: it could otherwise move the cursor.
 * @module
 */

import stringWidth from "fast-string-width";

// Making one takes 20 ms, which a command waits for only when it has a text to cut.
let segmenter: Intl.Segmenter | undefined;

function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

/** Text from outside with what could move the cursor or turn the reading direction shown as an escape. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
}

/** How many cells a text takes. */
export function cellsOf(text: string): number {
  return stringWidth(text);
}

/** A text with blanks behind it or with its end cut off, so that it takes exactly `cells`. */
export function fitted(text: string, cells: number, align: "left" | "right" = "left"): string {
  const short = shortened(text, cells);
  const blanks = " ".repeat(cells - stringWidth(short));
  return align === "left" ? short + blanks : blanks + short;
}

/** A text that takes at most `cells`; an ellipsis stands for what is cut off. */
export function shortened(text: string, cells: number): string {
  if (stringWidth(text) <= cells) return text;
  return cells < 1 ? "" : beginning(text, cells - 1) + "…";
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

/** As many whole characters as fit. */
function beginning(text: string, cells: number): string {
  let start = "";
  for (const { segment } of graphemesOf(text)) {
    if (stringWidth(start + segment) > cells) break;
    start += segment;
  }
  return start;
}

function firstGrapheme(text: string): string {
  return graphemesOf(text).containing(0)!.segment;
}
