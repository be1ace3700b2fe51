// The script of CI, with an `npx` that only says what deno would say.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { inFolder } from "../support/temp_folder.ts";

const CI_RUN = fileURLToPath(new URL("../../.ci/run", import.meta.url));

/** What a run of the fake deno prints and ends with, by words of its command line. */
const GREEN = {
  "2.6.8 task compile": "echo compiled",
  "task test:e2e": `echo "with $(basename "$CDX2_BIN")"; echo "ok | 5 passed | 0 failed | 3 ignored (9m9s)"`,
  "task test": 'echo "ok | 30 passed (7 steps) | 0 failed (3m2s)"; echo "ok | 5 passed | 0 failed (8m2s)"',
};

interface CiRun {
  readonly code: number;
  readonly text: string;
  /** The last line. */
  readonly sum: string;
}

async function ciRun(over: Readonly<Record<string, string>>, { withDenort = true } = {}): Promise<CiRun> {
  return await inFolder(async (folder) => {
    const script = async (path: string, text: string) => {
      await Deno.mkdir(`${folder}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text, { mode: 0o755 });
    };
    const cases = Object.entries({ ...over, ...GREEN, ...over })
      .map(([words, answer]) => `*"${words}"*) ${answer} ;;`);
    await script("project/.ci/run", await Deno.readTextFile(CI_RUN));
    await script("bin/npx", ["#!/bin/bash", 'case "$* " in', ...cases, "esac"].join("\n"));
    if (withDenort) await script("shared/denort/get", "#!/bin/sh\necho /denort\n");
    const { code, stdout } = await new Deno.Command("bash", {
      args: [`${folder}/project/.ci/run`],
      env: { PATH: `${folder}/bin:${Deno.env.get("PATH")}` },
      stderr: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    return { code, text, sum: text.trimEnd().split("\n").at(-1) ?? "" };
  });
}

const ROWS: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ["all is green", {}, "40 passed, 0 failed"],
  ["the types are wrong", { "task check ": "exit 1" }, "40 passed, 1 failed"],
  [
    "tests fail",
    { "task test ": 'echo "FAILED | 28 passed (7 steps) | 2 failed (3m2s)"; exit 1' },
    "33 passed, 2 failed",
  ],
  [
    "tests of the executable fail",
    { "task test:e2e ": 'echo "FAILED | 1 passed | 4 failed (9m)"; exit 1' },
    "36 passed, 4 failed",
  ],
  ["the executable cannot be made", { "2.6.8 task compile ": "exit 3" }, "35 passed, 1 failed"],
  ["deno ends without a word of its tests", { "task test ": "exit 137" }, "5 passed, 1 failed"],
];

for (const [what, over, sum] of ROWS) {
  Deno.test(`the last line of CI counts the tests of all runs: ${what}`, async () => {
    const run = await ciRun(over);
    assert.deepEqual([run.sum, run.code], [sum, sum.endsWith(", 0 failed") ? 0 : 1], run.text);
  });
}

Deno.test("CI shows the tests of the executable after the others", async () => {
  const { text } = await ciRun({});
  assert.match(
    text,
    /== tests\n[^=]*8m2s[^=]*\n== tests of the executable\ncompiled\ncompiled\nwith cdx2\nok .*9m9s/,
  );
});

Deno.test("CI without a denort tests the sources alone, and says so", async () => {
  const { text, sum, code } = await ciRun({}, { withDenort: false });
  assert.match(text, /== tests of the executable\nskipped, there is no denort here\n/);
  assert.deepEqual([sum, code], ["35 passed, 0 failed", 0]);
});
