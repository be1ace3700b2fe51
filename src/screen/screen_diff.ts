/**
 * How to turn the lines that a terminal shows into other lines with as little output as possible: a live view in which
 * nothing changes writes nothing.
 * @module
 */

const CLEAR_SCREEN = "\x1b[2J";
const CLEAR_LINE = "\x1b[2K";

/**
 * The control sequences and lines to write. `shown` is what the terminal shows; when it is `undefined` or has another
 * number of lines, the whole screen is redrawn.
 */
export function screenChanges(shown: readonly string[] | undefined, lines: readonly string[]): string {
  const isRedraw = shown?.length !== lines.length;
  const changes = lines.map((line, row) =>
    // Cleared before it is written: clearing after a line that reaches the edge would remove its last character.
    isRedraw || shown[row] !== line ? `\x1b[${row + 1};1H${CLEAR_LINE}${line}` : ""
  );
  return (isRedraw ? CLEAR_SCREEN : "") + changes.join("");
}
