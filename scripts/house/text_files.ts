/**
 * Text files of the repository as the checks read them, and what a check says about one.
 * @module
 */

/** A file with its path from the repository's root, with forward slashes. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** A rule that a file breaks. */
export interface Breach {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Continues a sentence that begins with the path. */
  readonly says: string;
}

/** The line, from 1, that a position in the text is on. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

/** Whether a file is one of these paths, or in one of these folders. */
export function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || path.startsWith(`${place}/`));
}

/** Paths as a user types them, as the checks have them: without `./` and without a slash at the end. */
export function tidyPaths(paths: readonly string[]): readonly string[] {
  return paths.map((path) => path.replace(/^\.\/|\/$/g, ""));
}

/** One line for each breach, on stdout. */
export function printBreaches(breaches: readonly Breach[]): void {
  // deno-lint-ignore no-console -- of a script, whose output is its answer
  for (const { path, line, says } of breaches) console.log(`${path}:${line}  ${says}`);
}

const TEXT = /(?:\.(?:ts|md|yml)|\/run)$/;

/** The text files among these paths, with all that are in their folders, sorted. Seen from the working directory. */
export async function readTexts(paths: readonly string[]): Promise<readonly TextFile[]> {
  const found = await Promise.all(paths.map(async (path) => {
    if ((await Deno.stat(path)).isDirectory) return await readTexts(await entriesOf(path));
    return TEXT.test(path) ? [{ path, text: await Deno.readTextFile(path) }] : [];
  }));
  return found.flat();
}

async function entriesOf(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => `${folder}/${name}`).sort();
}
