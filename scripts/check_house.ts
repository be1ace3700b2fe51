/**
 * The rules of the house that no compiler knows: who may import whom, who may touch the world, what has a
 * test. An exception is a line in a table below, with its reason; one that nobody needs any more is a breach
 * itself.
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { lineAt, type SourceFile, sourceFile } from "./source_file.ts";

/** The rooms under src/, each with those that it may import besides itself: the ones above it in this list. */
const ROOMS: readonly string[] = [
  "values",
  "system",
  "screen",
  "config",
  "auth",
  "api",
  "observability",
  "upstream",
  "proxy",
  "codex",
  "replay",
  "runtime",
  "cli",
];

/** From a file or folder, to a file or folder, although the rooms say no. */
const IMPORT_EXCEPTIONS: readonly { from: string; to: string; reason: string }[] = [];

/** They decide and do nothing: handed all they need, they know no port, not even as a value to pass on. */
const PURE_FILES: readonly string[] = [
  ..."json secret user_error".split(" ").map((name) => `src/values/${name}.ts`),
  ..."record key_state outcome rotation choice storm affinity limits usage folder_plan".split(" ").map(
    (name) => `src/auth/${name}.ts`,
  ),
  "src/upstream/classify.ts",
  ..."rules step guard".split(" ").map((name) => `src/proxy/${name}.ts`),
  ..."agenda hindsight history recording replay".split(" ").map((name) => `src/replay/${name}.ts`),
  ..."cells table screen_diff".split(" ").map((name) => `src/screen/${name}.ts`),
  "src/observability/tui.ts",
  ..."traffic filter data pages view".split(" ").map((name) => `src/observability/tui/${name}.ts`),
  ..."plan state_file".split(" ").map((name) => `src/runtime/${name}.ts`),
  "src/cli/all/dashboard.ts",
];

/** What only src/system/ may say. */
const WORLD: readonly { name: string; pattern: RegExp }[] = [
  { name: "Deno", pattern: /\bDeno\b/g },
  { name: "fetch", pattern: /(?<![.#])\bfetch\s*\(|\bglobalThis\.fetch\b/g },
  { name: "Date.now", pattern: /\bDate\.now\b/g },
  { name: "new Date() without a time", pattern: /\bnew\s+Date\b(?!\s*\(\s*[^\s)])/g },
  { name: "performance", pattern: /(?<!\.)\bperformance\./g },
  { name: "a timer", pattern: /\bset(?:Timeout|Interval)\b/g },
  { name: "randomness", pattern: /\bMath\.random\b|\bcrypto\.(?:randomUUID|getRandomValues)\b/g },
  { name: "console", pattern: /(?<!\.)\bconsole\./g },
];

/** Files, or folders, with logic and without a unit test. */
const WITHOUT_TEST: Readonly<Record<string, string>> = {
  "src/proxy/server.ts": "puts parts together that have tests of their own: tests/e2e sends it requests",
  "src/runtime/worker.ts":
    "puts parts together that have tests of their own: tests/e2e runs it in its sandbox",
};

const VAGUE_NAMES = /(?:^|\/)(?:utils?|helpers?|common|types|index)\.ts$/;
const MAX_LINES = 300;
// With brackets, so that this line is not found itself.
const UNFINISHED = /\b(?:TO[D]O|FIX[M]E|X[X]X)\b/g;

export interface Breach {
  readonly path: string;
  readonly line: number;
  readonly says: string;
}

type Rule = (files: readonly SourceFile[]) => readonly Breach[];

const RULES: readonly Rule[] = [
  importsPointDown,
  pureFilesKnowNoSystem,
  onlySystemTouchesTheWorld,
  logicHasATest,
  namesSayWhatIsInside,
  filesStayShort,
  nothingIsLeftUnfinished,
];

/** All breaches in the given files of src/, scripts/ and tests/, in the order of the rules. */
export function breaches(files: readonly { path: string; text: string }[]): readonly Breach[] {
  const parsed = files.map(({ path, text }) => sourceFile(path, text));
  return RULES.flatMap((rule) => rule(parsed));
}

function importsPointDown(files: readonly SourceFile[]): Breach[] {
  return files.filter(isInSrc).flatMap((file) => {
    const room = roomOf(file.path);
    if (!ROOMS.includes(room)) {
      return [{ path: file.path, line: 1, says: `is in no room: src/${room} is not one` }];
    }
    return file.imports
      .filter(({ target }) => target.startsWith("src/"))
      .filter(({ target }) => ROOMS.indexOf(roomOf(target)) > ROOMS.indexOf(room))
      .filter(({ target }) => !isException(file.path, target))
      .map(({ target, line }) => ({ path: file.path, line, says: `imports ${target}: ${room} may not` }));
  });
}

function isException(path: string, target: string): boolean {
  return IMPORT_EXCEPTIONS.some(({ from, to }) => path.startsWith(from) && target.startsWith(to));
}

function pureFilesKnowNoSystem(files: readonly SourceFile[]): Breach[] {
  return files.filter(({ path }) => PURE_FILES.includes(path)).flatMap(({ path, imports }) =>
    imports
      .filter(({ target, isTypeOnly }) => roomOf(target) === "system" && !isTypeOnly)
      .map(({ target, line }) => ({ path, line, says: `imports ${target}: a pure file may not` }))
  );
}

function onlySystemTouchesTheWorld(files: readonly SourceFile[]): Breach[] {
  return files.filter(isInSrc).filter(({ path }) => roomOf(path) !== "system").flatMap(({ path, code }) =>
    WORLD.flatMap(({ name, pattern }) =>
      [...code.matchAll(pattern)].map(({ index }) => ({
        path,
        line: lineAt(code, index),
        says: `names ${name}: only src/system/ may`,
      }))
    )
  );
}

function logicHasATest(files: readonly SourceFile[]): Breach[] {
  const paths = files.map(({ path }) => path);
  const untested = files.filter(isInSrc).filter(hasLogic).map(({ path }) => path)
    .filter((path) => !paths.includes(testOf(path)));
  const excepted = Object.keys(WITHOUT_TEST);
  const missing = untested.filter((path) => !excepted.some((place) => path.startsWith(place)))
    .map((path) => ({ path, line: 1, says: `has no test: ${testOf(path)} is missing` }));
  const stale = excepted.filter((place) => paths.some((path) => path.startsWith(place)))
    .filter((place) => !untested.some((path) => path.startsWith(place)))
    .map((path) => ({ path, line: 1, says: "is listed as without a test, and needs no such exception" }));
  return [...missing, ...stale];
}

function namesSayWhatIsInside(files: readonly SourceFile[]): Breach[] {
  return files.filter(isInSrc).filter(({ path }) => VAGUE_NAMES.test(path))
    .map(({ path }) => ({ path, line: 1, says: "has a name that says nothing" }));
}

function filesStayShort(files: readonly SourceFile[]): Breach[] {
  return files.filter(isInSrc)
    .map(({ path, text }) => ({ path, lines: lineAt(text.trimEnd(), text.length) }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ path, lines }) => ({
      path,
      line: MAX_LINES,
      says: `has ${lines} lines: ${MAX_LINES} are enough`,
    }));
}

function nothingIsLeftUnfinished(files: readonly SourceFile[]): Breach[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(UNFINISHED)].map((found) => ({
      path,
      line: lineAt(text, found.index),
      says: `says ${found[0]}: do it, or write it where work is planned`,
    }))
  );
}

function isInSrc({ path }: SourceFile): boolean {
  return path.startsWith("src/");
}

/** `auth` for `src/values/secret.ts`; empty outside of src/. */
function roomOf(path: string): string {
  return /^src\/([^/]+)/.exec(path)?.[1] ?? "";
}

function testOf(path: string): string {
  return path.replace(/^src\//, "tests/").replace(/\.ts$/, "_test.ts");
}

// A file of types alone declares no value.
function hasLogic({ code }: SourceFile): boolean {
  return /^(?:export )?(?:default )?(?:async |abstract )?(?:function|class|const|let)\b/m.test(code);
}

async function readSources(folder: string): Promise<{ path: string; text: string }[]> {
  const files: { path: string; text: string }[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) files.push(...await readSources(path));
    else if (path.endsWith(".ts")) files.push({ path, text: await Deno.readTextFile(path) });
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

if (import.meta.main) {
  Deno.chdir(new URL("..", import.meta.url));
  const files = (await Promise.all(["src", "scripts", "tests"].map(readSources))).flat();
  const found = breaches(files);
  for (const { path, line, says } of found) console.log(`${path}:${line}  ${says}`);
  if (found.length > 0) Deno.exit(1);
  console.log(`${files.length} files keep the rules of the house`);
}
