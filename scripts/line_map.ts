/**
 * Source maps (ECMA-426) that name the line of each place in the code, and no more: a fifth of the bytes. The runtime
 * copies twice all that is in the executable at each start, also what it never reads.
 * @module
 */

/** What a source map says, as far as the executable has it. */
export interface SourceMap {
  readonly mappings: string;
  readonly sources: readonly string[];
  readonly [more: string]: unknown;
}

/** The map with lines for places, without columns, names and the text of the sources. */
export function lineMap({ mappings, sources, version }: SourceMap): SourceMap {
  return { version, sources, names: [], mappings: linesOf(mappings) };
}

/** A place: which source, which line of it, both from 0. */
interface Place {
  source: number;
  line: number;
}

function linesOf(mappings: string): string {
  // Differences to the place before, which may be in the line before.
  const [read, written]: [Place, Place] = [{ source: 0, line: 0 }, { source: 0, line: 0 }];
  return mappings.split(";").map((line) => placesOf(line, read, written)).join(";");
}

/** Of the places in one line of the code those that begin another line of a source. Moves `read` and `written` on. */
function placesOf(line: string, read: Place, written: Place): string {
  let [column, writtenColumn] = [0, 0];
  const kept: string[] = [];
  for (const segment of line.split(",").filter((text) => text !== "")) {
    const [columns = 0, sources, lines] = numbersOf(segment);
    column += columns;
    // Code that comes from no source.
    if (sources === undefined || lines === undefined) continue;
    read.source += sources;
    read.line += lines;
    const isSame = kept.length > 0 && read.source === written.source && read.line === written.line;
    if (isSame) continue;
    kept.push(
      [column - writtenColumn, read.source - written.source, read.line - written.line, 0].map(vlq).join(""),
    );
    writtenColumn = column;
    Object.assign(written, read);
  }
  return kept.join(",");
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const GOES_ON = 32;

/** The numbers of a segment, which are written in digits of five bits, the lowest first, and their lowest bit is the sign. */
function numbersOf(segment: string): readonly number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const char of segment) {
    const digit = DIGITS.indexOf(char);
    value += (digit & (GOES_ON - 1)) << shift;
    shift += 5;
    if (digit & GOES_ON) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

function vlq(number: number): string {
  let left = number < 0 ? -number * 2 + 1 : number * 2;
  let text = "";
  do {
    const digit = left & (GOES_ON - 1);
    left >>= 5;
    text += DIGITS[left > 0 ? digit | GOES_ON : digit];
  } while (left > 0);
  return text;
}
