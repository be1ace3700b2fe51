/**
 * Numbers as tiny pictures in a line of text.
 * @module
 */

import { highest } from "../values/extremes.ts";

const LEVELS = "▁▂▃▄▅▆▇█";
const EIGHTHS = " ▏▎▍▌▋▊▉█";

/** One character for each value, as high as its share of the largest; a blank for nothing. */
export function sparkline(values: readonly number[]): string {
  const max = Math.max(0, highest(values));
  return values.map((value) =>
    value <= 0 || max === 0
      ? " "
      : LEVELS[Math.min(LEVELS.length - 1, Math.floor(value / max * LEVELS.length))]!
  ).join("");
}

/** A bar for a share from 0 to 1 of `cells`, exact to an eighth of a cell; what is more than nothing is seen. */
export function bar(share: number, cells: number): string {
  const eighths = share <= 0 ? 0 : Math.max(1, Math.round(Math.min(1, share) * cells * 8));
  return "█".repeat(Math.floor(eighths / 8)) + (eighths % 8 === 0 ? "" : EIGHTHS[eighths % 8]!);
}
