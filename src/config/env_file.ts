/**
 * Changes one value in the `.env` file and no other byte. A file that the user edits by hand can contain anything, so an
 * edit counts only when reading it back gives what was meant; of several ways to write a value, the first that passes this
 * test is used.
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { UserError } from "../values/user_error.ts";
import { ASSIGNMENT, readEnvFile, withLineFeeds } from "./env_text.ts";

/**
 * `text` with `name` set to `value`: the last assignment of that name changed, or a line added. Comments, order,
 * other names, line ends and the kind of quotes stay.
 * @throws {@link UserError} when no edit of this text reads back as `value` with everything else as before
 */
export function setInEnvFile(text: string, name: string, value: string): string {
  const wanted = { ...readEnvFile(text), [name]: value };
  for (const edited of edits(text, name, value)) {
    if (isDeepStrictEqual(readEnvFile(edited), wanted)) return edited;
  }
  throw new UserError(`Cannot set ${name} in the env file: it would not read back as it was written`, {
    hint: "look in the file for a quote that is opened and never closed",
  });
}

function* edits(text: string, name: string, value: string): Generator<string> {
  const existing = assignments(text).findLast((assignment) => assignment.name === name);
  for (const spelling of spellings(value, existing?.quote)) {
    if (existing) {
      yield replaced(text, existing, spelling);
    } else {
      yield appended(text, `${name}=${spelling}`);
      // An unfinished last line, such as `NAME:`, would take an appended line for its value.
      yield `${name}=${spelling}${lineEndOf(text)}${text}`;
    }
  }
}

type Quote = "'" | '"' | "`";

interface Assignment {
  readonly name: string;
  /** Where the value begins in the text: with its quotes, without the blanks around it. */
  readonly start: number;
  /** The offset after its last character. */
  readonly end: number;
  readonly quote: Quote | undefined;
}

// Where each group is in the text.
const PLACED_ASSIGNMENT = new RegExp(ASSIGNMENT, "dgm");

function assignments(text: string): Assignment[] {
  const matches = withLineFeeds(text).matchAll(PLACED_ASSIGNMENT);
  return Array.from(matches, ({ groups, indices }) => {
    const { name = "", value = "" } = groups ?? {};
    const spelling = value.trim();
    const [, valueStart = 0] = indices?.groups?.["separator"] ?? [];
    const start = valueStart + value.indexOf(spelling);
    return {
      name,
      start: offsetIn(text, start),
      end: offsetIn(text, start + spelling.length),
      quote: quoteOf(spelling),
    };
  });
}

/** The place in `text` of an offset that counts a carriage return and line feed as one. */
function offsetIn(text: string, offset: number): number {
  let place = offset;
  for (const { index } of text.matchAll(/\r\n/g)) {
    if (index < place) place += 1;
  }
  return place;
}

function quoteOf(spelling: string): Quote | undefined {
  return /^(['"`]).*\1$/s.exec(spelling)?.[1] as Quote | undefined;
}

// dotenv, shells and Python's dotenv all read such a value the same way.
const PLAIN = /^[\w.:/-]+$/;

/** The ways to write a value, best first: as it was quoted before, bare, in quotes that it does not hold itself. */
function spellings(value: string, usedBefore: Quote | undefined): readonly string[] {
  const quotes = [usedBefore ?? "'", "'", '"', "`"].filter((quote) => !value.includes(quote));
  const quoted = quotes.map((quote) => quote + value + quote);
  return PLAIN.test(value) && !usedBefore ? [value, ...quoted] : quoted;
}

function replaced(text: string, { start, end }: Assignment, spelling: string): string {
  // Only dotenv ends a plain value at a `#` without a blank before it; for shells it is a part of the value.
  const gap = text[end] === "#" ? " " : "";
  return text.slice(0, start) + spelling + gap + text.slice(end);
}

function appended(text: string, line: string): string {
  const lineEnd = lineEndOf(text);
  if (text === "" || /[\r\n]$/.test(text)) return text + line + lineEnd;
  return text + lineEnd + line;
}

function lineEndOf(text: string): string {
  return /\r\n?|\n/.exec(text)?.[0] ?? "\n";
}
