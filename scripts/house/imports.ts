/**
 * Who imports whom, as Deno itself sees it (`deno info --json`), and the rules about that: imports point down
 * through the rooms, pure files know no system, nothing imports itself in a circle.
 * @module
 */

import { IMPORT_EXCEPTIONS, PURE_FILES, roomOf, ROOMS } from "./rooms.ts";
import { type Breach, isIn } from "./text_files.ts";

/** A source file with what it imports of other source files. Paths are seen from the repository's root. */
export interface Module {
  readonly path: string;
  readonly imports: readonly Import[];
}

export interface Import {
  readonly target: string;
  /** From 1. Of several statements that import the same file, the line of one. */
  readonly line: number;
  /**
   * Whether nothing of it is there at run time: `import type`, `export type` or `import("…").Type`. Deno counts
   * `import { type A }` as code, so it is written as `import type { A }` where that matters.
   */
  readonly isTypeOnly: boolean;
}

/**
 * The modules at these paths.
 * @param root the repository's root: an absolute path without a slash at its end
 * @throws {Error} when Deno cannot read a file
 */
export async function readModules(root: string, paths: readonly string[]): Promise<readonly Module[]> {
  // Deno starts from one file only, and there may be some that no other file imports.
  const folder = await Deno.makeTempDir({ prefix: "cdx2-house-" });
  try {
    const start = `${folder}/all.ts`;
    const urls = paths.map((path) => new URL(path, `${toUrl(root)}/`).href);
    await Deno.writeTextFile(start, urls.map((url) => `import ${JSON.stringify(url)};\n`).join(""));
    const { modules } = await denoInfo(root, start);
    return modules.filter(({ specifier }) => urls.includes(specifier)).map((module) =>
      moduleOf(module, root)
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function moduleOf({ specifier, dependencies = [] }: InfoModule, root: string): Module {
  const pathOf = (url: string) => url.slice(toUrl(root).length + 1);
  return {
    path: pathOf(specifier),
    imports: dependencies.flatMap(({ code, type }) => {
      const found = code ?? type;
      if (found?.specifier?.startsWith(`${toUrl(root)}/`) !== true) return [];
      const line = found.span.start.line + 1;
      return [{ target: pathOf(found.specifier), line, isTypeOnly: code === undefined }];
    }),
  };
}

function toUrl(path: string): string {
  return new URL(`file:///${path.replaceAll("\\", "/").replace(/^\//, "")}`).href;
}

/** The part of `deno info --json` that is used here. */
interface InfoModule {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly code?: InfoTarget; readonly type?: InfoTarget }[];
}

interface InfoTarget {
  /** Absent for what cannot be resolved; the type check reports that. */
  readonly specifier?: string;
  readonly span: { readonly start: { readonly line: number } };
}

async function denoInfo(root: string, start: string): Promise<{ modules: readonly InfoModule[] }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--quiet", "--config", `${root}/deno.json`, start],
    cwd: root,
    stdin: "null",
  }).output();
  if (!success) throw new Error(`Cannot read the imports\n${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** All breaches of the rules about imports, in the order of the rules. */
export function importBreaches(modules: readonly Module[]): readonly Breach[] {
  const inSrc = modules.filter(({ path }) => path.startsWith("src/"));
  return [...inSrc.flatMap(importsPointDown), ...pureFilesKnowNoSystem(inSrc), ...circles(inSrc)];
}

function importsPointDown({ path, imports }: Module): readonly Breach[] {
  const room = roomOf(path);
  if (!ROOMS.includes(room)) return [{ path, line: 1, says: `is in no room: src/${room} is not one` }];
  return imports
    .filter(({ target }) => target.startsWith("src/"))
    .filter(({ target }) => ROOMS.indexOf(roomOf(target)) > ROOMS.indexOf(room))
    .filter(({ target }) => !isException(path, target))
    .map(({ target, line }) => ({ path, line, says: `imports ${target}: ${room} may not` }));
}

function isException(path: string, target: string): boolean {
  return IMPORT_EXCEPTIONS.some(({ from, to }) => isIn(path, [from]) && isIn(target, [to]));
}

/** A pure file does not reach the system at run time, through other files either. */
function pureFilesKnowNoSystem(modules: readonly Module[]): readonly Breach[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  return modules.filter(({ path }) => PURE_FILES.includes(path)).flatMap(({ path, imports }) =>
    imports.filter(({ isTypeOnly }) => !isTypeOnly).flatMap(({ target, line }) => {
      const way = wayToSystem(target, byPath);
      if (way === undefined) return [];
      const through = way.length > 1 ? `, through it ${way.slice(1).join(" and ")}` : "";
      return [{ path, line, says: `imports ${target}${through}: a pure file may only "import type"` }];
    })
  );
}

/** The files from this one to one of src/system/, both included, by imports that are not only of types. */
function wayToSystem(path: string, byPath: ReadonlyMap<string, Module>): readonly string[] | undefined {
  const ways = [[path]];
  const seen = new Set<string>();
  for (const way of ways) {
    const last = way.at(-1)!;
    if (roomOf(last) === "system") return way;
    const next = (byPath.get(last)?.imports ?? []).filter(({ isTypeOnly }) => !isTypeOnly);
    for (const { target } of next.filter(({ target }) => !seen.has(target))) {
      seen.add(target);
      ways.push([...way, target]);
    }
  }
  return undefined;
}

/** Each circle of imports once, type imports counted: the shortest one through each file. */
function circles(modules: readonly Module[]): readonly Breach[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const found = new Map<string, Breach>();
  for (const { path } of modules) {
    const circle = shortestCircle(path, byPath);
    if (circle === undefined) continue;
    const first = circle.indexOf(circle.toSorted()[0]!);
    const [start, ...rest] = [...circle.slice(first), ...circle.slice(0, first)];
    const line = byPath.get(start!)!.imports.find(({ target }) => target === (rest[0] ?? start))!.line;
    const says = `imports itself in a circle: ${[start, ...rest, start].join(" → ")}`;
    found.set(says, { path: start!, line, says });
  }
  return [...found.values()];
}

/** The files on the shortest way from a file back to itself, beginning with it; `undefined` when there is none. */
function shortestCircle(path: string, byPath: ReadonlyMap<string, Module>): string[] | undefined {
  const ways: string[][] = [[path]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const { target } of byPath.get(way.at(-1)!)?.imports ?? []) {
      if (target === path) return way;
      if (!seen.has(target)) ways.push([...way, target]);
      seen.add(target);
    }
  }
  return undefined;
}

/** The files that `rooms.ts` lists as pure and that are not there. */
export function stalePureFiles(paths: readonly string[]): readonly Breach[] {
  return PURE_FILES.filter((path) => !paths.includes(path))
    .map((path) => ({
      path,
      line: 1,
      says: "is listed as pure in scripts/house/rooms.ts, and is not there",
    }));
}
