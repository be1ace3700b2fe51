/**
 * Builds the executable: bundles the start, the commands and the worker in pieces, minified, then compiles the bundles:
 * embedded npm packages would cost 10 to 25 ms at each start, code in full half of the time that a command takes to
 * load. Source maps are compiled in, and read only for a stack trace: that names the files and lines of the source. All
 * that is in the executable is copied twice at each start, so each of the two has to be small.
 *
 * The Deno that runs this script also compiles. It needs a denort of its own version: the file named by DENORT_BIN, else
 * one that it downloads.
 *
 *   deno task compile [--out dist/cdx2] [--target x86_64-unknown-linux-gnu] [--worker src/runtime/worker.ts]
 *     [--releases-url URL]
 *
 * The URL is where `cdx2 version --check` looks for a newer one; without it, a build does not know.
 *
 * Tests use another worker of that name, which finds out what the sandbox of the executable permits.
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { parseArgs } from "node:util";
import { V8_FLAGS } from "../src/system/v8_flags.ts";
import { lineMap } from "./line_map.ts";
import { ADDRESS_PLACEHOLDER } from "./release/texts.ts";

// The memory for what was just made, which most requests never leave.
// With the 1 MB that V8 begins with, each command stops once or twice to collect what it could as well leave behind.
// The rest grows by a part of what is in use before it is collected; V8 would let it grow to several times that. With 500
// streams the service takes 137 MB instead of 178, and its requests no more CPU time.
const HEAP_FLAGS = ["--max-semi-space-size=8", "--min-semi-space-size=4", "--heap-growing-percent=60"];

// No code cache: it would be /tmp/deno-compile-cdx2.cache, which another user of the machine can create first, and
// what V8 loads from it runs with our keys. It would save 5 to 10 ms at each start.
// No prompts: in a terminal, Deno would ask the user whether to permit what the sandbox refuses.
const FLAGS = [
  "--quiet",
  "--no-check",
  "--no-config",
  "--no-code-cache",
  "--no-prompt",
  "--allow-all",
  `--v8-flags=${[...V8_FLAGS, ...HEAP_FLAGS]}`,
  // As in deno.json, which is not read, so that nothing else of it has an effect.
  "--unstable-worker-options",
  "--unstable-no-legacy-abort",
];

// Bundled CommonJS packages ask for Node's modules, which the bundler sees to only in code that it does not minify.
const REQUIRE =
  'import{createRequire as makeRequire}from"node:module";var require=makeRequire(import.meta.url);\n';

// Measured with the esbuild of Deno 2.6: of `using file = open(); return file.size` it makes `return open().size`.
const LOST_USING = "Cannot minify: a resource that `using` declares would never be closed\n" +
  "hint: use it more than once, or close it in a finally block";

// What main.ts imports when it does not answer by itself.
const COMMANDS = "src/cli/main.ts";

/** A problem that the user can fix. Its message is printed without a stack trace. */
class CompileError extends Error {}

const { values: options } = parseArgs({
  options: {
    out: { type: "string", default: "dist/cdx2" },
    target: { type: "string" },
    worker: { type: "string", default: "src/runtime/worker.ts" },
    "releases-url": { type: "string" },
  },
});

Deno.chdir(new URL("..", import.meta.url));
const folder = await Deno.makeTempDir({ prefix: "cdx2-compile-" });
try {
  const [code, full] = [`${folder}/code`, `${folder}/full`];
  await bundleAll(code, "--minify", "--sourcemap=linked");
  await bundleAll(full);
  if (await countOfUsing(code) !== await countOfUsing(full)) throw new CompileError(LOST_USING);
  await compile(code, await finish(code), options);
  if (options.target === undefined) await tryOut(options.out);
  console.log(await describe(options.out));
} catch (error) {
  if (!(error instanceof CompileError)) throw error;
  console.error(error.message);
  Deno.exitCode = 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}

/**
 * In pieces, because most commands need few of them, and the worker none that only a shared pool needs: beside what it
 * loads later, a bundle in one piece holds all packages in full, which takes 15 ms more to start. Commands and worker
 * together, so that what both use is there once. main.ts apart from them, so that what it answers by itself reads nothing
 * that only others use: 50 KB are in the executable twice for it, and `all --line` takes 1 ms less.
 */
async function bundleAll(into: string, ...flags: readonly string[]): Promise<void> {
  await bundle(into, [...flags, "--external", `*/${COMMANDS.replace("src/", "")}`], ["main.ts"]);
  await bundle(into, flags, [COMMANDS, options.worker]);
  await move(into, COMMANDS, "commands.js");
  await move(into, options.worker, "worker.js");
  const main = await Deno.readTextFile(`${into}/main.js`);
  const joined = main.replaceAll(`"./${COMMANDS}"`, '"./commands.js"');
  if (joined === main) throw new CompileError(`Cannot bundle main.ts: nothing in it imports ${COMMANDS}`);
  await Deno.writeTextFile(`${into}/main.js`, joined);
}

async function bundle(into: string, flags: readonly string[], what: readonly string[]): Promise<void> {
  const where = ["--code-splitting", "--outdir", into];
  const result = await deno("bundle", "--quiet", "--platform", "deno", ...where, ...flags, ...what);
  if (!result.success) throw new CompileError(`Cannot bundle ${what.join(" and ")}\n${result.errors}`);
}

/**
 * Moves a bundled file beside its pieces, under a name that does not depend on the others: sandbox.ts starts "./worker.js",
 * seen from the file with its own code, which is a piece in this folder.
 */
async function move(folder: string, source: string, to: string): Promise<void> {
  const from = await placeOf(folder, source.replace(/\.ts$/, ".js"));
  const code = await Deno.readTextFile(`${folder}/${from}`);
  const moved = code
    .replaceAll(/\b(from|import|import\()(\s*")(?:\.\.\/)+(?=[\w-]+\.js")/g, "$1$2./")
    .replace(/(?<=^\/\/# sourceMappingURL=).*$/m, `${to}.map`);
  await Deno.writeTextFile(`${folder}/${to}`, moved);
  await Deno.remove(`${folder}/${from}`);
  const map = await Deno.readTextFile(`${folder}/${from}.map`).catch(() => undefined);
  if (map === undefined) return;
  const { sources, ...more } = JSON.parse(map);
  const found = sources.map((source: string) => new URL(source, `file://${folder}/${from}`).pathname);
  await Deno.writeTextFile(`${folder}/${to}.map`, JSON.stringify({ ...more, sources: found }));
}

/** Where the bundler has put a file: without the folders that all the bundled files have in common. */
async function placeOf(folder: string, path: string): Promise<string> {
  const found = await Deno.stat(`${folder}/${path}`).catch(() => undefined);
  if (found !== undefined) return path;
  if (!path.includes("/")) throw new CompileError(`Cannot find ${path} in what was bundled`);
  return await placeOf(folder, path.slice(path.indexOf("/") + 1));
}

async function countOfUsing(folder: string): Promise<number> {
  const codes = (await filesIn(folder, ".js")).map((path) => Deno.readTextFileSync(path));
  return codes.join().match(/\busing [\w$]+ ?=/g)?.length ?? 0;
}

async function filesIn(folder: string, suffix: string): Promise<readonly string[]> {
  const files = await Array.fromAsync(Deno.readDir(folder));
  return files.map(({ name }) => `${folder}/${name}`).filter((path) => path.endsWith(suffix));
}

/** Completes the bundled files of a folder and their source maps. Returns the paths of the maps. */
async function finish(folder: string): Promise<readonly string[]> {
  const paths = await filesIn(folder, ".js");
  for (const path of paths) {
    const code = (await Deno.readTextFile(path))
      .replaceAll(ADDRESS_PLACEHOLDER, options["releases-url"] ?? ADDRESS_PLACEHOLDER);
    const needsRequire = code.includes("Dynamic require of");
    await Deno.writeTextFile(path, needsRequire ? REQUIRE + code : code);
    await finishMap(`${path}.map`, needsRequire ? ";" : "");
  }
  return paths.map((path) => `${path}.map`);
}

/**
 * Names the sources as in this repository and not by where it was built. `emptyLines` are those that stand before the code,
 * each as a semicolon.
 */
async function finishMap(path: string, emptyLines: string): Promise<void> {
  const { sources, mappings, ...map } = lineMap(JSON.parse(await Deno.readTextFile(path)));
  const named = sources.map((source: string) => fromRoot(new URL(source, `file://${path}`).pathname));
  await Deno.writeTextFile(path, JSON.stringify({ ...map, sources: named, mappings: emptyLines + mappings }));
}

function fromRoot(path: string): string {
  const root = `${Deno.cwd()}/`;
  // A package, in the cache of Deno.
  return path.startsWith(root) ? path.slice(root.length) : path.replace(/^.*\/npm\/[^/]*\//, "npm/");
}

async function compile(
  folder: string,
  maps: readonly string[],
  { out, target }: { readonly out: string; readonly target?: string },
): Promise<void> {
  const targetFlags = target === undefined ? [] : ["--target", target];
  const included = [`${folder}/worker.js`, ...maps].flatMap((path) => ["--include", path]);
  const result = await deno(
    "compile",
    ...FLAGS,
    ...targetFlags,
    ...included,
    "--output",
    out,
    `${folder}/main.js`,
  );
  if (result.success) return;
  if (result.errors.includes("denort")) throw new CompileError(missingDenort());
  throw new CompileError(`Cannot compile\n${result.errors}`);
}

function missingDenort(): string {
  const named = Deno.env.get("DENORT_BIN");
  const tried = named === undefined ? "it cannot be downloaded" : `DENORT_BIN=${named} does not exist`;
  return `Cannot compile: denort ${Deno.version.deno}, the runtime of the executable, is missing: ${tried}\n` +
    "hint: build where dl.deno.land can be reached, or set DENORT_BIN to a denort of this version";
}

// The compiler accepts a denort of another version, and the result then cannot find its own program. The help reads
// all commands.
async function tryOut(out: string): Promise<void> {
  const path = await Deno.realPath(await resultPath(out));
  const { success, errors } = await run(path, ["--help"]);
  if (success) return;
  await Deno.remove(path);
  throw new CompileError(
    `Cannot use the result: it does not start, as with a denort of another version\n${errors}`,
  );
}

async function describe(out: string): Promise<string> {
  const path = await resultPath(out);
  const { size } = await Deno.stat(path);
  return `${path}  ${(size / 2 ** 20).toFixed(1)} MiB  Deno ${Deno.version.deno}`;
}

// For Windows, Deno adds the suffix.
async function resultPath(out: string): Promise<string> {
  return await Deno.stat(out).then(() => out, () => `${out}.exe`);
}

/** How a command ended, with what it wrote to stderr. */
interface Result {
  readonly success: boolean;
  readonly errors: string;
}

function deno(...args: readonly string[]): Promise<Result> {
  return run(Deno.execPath(), args);
}

async function run(command: string, args: readonly string[]): Promise<Result> {
  const { success, stderr } = await new Deno.Command(command, {
    args: [...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  const [errors = ""] = new TextDecoder().decode(stderr).split("\nStack backtrace:");
  return { success, errors: errors.trim() };
}
