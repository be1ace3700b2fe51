/**
 * Lints the documentation of exports with `deno doc --lint`: each has JSDoc, down to its fields, and names no type
 * that a reader cannot look up.
 *
 *   deno task doc [src/auth src/proxy/step.ts …]     without a path: the folders of DOCUMENTED
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { type Breach, isIn, printBreaches, readTexts, type TextFile, tidyPaths } from "./text_files.ts";

/** The folders whose exports are documented; what `deno task doc` enforces. */
const DOCUMENTED: readonly string[] = [
  "src/api",
  "src/auth",
  "src/codex",
  "src/config",
  "src/credentials",
  "src/proxy",
  "src/keyring",
  "src/upstream",
  "src/values",
];

/**
 * What the linter says about these files. All files of src/ go into one run: a type of a file that was left out
 * would count as private.
 * @param root the folder from which the files' paths are seen
 * @throws {Error} when Deno cannot read a file
 */
export async function docBreaches(root: string, files: readonly TextFile[]): Promise<readonly Breach[]> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", "--quiet", ...files.map(({ path }) => path)],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);
  const found = parseDocLint(said);
  if (code !== 0 && found.length === 0) throw new Error(`Cannot read the documentation\n${said}`);
  const declared = declaredTypes(files);
  return found
    .filter(({ type }) => type === undefined || declared.has(type))
    .filter(({ path, rule }) => !(path.startsWith("src/api/") && rule === "missing-explicit-type"))
    .map(({ path, line, rule, message }) => ({ path, line, says: `${rule}: ${message}` }));
}

/** One error of `deno doc --lint`. */
export interface DocError {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
  /** The type that is not exported, in an error about that. */
  readonly type: string | undefined;
}

const ERROR = /^error\[(?<rule>[\w-]+)\]: (?<message>.*)\n\s*--> .*\/(?<path>src\/\S+?):(?<line>\d+):\d+$/gm;

/** The errors in what `deno doc --lint` prints, which has no output for machines. */
export function parseDocLint(output: string): readonly DocError[] {
  return [...output.replaceAll("\\", "/").matchAll(ERROR)].map(({ groups }) => {
    const { rule, message, path, line } = groups as Record<"rule" | "message" | "path" | "line", string>;
    const type = /references private type '(?<name>[^']+)'/.exec(message)?.groups?.["name"];
    return { rule, message, path, line: Number(line), type };
  });
}

/** The names of our own types: one of a package cannot be exported by us. */
function declaredTypes(files: readonly TextFile[]): ReadonlySet<string> {
  return new Set(
    files.flatMap(({ text }) =>
      [...text.matchAll(/^(?:export )?(?:abstract )?(?:interface|type|class|enum) (\w+)/gm)].map(([, name]) =>
        name!
      )
    ),
  );
}

if (import.meta.main) {
  Deno.chdir(new URL("../..", import.meta.url));
  const wanted = Deno.args.length > 0 ? tidyPaths(Deno.args) : DOCUMENTED;
  const all = await docBreaches(Deno.cwd(), await readTexts(["src"]));
  const found = all.filter(({ path }) => isIn(path, wanted));
  printBreaches(found);
  if (found.length > 0) Deno.exit(1);
  console.log(`the exports of ${wanted.join(", ")} are documented`);
}
