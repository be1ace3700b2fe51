/**
 * The rules about whole files: they open with what they are for, logic has a test, names say what is inside, files
 * stay short, and no comment switches a rule of the house off.
 * @module
 */

import { type Breach, isIn, lineAt, type TextFile } from "./text_files.ts";

/** Files, or folders, with logic and without a unit test, each with the reason. */
const WITHOUT_TEST: Readonly<Record<string, string>> = {
  "src/proxy/server.ts": "puts parts together that have tests of their own: tests/e2e sends it requests",
  "src/runtime/worker.ts":
    "puts parts together that have tests of their own: tests/e2e runs it in its sandbox",
};

const MAX_LINES = 300;
const VAGUE_NAMES = /(?:^|\/)(?:utils?|helpers?|common|types|index)\.ts$/;

// A file of types alone declares no value. At the beginning of a line, so that no scope inside is looked at.
const VALUE = /^(?:export )?(?:default )?(?:async |abstract )?(?:function|class|const|let)\b/m;

// One that names no rule switches all of them off. With brackets, so that this line is not found itself.
const SWITCHED_OFF = /deno-lint-i[g]nore(?:-file)?(?=[ \t]*(?:$|--)|[^\n]*\bhouse\/)/gm;

const RULES: readonly ((files: readonly TextFile[]) => readonly Breach[])[] = [
  logicHasATest,
  namesSayWhatIsInside,
  filesStayShort,
  noRuleIsSwitchedOff,
];

/** All breaches in the given files of src/, scripts/ and tests/, in the order of the rules. */
export function fileBreaches(files: readonly TextFile[]): readonly Breach[] {
  return RULES.flatMap((rule) => rule(files));
}

function logicHasATest(files: readonly TextFile[]): Breach[] {
  const paths = files.map(({ path }) => path);
  const untested = files.filter(isInSrc).filter(({ text }) => VALUE.test(text)).map(({ path }) => path)
    .filter((path) => !paths.includes(testOf(path)));
  const excepted = Object.keys(WITHOUT_TEST);
  const missing = untested.filter((path) => !isIn(path, excepted))
    .map((path) => ({ path, line: 1, says: `has no test: ${testOf(path)} is missing` }));
  const stale = excepted.filter((place) => paths.some((path) => isIn(path, [place])))
    .filter((place) => !untested.some((path) => isIn(path, [place])))
    .map((path) => ({ path, line: 1, says: "is listed as without a test, and needs no such exception" }));
  return [...missing, ...stale];
}

function testOf(path: string): string {
  return path.replace(/^src\//, "tests/").replace(/\.ts$/, "_test.ts");
}

function namesSayWhatIsInside(files: readonly TextFile[]): Breach[] {
  return files.filter(isInSrc).filter(({ path }) => VAGUE_NAMES.test(path))
    .map(({ path }) => ({ path, line: 1, says: "has a name that says nothing" }));
}

function filesStayShort(files: readonly TextFile[]): Breach[] {
  return files.filter(isInSrc)
    .map(({ path, text }) => ({ path, lines: lineAt(text.trimEnd(), text.length) }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ path, lines }) => ({
      path,
      line: MAX_LINES,
      says: `has ${lines} lines: ${MAX_LINES} are enough`,
    }));
}

function noRuleIsSwitchedOff(files: readonly TextFile[]): Breach[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(SWITCHED_OFF)].map(({ index }) => ({
      path,
      line: lineAt(text, index),
      says: "switches off a rule of the house, or all rules",
    }))
  );
}

const HEADER = /^\/\*\*\n(?: \*.*\n)+ \* @module\n \*\//;

/** The files of src/ and scripts/ that do not open with what they are for. */
export function headerBreaches(files: readonly TextFile[]): readonly Breach[] {
  return files.filter(({ path }) => /^(?:src|scripts)\//.test(path))
    .filter(({ text }) => !HEADER.test(text))
    .map(({ path }) => ({ path, line: 1, says: "does not open with /** what it is for … @module */" }));
}

function isInSrc({ path }: TextFile): boolean {
  return path.startsWith("src/");
}
