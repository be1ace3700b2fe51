import assert from "node:assert/strict";
import { breaches } from "../../scripts/check_house.ts";
import { sourceFile } from "../../scripts/source_file.ts";

type Files = Readonly<Record<string, string>>;

function found(files: Files): string[] {
  const list = Object.entries(files).map(([path, text]) => ({ path, text }));
  return breaches(list).map(({ path, line, says }) => `${path}:${line} ${says}`);
}

// Types alone need no test, so that a case is about one rule only.
const TYPE = "export interface A {}\n";

const CASES: readonly { name: string; files: Files; expected: readonly string[] }[] = [
  {
    name: "lets imports point down",
    files: {
      "src/cli/a.ts": 'import type { P } from "../runtime/plan.ts";\nimport { z } from "zod/mini";\n' + TYPE,
      "src/config/settings.ts": 'import { Secret } from "../values/secret.ts";\n' + TYPE,
      "src/auth/store.ts": 'import { systemFiles } from "../system/files.ts";\n' + TYPE,
    },
    expected: [],
  },
  {
    name: "refuses an import that points up, a type and an export as well",
    files: {
      "src/proxy/a.ts": 'import { x } from "../runtime/b.ts";\n' + TYPE,
      "src/system/b.ts": TYPE + 'export type { U } from "../config/settings.ts";\n',
      "src/config/c.ts": 'import "../auth/record.ts";\nawait import("../proxy/a.ts");\n' + TYPE,
    },
    expected: [
      "src/proxy/a.ts:1 imports src/runtime/b.ts: proxy may not",
      "src/system/b.ts:2 imports src/config/settings.ts: system may not",
      "src/config/c.ts:1 imports src/auth/record.ts: config may not",
      "src/config/c.ts:2 imports src/proxy/a.ts: config may not",
    ],
  },
  {
    name: "refuses a folder that is no room",
    files: { "src/shared/a.ts": TYPE, "src/loose.ts": TYPE },
    expected: [
      "src/shared/a.ts:1 is in no room: src/shared is not one",
      "src/loose.ts:1 is in no room: src/loose.ts is not one",
    ],
  },
  {
    name: "refuses the system to a pure file, unless only as a type",
    files: {
      "src/proxy/step.ts": 'import { systemClock } from "../system/clock.ts";\n' + TYPE,
      "src/proxy/guard.ts": 'import {\n  type Clock,\n  randomKey,\n} from "../system/random.ts";\n' + TYPE,
      "src/proxy/rules.ts": 'import type { Clock } from "../system/clock.ts";\n' + TYPE,
      "src/upstream/classify.ts": 'import { type Clock, type Cancel } from "../system/clock.ts";\n' + TYPE,
    },
    expected: [
      "src/proxy/step.ts:1 imports src/system/clock.ts: a pure file may not",
      "src/proxy/guard.ts:1 imports src/system/random.ts: a pure file may not",
    ],
  },
  {
    name: "leaves the world to the system room",
    files: {
      "src/auth/a.ts": TYPE + [
        "Deno.env.get(name);",
        "await fetch(url);",
        "Date.now(); new Date(); new Date ( );",
        "performance.now();",
        "setTimeout(act, 1); setInterval(act, 1);",
        "Math.random(); crypto.randomUUID(); crypto.getRandomValues(bytes);",
        "console.log(`at ${Date.now()}`);",
      ].join("\n"),
      "src/system/clock.ts": TYPE + "Date.now();",
      "scripts/a.ts": "Date.now();",
    },
    expected: [
      "src/auth/a.ts:2 names Deno: only src/system/ may",
      "src/auth/a.ts:3 names fetch: only src/system/ may",
      "src/auth/a.ts:4 names Date.now: only src/system/ may",
      "src/auth/a.ts:8 names Date.now: only src/system/ may",
      "src/auth/a.ts:4 names new Date() without a time: only src/system/ may",
      "src/auth/a.ts:4 names new Date() without a time: only src/system/ may",
      "src/auth/a.ts:5 names performance: only src/system/ may",
      "src/auth/a.ts:6 names a timer: only src/system/ may",
      "src/auth/a.ts:6 names a timer: only src/system/ may",
      "src/auth/a.ts:7 names randomness: only src/system/ may",
      "src/auth/a.ts:7 names randomness: only src/system/ may",
      "src/auth/a.ts:7 names randomness: only src/system/ may",
      "src/auth/a.ts:8 names console: only src/system/ may",
    ],
  },
  {
    name: "takes no offence at words in comments and literals, nor at a time that is given",
    files: {
      "src/auth/a.ts": TYPE + [
        "// Deno.env, fetch(url)",
        "/* Date.now()\n setTimeout() */",
        "let a = \"Deno.args\" + 'say \\'fetch(x)\\'' + `Math.random() ${ { b: `console.log` }.b } Deno`;",
        'a = a.replace(/Deno|[/]"fetch(/g, b) / c / Date.parse(d);',
        "new Date(nowMs); prefetch(url); cache.fetch(key);",
      ].join("\n"),
      "tests/auth/a_test.ts": "",
    },
    expected: [],
  },
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
    name: "refuses vague names, long files and unfinished work",
    files: {
      "src/auth/utils.ts": TYPE,
      "src/auth/long.ts": TYPE + "\n".repeat(298) + "type Last = A;\n",
      "src/auth/longer.ts": TYPE + "\n".repeat(299) + "type Last = A;\n",
      "tests/auth/a_test.ts": `\n// ${"TO" + "DO"} later\n`,
    },
    expected: [
      "src/auth/utils.ts:1 has a name that says nothing",
      "src/auth/longer.ts:300 has 301 lines: 300 are enough",
      `tests/auth/a_test.ts:2 says ${"TO" + "DO"}: do it, or write it where work is planned`,
    ],
  },
];

for (const { name, files, expected } of CASES) {
  Deno.test(`check_house ${name}`, () => assert.deepEqual(found(files), expected));
}

Deno.test("sourceFile() keeps length and lines when it blanks literals", async () => {
  for (
    const path of ["scripts/source_file.ts", "scripts/check_house.ts", "tests/scripts/check_house_test.ts"]
  ) {
    const text = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    const { code } = sourceFile(path, text);
    assert.deepEqual(
      code.split("\n").map((line) => line.length),
      text.split("\n").map((line) => line.length),
    );
    assert.equal(code.trimEnd().slice(-3), text.trimEnd().slice(-3));
  }
});
