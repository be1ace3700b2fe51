/**
 * A line of the service log as a terminal shows it: in local time, with its level in colour. In a pipe it stays as it is
 * in the file, so that programs find what the file says.
 * @module
 */

import { momentText } from "../../values/durations.ts";
import type { Palette } from "../../screen/output.ts";

const LINE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (INFO |WARN |ERROR) (.*)$/s;

/** The line for a terminal; one that is not of the service log stays as it is. */
export function terminalLine(line: string, { nowMs, palette }: { nowMs: number; palette: Palette }): string {
  const [, time, level, text] = LINE.exec(line) ?? [];
  if (time === undefined || level === undefined || text === undefined) return line;
  const at = momentText(Date.parse(time), nowMs);
  return `${palette.dim(at)} ${painted(level, palette)} ${text}`;
}

function painted(level: string, palette: Palette): string {
  switch (level) {
    case "ERROR":
      return palette.red(level);
    case "WARN ":
      return palette.yellow(level);
    default:
      return palette.green(level);
  }
}
