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

const RUNS = Deno.args[0] ?? "200000";
if (!/^[1-9]\d*$/.test(RUNS)) {
  console.error(`deno task fuzz takes a number of runs, not ${RUNS}`);
  Deno.exit(2);
}
Deno.chdir(new URL("..", import.meta.url));
const files = await fuzzedFiles("tests");
console.log(`${RUNS} runs of each property in ${files.length} files`);
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--no-check", "--parallel", ...files],
  env: { FUZZ_RUNS: RUNS },
}).spawn().status;
Deno.exit(code);

async function fuzzedFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...await fuzzedFiles(path));
    else if (name.endsWith("_test.ts") && isFuzzed(await Deno.readTextFile(path))) files.push(path);
  }
  return files.sort();
}

function isFuzzed(text: string): boolean {
  return text.includes("fuzzRuns(") || text.includes('"FUZZ_RUNS"');
}
