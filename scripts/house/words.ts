/**
 * Finds the words to avoid: in source, tests, documents and the CI's files, comments and code alike. Lists each
 * with its place and what to write instead, then the count per folder. Fails when there is one. `deno task house` does
 * the same for everything.
 *
 *   deno task words [src/auth docs …]     without a path: everything
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { ALLOWED, AVOIDED } from "./word_list.ts";
import {
  type Breach,
  isIn,
  lineAt,
  printBreaches,
  readTexts,
  type TextFile,
  tidyPaths,
} from "./text_files.ts";

/** Everything that people read, and that must hold no such word. */
export const READ_BY_PEOPLE: readonly string[] = [
  "README.md",
  "docs",
  "src",
  "scripts",
  "tests",
  ".ci",
  ".github",
];

/** They list the words, or test that they are found. */
const ABOUT_WORDS: readonly string[] = ["scripts/house/word_list.ts", "tests/scripts/house/words_test.ts"];

/** Between two words: blanks, the end of a comment's line, or two halves of a string. */
const GAP = String.raw`(?:\s+(?:(?:\*|//|#|>|-) )?\s*|["'\`]\s*\+\s*["'\`]|\s["'\`]\s*\+\s*["'\`])`;

/** Each use of a word to avoid in these files, in their order. */
export function avoidedWords(files: readonly TextFile[]): readonly Breach[] {
  return files.filter(({ path }) => !ABOUT_WORDS.includes(path)).flatMap((file) => {
    const allowed = allowedSpans(file.text);
    return AVOIDED.flatMap(({ pattern, instead }) =>
      [...file.text.matchAll(phrase(`\\b${pattern}\\b`))]
        .filter(({ index }) => !allowed.some(({ from, to }) => from <= index && index < to))
        .map((found) => ({
          path: file.path,
          line: lineAt(file.text, found.index),
          says: `says "${found[0].replace(/\s+/g, " ").trim()}": write ${instead}`,
        }))
    ).sort((a, b) => a.line - b.line);
  });
}

function allowedSpans(text: string): { from: number; to: number }[] {
  return ALLOWED.flatMap(({ pattern }) =>
    [...text.matchAll(phrase(pattern))].map(({ 0: { length }, index }) => ({
      from: index,
      to: index + length,
    }))
  );
}

function phrase(pattern: string): RegExp {
  return new RegExp(pattern.replaceAll(" ", GAP), "gi");
}

if (import.meta.main) {
  Deno.chdir(new URL("../..", import.meta.url));
  const files = await readTexts(READ_BY_PEOPLE);
  const wanted = tidyPaths(Deno.args);
  const found = avoidedWords(files.filter(({ path }) => wanted.length === 0 || isIn(path, wanted)));
  printBreaches(found);
  const folders = Object.groupBy(
    found,
    ({ path }) => path.split("/").slice(0, path.startsWith("src/") ? 2 : 1).join("/"),
  );
  for (const [folder, hits] of Object.entries(folders)) {
    console.log(`${String(hits!.length).padStart(5)}  ${folder}`);
  }
  console.log(`${String(found.length).padStart(5)}  words to avoid`);
  if (found.length > 0) Deno.exitCode = 1;
}
