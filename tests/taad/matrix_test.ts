// Keeps docs/quality/TAAD_TEST_MATRIX.md true: what it names is there, and what is here it names.

import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
const MATRIX = "docs/quality/TAAD_TEST_MATRIX.md";

/** One row: a promise, and the test that keeps it. */
interface Row {
  readonly promise: string;
  /** From the root of the repository. */
  readonly file: string;
  readonly link: string;
  readonly test: string;
}

// | promise | [tests/x_test.ts](../../tests/x_test.ts) | name of the test |
const ROW = /^\| (?<promise>.+?) +\| \[(?<file>.+?)\]\((?<link>.+?)\) +\| (?<test>.+?) +\|$/gm;
// The first text after `Deno.test(`, or after its `name:`. A name that is put together ends at its first inner quote.
const TEST_NAME =
  /^ *(?:Deno\.test|testWithCodex|onOneProxy)\(\s*(?:\{\s*name:\s*)?(?<quote>["'`])(?<name>(?:\\.|(?!\k<quote>).)*)/gms;

async function rows(): Promise<readonly Row[]> {
  const text = await Deno.readTextFile(new URL(MATRIX, ROOT));
  return [...text.matchAll(ROW)].map(({ groups }) => ({ ...groups }) as unknown as Row);
}

/** For each test of a file, what its names look like. */
async function testNames(file: string): Promise<readonly RegExp[]> {
  const text = await Deno.readTextFile(new URL(file, ROOT));
  return [...text.matchAll(TEST_NAME)].map(({ groups }) => patternOf(groups!["name"]!));
}

function patternOf(name: string): RegExp {
  const parts = name.replace(/\\(["'`])/g, "$1").split(/\$\{[^}]*(?:\}|$)/);
  return new RegExp(`^${parts.map((part) => RegExp.escape(part)).join(".*")}$`);
}

Deno.test("every test that the matrix names is there", async () => {
  const matrix = await rows();
  assert.ok(matrix.length > 30, "the matrix is read");
  for (const { file, link, test } of matrix) {
    assert.equal(link, `../../${file}`);
    const names = await testNames(file);
    assert.ok(names.some((name) => name.test(test)), `${file} has no test "${test}"`);
  }
});

Deno.test("every test in tests/taad is in the matrix", async () => {
  const matrix = await rows();
  for await (const { name } of Deno.readDir(new URL("tests/taad", ROOT))) {
    const file = `tests/taad/${name}`;
    if (!name.endsWith("_test.ts") || name === "matrix_test.ts") continue;
    for (const pattern of await testNames(file)) {
      const isNamed = matrix.some((row) => row.file === file && pattern.test(row.test));
      assert.ok(isNamed, `${MATRIX} does not name ${pattern} of ${file}`);
    }
  }
});
