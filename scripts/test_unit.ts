/**
 * Runs the unit tests, those of a folder of tests/ together: loading the program once for each of more than 500 files
 * would take longer than all of their tests. Types are checked by `deno task check`, once for all.
 *
 *   deno task test:unit [OPTION OF deno test …]
 *
 * For one file: deno test -A tests/values/text_test.ts
 * @module
 */

import { readTexts } from "./house/text_files.ts";

/** The folders that need the whole program, which `deno task test:e2e` runs. */
const END_TO_END = ["tests/e2e", "tests/taad"];
/** For the modules that import the tests of a folder. */
const OUT = "dist/unit_tests";

Deno.chdir(new URL("..", import.meta.url));
const paths = (await readTexts(["tests"])).map(({ path }) => path).filter((path) => /_test\.ts$/.test(path));
const folders = Map.groupBy(paths, (path) => path.split("/", 2).join("/"));
for (const folder of END_TO_END) folders.delete(folder);
await Deno.mkdir(OUT, { recursive: true });
// The folder with the most tests first: it takes the longest, and the others run beside it.
const bySize = [...folders].sort(([, one], [, other]) => other.length - one.length);
const files = await Promise.all(bySize.map(together));
const options = ["-A", "--no-check", "--parallel", "--preload=tests/support/time_limit.ts"];
const args = ["test", ...options, ...Deno.args, ...files];
const { code } = await new Deno.Command(Deno.execPath(), { args }).spawn().status;
Deno.exit(code);

/** Writes the module that imports the tests of a folder. Returns its path. */
async function together([folder, tests]: readonly [string, readonly string[]]): Promise<string> {
  const path = `${OUT}/${folder.split("/")[1]}_tests.ts`;
  await Deno.writeTextFile(path, tests.map((test) => `import "../../${test}";\n`).join(""));
  return path;
}
