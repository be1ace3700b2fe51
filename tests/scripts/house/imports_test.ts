import assert from "node:assert/strict";
import { dirname } from "node:path";
import { importBreaches, readModules } from "../../../scripts/house/imports.ts";

type Files = Readonly<Record<string, string>>;

/** What the rules say to a repository of these files; the files that they import are made, too. */
async function found(files: Files): Promise<string[]> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "cdx2-test-" }));
  try {
    const imported = Object.entries(files).flatMap(([path, text]) =>
      [...text.matchAll(/"(\.[^"]+)"/g)].map(([, target]) =>
        new URL(target!, `file:///${path}`).pathname.slice(1)
      )
    );
    const all: Files = { ...Object.fromEntries(imported.map((path) => [path, "export {};\n"])), ...files };
    for (const [path, text] of Object.entries({ ...all, "deno.json": "{}" })) {
      await Deno.mkdir(`${root}/${dirname(path)}`, { recursive: true });
      await Deno.writeTextFile(`${root}/${path}`, text);
    }
    const modules = await readModules(root, Object.keys(files));
    const order = Object.keys(files);
    const sorted = modules.toSorted((a, b) => order.indexOf(a.path) - order.indexOf(b.path));
    return importBreaches(sorted).map(({ path, line, says }) => `${path}:${line} ${says}`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const CASES: readonly { name: string; files: Files; expected: readonly string[] }[] = [
  {
    name: "lets imports point down",
    files: {
      "src/cli/a.ts": 'import type { P } from "../runtime/plan.ts";\nimport { z } from "zod/mini";\n',
      "src/config/settings.ts": 'import { Secret } from "../values/secret.ts";\n',
      "src/auth/store.ts": 'import { systemFiles } from "../system/files.ts";\n',
    },
    expected: [],
  },
  {
    name: "refuses an import that points up, a type and an export as well",
    files: {
      "src/proxy/a.ts": 'import { x } from "../runtime/b.ts";\n',
      "src/system/b.ts": 'export interface A {}\nexport type { U } from "../config/settings.ts";\n',
      "src/config/c.ts": 'import "../auth/record.ts";\nawait import("../proxy/d.ts");\n',
      "src/api/e.ts": 'export type T = import("../cli/world.ts").World;\n',
    },
    expected: [
      "src/proxy/a.ts:1 imports src/runtime/b.ts: proxy may not",
      "src/system/b.ts:2 imports src/config/settings.ts: system may not",
      "src/config/c.ts:1 imports src/auth/record.ts: config may not",
      "src/config/c.ts:2 imports src/proxy/d.ts: config may not",
      "src/api/e.ts:1 imports src/cli/world.ts: api may not",
    ],
  },
  {
    name: "refuses a folder that is not a room",
    files: { "src/shared/a.ts": "", "src/loose.ts": "" },
    expected: [
      "src/shared/a.ts:1 is in no room: src/shared is not one",
      "src/loose.ts:1 is in no room: src/loose.ts is not one",
    ],
  },
  {
    name: "refuses the system to a pure file, unless as a type",
    files: {
      "src/proxy/step.ts": 'import { systemClock } from "../system/clock.ts";\n',
      "src/proxy/guard.ts": 'import {\n  type Clock,\n  randomKey,\n} from "../system/random.ts";\n',
      "src/proxy/rules.ts": 'import type { Clock } from "../system/clock.ts";\n',
      "src/upstream/classify.ts": 'import { type Clock } from "../system/clock.ts";\n',
    },
    expected: [
      'src/proxy/step.ts:1 imports src/system/clock.ts: a pure file may only "import type"',
      'src/proxy/guard.ts:4 imports src/system/random.ts: a pure file may only "import type"',
      'src/upstream/classify.ts:1 imports src/system/clock.ts: a pure file may only "import type"',
    ],
  },
  {
    name: "refuses the system to a pure file through other files, unless one of them knows it as a type",
    files: {
      "src/proxy/step.ts": 'import { a } from "../auth/a.ts";\nimport { c } from "../auth/c.ts";\n',
      "src/auth/a.ts": 'import { b } from "./b.ts";\n',
      "src/auth/b.ts": 'import { systemClock } from "../system/clock.ts";\n',
      "src/auth/c.ts": 'import type { b } from "./b.ts";\n',
    },
    expected: [
      "src/proxy/step.ts:1 imports src/auth/a.ts, through it src/auth/b.ts and src/system/clock.ts: " +
      'a pure file may only "import type"',
    ],
  },
  {
    name: "refuses a circle once, type imports counted, and names the shortest way around",
    files: {
      "src/auth/c.ts": 'import type { A } from "./a.ts";\n',
      "src/auth/b.ts": '\nimport { c } from "./c.ts";\nimport { a } from "./a.ts";\n',
      "src/auth/a.ts": 'import { b } from "./b.ts";\n',
      "src/auth/outside.ts": 'import { a } from "./a.ts";\n',
      "src/auth/self.ts": 'import { s } from "./self.ts";\n',
    },
    expected: [
      "src/auth/a.ts:1 imports itself in a circle: src/auth/a.ts → src/auth/b.ts → src/auth/c.ts → src/auth/a.ts",
      "src/auth/a.ts:1 imports itself in a circle: src/auth/a.ts → src/auth/b.ts → src/auth/a.ts",
      "src/auth/self.ts:1 imports itself in a circle: src/auth/self.ts → src/auth/self.ts",
    ],
  },
];

for (const { name, files, expected } of CASES) {
  Deno.test(`the check of imports ${name}`, async () => assert.deepEqual(await found(files), expected));
}
