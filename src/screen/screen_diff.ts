/**
 * From the lines that a terminal shows to those that it shall show, with as little writing as possible: a live view at
 * rest writes nothing.
 * @module
 */

const CLEAR_SCREEN = "\x1b[2J";
const CLEAR_LINE = "\x1b[2K";

/** What to write. Without `shown`, or with another number of lines, the whole screen is drawn anew. */
export function screenChanges(shown: readonly string[] | undefined, lines: readonly string[]): string {
  const isAnew = shown?.length !== lines.length;
  const changes = lines.map((line, row) =>
    // Cleared before it is written: behind a line that reaches the edge, clearing would take its last character.
    isAnew || shown[row] !== line ? `\x1b[${row + 1};1H${CLEAR_LINE}${line}` : ""
  );
  return (isAnew ? CLEAR_SCREEN : "") + changes.join("");
}
