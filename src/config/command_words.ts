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

const WORD = /"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']+/gy;
const PIECE = /"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"']+)/g;

/** The words of a command line; `undefined` when there are none, or a quote is not closed. */
export function wordsOf(text: string): readonly string[] | undefined {
  const words: string[] = [];
  for (const raw of rawWords(text.trim()) ?? []) {
    words.push(
      raw.replace(PIECE, (_, double, single, bare) => double?.replace(/\\(["\\])/g, "$1") ?? single ?? bare),
    );
  }
  return words.length === 0 || words[0] === "" ? undefined : words;
}

/** The words with their quotes; `undefined` when a quote is not closed. */
function rawWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    let word = "";
    for (WORD.lastIndex = at;;) {
      const piece = WORD.exec(text)?.[0];
      if (piece === undefined) break;
      word += piece;
      at = WORD.lastIndex;
    }
    if (word === "") return undefined;
    words.push(word);
    while (/\s/.test(text[at] ?? "")) at++;
  }
  return words;
}

function withHome(words: readonly string[] | undefined, homeFolder: string): readonly string[] | undefined {
  const [program, ...rest] = words ?? [];
  return program === undefined
    ? undefined
    : [program.startsWith("~/") ? resolve(homeFolder, program.slice(2)) : program, ...rest];
}
