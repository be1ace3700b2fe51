/**
 * Changes one thing at a time in the files that decide, and runs the unit tests of the file against each change: a change
 * that no test notices is a rule without a test. The sample is drawn with a seed, so that it can be drawn again.
 *
 *   deno task mutate [--count 500] [--seed 1] [--jobs 1] [--file src/auth/key_state.ts]
 *
 * Works on a copy. Results are added to `dist/mutants.jsonl`; a run that was stopped goes on where it was, and tries
 * again what no test noticed, since there may be a test by now. Each change gets a process of its own, with bounds on time
 * and memory, since a change may make a loop endless; random tests have few cases at first, and all of them for what
 * survives that.
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { parseArgs } from "node:util";
import { Random } from "./affinity/random.ts";

/** The files that decide, each with the unit tests that are about it. */
const DECIDING: Readonly<Record<string, readonly string[]>> = {
  "src/auth/key_state.ts": [
    "tests/auth/key_state_test.ts",
    "tests/auth/wall_time_test.ts",
    "tests/auth/rotation_test.ts",
  ],
  "src/auth/choice.ts": ["tests/auth/choice_test.ts", "tests/auth/rotation_test.ts"],
  "src/auth/storm.ts": ["tests/auth/storm_test.ts", "tests/auth/rotation_test.ts"],
  "src/auth/shared_key.ts": ["tests/auth/shared_key_test.ts", "tests/auth/rotation_test.ts"],
  "src/auth/trials.ts": ["tests/auth/trials_test.ts", "tests/auth/rotation_test.ts"],
  "src/auth/wall_time.ts": ["tests/auth/wall_time_test.ts"],
  "src/auth/folder_looks.ts": ["tests/auth/folder_looks_test.ts", "tests/auth/store_test.ts"],
  "src/proxy/step.ts": ["tests/proxy/step_test.ts"],
  "src/proxy/guard.ts": ["tests/proxy/guard_test.ts"],
  "src/proxy/request_body.ts": ["tests/proxy/request_body_test.ts"],
  "src/system/server_head.ts": ["tests/system/server_head_test.ts", "tests/system/answer_head_test.ts"],
  "src/system/server_body.ts": ["tests/system/server_body_test.ts", "tests/system/server_connection_test.ts"],
  "src/system/server_answer.ts": ["tests/system/server_answer_test.ts"],
  "src/system/turns.ts": ["tests/system/turns_test.ts"],
  "src/system/inflow.ts": ["tests/system/inflow_test.ts", "tests/system/http_connection_test.ts"],
  "src/upstream/classify.ts": ["tests/upstream/classify_test.ts"],
  "src/upstream/subject.ts": ["tests/upstream/subject_test.ts", "tests/upstream/classify_test.ts"],
  "src/upstream/stream_judge.ts": ["tests/upstream/stream_judge_test.ts", "tests/upstream/attempt_test.ts"],
  "src/upstream/stream.ts": ["tests/upstream/stream_test.ts", "tests/upstream/attempt_test.ts"],
  "src/upstream/reset_time.ts": ["tests/upstream/reset_time_test.ts"],
};

/** What is looked for in a line, and what takes its place. */
const CHANGES: readonly (readonly [RegExp, (found: string) => string])[] = [
  [/ === /g, () => " !== "],
  [/ !== /g, () => " === "],
  [/ <= /g, () => " < "],
  [/ >= /g, () => " > "],
  [/ < /g, () => " <= "],
  [/ > /g, () => " >= "],
  [/ && /g, () => " || "],
  [/ \|\| /g, () => " && "],
  [/ \+ /g, () => " - "],
  [/ - /g, () => " + "],
  [/\btrue\b/g, () => "false"],
  [/\bfalse\b/g, () => "true"],
  [/(?<=[=(:] ?)!(?=[\w(])/g, () => ""],
  [/\bMath\.max\b/g, () => "Math.min"],
  [/\bMath\.min\b/g, () => "Math.max"],
  [/\b\d[\d_]*\b(?![\w.])/g, (found) => String(Number(found.replaceAll("_", "")) + 1)],
];

interface Mutant {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
  /** How many lines of the file are the same and come first. */
  readonly twins: number;
}

type Result = Mutant & { readonly isNoticed: boolean };

const { values: options } = parseArgs({
  options: {
    count: { type: "string", default: "500" },
    seed: { type: "string", default: "1" },
    file: { type: "string" },
    jobs: { type: "string", default: "1" },
  },
});
const ROOT = new URL("..", import.meta.url).pathname;
const RESULTS = `${ROOT}dist/mutants.jsonl`;
const FEW_RANDOM_CASES = 200;
const ALL_RANDOM_CASES = 10_000;
// Of CPU time, of which the slowest tests take a few seconds. Some changes make a test wait for ever instead.
const TIMEOUT_S = 60;
const MAX_WAIT_S = 180;
const MAX_HEAP_MB = 512;
// What is not in the heap, such as buffers, a change may take in an endless loop as well.
const MAX_MEMORY_KB = 2_000_000;

const files = options.file === undefined ? Object.keys(DECIDING) : [options.file];
const all = (await Promise.all(files.map(mutantsOf))).flat();
const sample = drawn(all, Number(options.seed)).slice(0, Number(options.count));
await Deno.mkdir(`${ROOT}dist`, { recursive: true });
const known = await knownResults();
/** Files whose tests were seen to pass. */
const sound = new Set<string>();
const queue = sample.filter((mutant) => !known.get(keyOf(mutant))?.isNoticed).values();
await Promise.all(Array.from({ length: Number(options.jobs) }, tryFromQueue));
report(sample.flatMap((mutant) => known.get(keyOf(mutant)) ?? []), all.length);

/** Tries mutants in a copy of its own until none is left. */
async function tryFromQueue(): Promise<void> {
  const copy = await copyOfProject();
  try {
    for (const mutant of queue) {
      const result = { ...mutant, isNoticed: await isNoticed(mutant, copy) };
      known.set(keyOf(mutant), result);
      await Deno.writeTextFile(RESULTS, `${JSON.stringify(result)}\n`, { append: true });
      if (!result.isNoticed) console.log(describe(mutant));
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

async function mutantsOf(file: string): Promise<Mutant[]> {
  const lines = (await Deno.readTextFile(ROOT + file)).split("\n");
  return lines.flatMap((before, index) => {
    if (!isCode(before)) return [];
    return CHANGES.flatMap(([pattern, change]) =>
      [...before.matchAll(pattern)].map(({ 0: found, index: at }) => {
        const after = before.slice(0, at) + change(found) + before.slice(at + found.length);
        const twins = lines.slice(0, index).filter((line) => line === before).length;
        return { file, line: index + 1, before, after, twins };
      })
    );
  });
}

/** Neither a comment nor an import, nor a type alone: a change there changes nothing. */
function isCode(line: string): boolean {
  return !/^\s*(?:\/?\*|\/\/|import |export (?:interface|type) |\} from |readonly \w+\??:|\|)/.test(line);
}

/** In an order that is the same for the same seed, also once other lines have changed. */
function drawn(mutants: readonly Mutant[], seed: number): Mutant[] {
  const place = (mutant: Mutant) => new Random(hashOf(keyOf(mutant)) + seed).next();
  return mutants.map((mutant) => ({ mutant, at: place(mutant) })).sort((a, b) => a.at - b.at)
    .map(({ mutant }) => mutant);
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

// Within the project, since the imports of its settings hold there.
async function copyOfProject(): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: `${ROOT}dist`, prefix: "mutate-" });
  const { success } = await new Deno.Command("cp", {
    args: ["-r", "src", "tests", "scripts", "docs", "main.ts", folder],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error(`cannot copy the project to ${folder}`);
  return folder;
}

async function isNoticed({ file, line, after }: Mutant, folder: string): Promise<boolean> {
  if (!sound.has(file) && await fails(DECIDING[file]!, folder, FEW_RANDOM_CASES)) {
    throw new Error(`the tests of ${file} fail without any change`);
  }
  sound.add(file);
  const original = await Deno.readTextFile(ROOT + file);
  const lines = original.split("\n");
  lines[line - 1] = after;
  await Deno.writeTextFile(`${folder}/${file}`, lines.join("\n"));
  try {
    return await fails(DECIDING[file]!, folder, FEW_RANDOM_CASES) || await fails(DECIDING[file]!, folder);
  } finally {
    await Deno.writeTextFile(`${folder}/${file}`, original);
  }
}

async function fails(
  tests: readonly string[],
  folder: string,
  randomCases = ALL_RANDOM_CASES,
): Promise<boolean> {
  const runner = new URL("./mutate_runner.ts", import.meta.url).pathname;
  const run = ["run", "-A", "--no-check", `--v8-flags=--max-old-space-size=${MAX_HEAP_MB}`, runner];
  const { success } = await new Deno.Command("sh", {
    args: [
      "-c",
      `ulimit -t ${TIMEOUT_S}; ulimit -d ${MAX_MEMORY_KB}; exec timeout ${MAX_WAIT_S} "$@"`,
      "sh",
      Deno.execPath(),
      ...run,
      ...tests,
    ],
    cwd: folder,
    env: { FUZZ_RUNS: String(randomCases) },
    stdout: "null",
    stderr: "null",
  }).output();
  return !success;
}

async function knownResults(): Promise<Map<string, Result>> {
  const text = await Deno.readTextFile(RESULTS).catch(() => "");
  const results = text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Result);
  return new Map(results.map((result) => [keyOf(result), result]));
}

// A line that has moved since is the same mutant.
function keyOf({ file, before, after, twins }: Mutant): string {
  return JSON.stringify([file, before, after, twins]);
}

function describe({ file, line, before, after }: Mutant): string {
  return `survives: ${file}:${line}\n  - ${before.trim()}\n  + ${after.trim()}`;
}

function report(results: readonly Result[], total: number): void {
  const noticed = results.filter(({ isNoticed }) => isNoticed).length;
  const percent = results.length === 0 ? 0 : (100 * noticed) / results.length;
  console.log(
    `${noticed} of ${results.length} noticed (${
      percent.toFixed(1)
    } %), drawn from ${total} with seed ${options.seed}`,
  );
  for (const result of results) if (!result.isNoticed) console.log(describe(result));
}
