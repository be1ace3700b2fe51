/**
 * The rules of the house that neither the compiler nor the linter knows. Exceptions are lines in the tables of
 * `rooms.ts`, `files.ts` and `word_list.ts`, each with its reason. What one file's syntax tree tells is checked by
 * `plugin.ts`, as part of `deno lint`.
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { existsSync } from "node:fs";
import { fileBreaches, headerBreaches } from "./files.ts";
import { brokenLinks, unlistedPages } from "./links.ts";
import { importBreaches, readModules, stalePureFiles } from "./imports.ts";
import { printBreaches, readTexts } from "./text_files.ts";
import { avoidedWords, READ_BY_PEOPLE } from "./words.ts";

const ROOT = new URL("../../", import.meta.url);

if (import.meta.main) {
  Deno.chdir(ROOT);
  const texts = await readTexts(READ_BY_PEOPLE);
  const sources = texts.filter(({ path }) => path.endsWith(".ts"));
  const paths = sources.map(({ path }) => path);
  const modules = await readModules(Deno.cwd(), paths.filter((path) => path.startsWith("src/")));
  const found = [
    ...importBreaches(modules),
    ...stalePureFiles(paths),
    ...fileBreaches(sources),
    ...headerBreaches(sources),
    ...avoidedWords(texts),
    ...brokenLinks(texts, existsSync),
    ...unlistedPages(texts),
  ];
  printBreaches(found);
  if (found.length > 0) Deno.exit(1);
  console.log(`${sources.length} files keep the rules of the house`);
}
