import assert from "node:assert/strict";
import { fileBreaches, headerBreaches } from "../../../scripts/house/files.ts";

type Files = Readonly<Record<string, string>>;

function found(files: Files): string[] {
  const list = Object.entries(files).map(([path, text]) => ({ path, text }));
  return fileBreaches(list).map(({ path, line, says }) => `${path}:${line} ${says}`);
}

// Types alone need no test, so that a case is about one rule only.
const TYPE = "export interface A {}\n";
const IGNORE = "deno-lint-" + "ignore";

const CASES: readonly { name: string; files: Files; expected: readonly string[] }[] = [
  {
    name: "asks a test of each file with logic",
    files: {
      "src/auth/a.ts": "export function a() {}\n",
      "src/auth/b.ts": "// b\nclass B {}\n",
      "src/auth/c.ts": "export const C = 1;\n",
      "src/auth/d.ts": "export type D = () => void;\n",
      "tests/auth/b_test.ts": "",
    },
    expected: [
      "src/auth/a.ts:1 has no test: tests/auth/a_test.ts is missing",
      "src/auth/c.ts:1 has no test: tests/auth/c_test.ts is missing",
    ],
  },
  {
    name: "wants no exception that nobody needs",
    files: { "src/proxy/server.ts": "const a = 1;\n", "tests/proxy/server_test.ts": "" },
    expected: ["src/proxy/server.ts:1 is listed as without a test, and needs no such exception"],
  },
  {
    name: "refuses vague names and long files",
    files: {
      "src/auth/utils.ts": TYPE,
      "src/auth/long.ts": TYPE + "\n".repeat(298) + "type Last = A;\n",
      "src/auth/longer.ts": TYPE + "\n".repeat(299) + "type Last = A;\n",
    },
    expected: [
      "src/auth/utils.ts:1 has a name that says nothing",
      "src/auth/longer.ts:300 has 301 lines: 300 are enough",
    ],
  },
  {
    name: "refuses a comment that switches the plugin off, and one that switches everything off",
    files: {
      "src/auth/a.ts": `${TYPE}// ${IGNORE} house/world -- just this once\n`,
      "src/auth/b.ts": `// ${IGNORE}-file\n${TYPE}`,
      "src/auth/c.ts": `// ${IGNORE}-file -- generated\n${TYPE}`,
      "scripts/d.ts": `// ${IGNORE}-file no-console house/unfinished\n`,
      "scripts/e.ts": `// ${IGNORE}-file no-console -- this is a script\n// ${IGNORE} no-explicit-any\n`,
    },
    expected: [
      "src/auth/a.ts:2 switches off a rule of the house, or all rules",
      "src/auth/b.ts:1 switches off a rule of the house, or all rules",
      "src/auth/c.ts:1 switches off a rule of the house, or all rules",
      "scripts/d.ts:1 switches off a rule of the house, or all rules",
    ],
  },
];

for (const { name, files, expected } of CASES) {
  Deno.test(`the check of files ${name}`, () => assert.deepEqual(found(files), expected));
}

Deno.test("headerBreaches() asks a module comment of each file in src and scripts", () => {
  const header = "/**\n * What it is for.\n * @module\n */\n\n";
  const files = [
    { path: "src/auth/a.ts", text: `${header}${TYPE}` },
    { path: "src/auth/b.ts", text: TYPE },
    { path: "scripts/c.ts", text: `// What it is for.\n${header}` },
    { path: "src/auth/d.ts", text: "/**\n * @module\n */\n" },
    { path: "src/auth/e.ts", text: "/**\n * What it is for.\n */\nconst a = 1;\n/** @module */\n" },
    { path: "tests/auth/a_test.ts", text: "" },
  ];
  assert.deepEqual(headerBreaches(files).map(({ path }) => path), [
    "src/auth/b.ts",
    "scripts/c.ts",
    "src/auth/d.ts",
    "src/auth/e.ts",
  ]);
});
