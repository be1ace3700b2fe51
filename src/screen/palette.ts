/**
 * Colours and styles for a terminal, as SGR sequences (ECMA-48 §8.3.117). A package for that also finds out by itself what
 * the terminal can: asking Node's streams takes longer than all else that a short command does with its output.
 * @module
 */

/** The sequence that begins each style, and the one that ends it. */
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  underline: [4, 24],
  inverse: [7, 27],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** Gives a text each style, or returns it unchanged. */
export type Palette = Readonly<Record<keyof typeof STYLES, (text: string) => string>>;

/** The palette of a stream. */
export function paletteOf(isColoured: boolean): Palette {
  const styles = Object.entries(STYLES).map(([name, [begin, end]]) =>
    [name, isColoured ? styled(`\x1b[${begin}m`, `\x1b[${end}m`) : (text: string) => text] as const
  );
  return Object.fromEntries(styles) as Palette;
}

/** A style goes on after one inside it has ended, and ends with each line. */
function styled(begin: string, end: string): (text: string) => string {
  return (text) =>
    text === "" ? "" : begin + text.replaceAll(end, begin).replaceAll(/\r?\n/g, `${end}$&${begin}`) + end;
}
