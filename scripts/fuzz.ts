/**
 * Runs the property tests of parsers and policies with many more random cases than the CI does:
 *
 *   deno task fuzz [RUNS]          200,000 when it is not given
 *
 * A property that fails prints its seed. The files are those that ask tests/support/fuzz.ts for their number of runs, or read
 * FUZZ_RUNS.
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { readTexts } from "./house/text_files.ts";

const RUNS = Deno.args[0] ?? "200000";
if (!/^[1-9]\d*$/.test(RUNS)) {
  console.error(`deno task fuzz takes a number of runs, not ${RUNS}`);
  Deno.exit(2);
}
Deno.chdir(new URL("..", import.meta.url));
const tests = (await readTexts(["tests"])).filter(({ path }) => path.endsWith("_test.ts"));
const files = tests.filter(({ text }) => text.includes("fuzzRuns(") || text.includes('"FUZZ_RUNS"'))
  .map(({ path }) => path);
console.log(`${RUNS} runs of each property in ${files.length} files`);
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--no-check", "--parallel", ...files],
  env: { FUZZ_RUNS: RUNS },
}).spawn().status;
Deno.exit(code);
