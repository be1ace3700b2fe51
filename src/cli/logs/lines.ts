/**
 * A line of the service log as a terminal shows it: in local time, with its level in colour and broken between words. In a
 * pipe it stays as it is in the file, so that programs find what the file says.
 * @module
 */

import { momentText } from "../../values/durations.ts";
import { printable } from "../../screen/cells.ts";
import { wrapped } from "../../screen/line.ts";
import type { Palette } from "../../screen/palette.ts";

const LINE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (INFO |WARN |ERROR) (.*)$/s;
const ROOMY_COLUMNS = 60;
const NARROW_INDENT = 2;

/** How the lines are shown. */
export interface TerminalView {
  readonly nowMs: number;
  readonly palette: Palette;
  /** The width of the terminal; Infinity when it does not say. */
  readonly columns: number;
}

/**
 * The line for a terminal, made safe to print and broken between words. One that is not of the service log keeps its
 * beginning.
 */
export function terminalLines(line: string, { nowMs, palette, columns }: TerminalView): readonly string[] {
  const [, time, level, text] = LINE.exec(line) ?? [];
  if (time === undefined || level === undefined || text === undefined) return laidOut("", line, columns);
  const at = momentText(Date.parse(time), nowMs);
  const [first = "", ...further] = laidOut(`${at} ${level} `, text, columns);
  // Coloured once it is broken, so that colours take no room.
  const painting = `${palette.dim(at)} ${painted(level, palette)}`;
  return [painting + first.slice(`${at} ${level}`.length), ...further];
}

/** Further lines begin below the text where there is room, so that an id still fits beside it. */
function laidOut(lead: string, text: string, columns: number): readonly string[] {
  const indent = columns < ROOMY_COLUMNS ? NARROW_INDENT : lead.length || NARROW_INDENT;
  // Values are in quotes there, whole texts of the upstream among them.
  return wrapped({ text: lead + printable(text), indent }, columns, { keepsQuotations: false });
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
