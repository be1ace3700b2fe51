/**
 * A command of the user in a setting: a program with its arguments, as words. No shell reads it.
 * @module
 */

import { resolve } from "node:path";
import type { Kind } from "./setting_kinds.ts";

/** A command, or none. It is shown without its arguments, which may hold a secret address. */
export function optionalCommand(): Kind<readonly string[] | undefined> {
  const programOf = (text: string) => text.trim().split(/\s/)[0] ?? "";
  return {
    argument: "command",
    unit: undefined,
    allowed: "a program, and arguments if it needs some, in quotes where they hold blanks",
    parse: (text, { homeFolder }) => withHome(wordsOf(text), homeFolder),
    read: (text, { homeFolder }) => withHome(wordsOf(text), homeFolder),
    show: (words) => words?.[0] ?? null,
    echo: (text) => `${programOf(text)} …`,
  };
}

const PIECE = /(\s+)|"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"']+)/y;

/** The words of a command line; `undefined` when there are none, or a quote is not closed. */
export function wordsOf(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let isInWord = false;
  for (let at = 0; at < text.length; at = PIECE.lastIndex) {
    PIECE.lastIndex = at;
    const piece = PIECE.exec(text);
    if (!piece) return undefined;
    const [, blank, double, single, bare] = piece;
    if (blank === undefined) {
      const part = double?.replace(/\\(["\\])/g, "$1") ?? single ?? bare!;
      words.push(isInWord ? words.pop() + part : part);
    }
    isInWord = blank === undefined;
  }
  return words.length === 0 || words[0] === "" ? undefined : words;
}

function withHome(words: readonly string[] | undefined, homeFolder: string): readonly string[] | undefined {
  const [program, ...rest] = words ?? [];
  return program === undefined
    ? undefined
    : [program.startsWith("~/") ? resolve(homeFolder, program.slice(2)) : program, ...rest];
}
