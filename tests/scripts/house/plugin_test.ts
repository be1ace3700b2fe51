import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import plugin from "../../../scripts/house/plugin.ts";
import { lineAt } from "../../../scripts/house/text_files.ts";

function found(path: string, text: string): string[] {
  return Deno.lint.runPlugin(plugin, path, text)
    .toSorted((a, b) => a.range[0] - b.range[0])
    .map(({ range, message }) => `${lineAt(text, range[0])} ${message}`);
}

const names = (line: number, ...all: readonly string[]) =>
  all.map((name) => `${line} names ${name}: only src/system/ may`);

const WORLD = [
  "Deno.env.get(name);",
  "await fetch(url);",
  "Date.now(); new Date(); new Date ( );",
  "performance.now();",
  "setTimeout(act, 1); setInterval(act, 1);",
  "Math.random(); crypto.randomUUID(); crypto.getRandomValues(bytes);",
  "console.log(`at ${Date.now()}`);",
].join("\n");

const CASES: readonly { name: string; path?: string; text: string; expected: readonly string[] }[] = [
  {
    name: "leaves the world to the system room",
    text: WORLD,
    expected: [
      ...names(1, "Deno"),
      ...names(2, "fetch"),
      ...names(3, "Date.now", "new Date() without a time", "new Date() without a time"),
      ...names(4, "performance"),
      ...names(5, "a timer", "a timer"),
      ...names(6, "randomness", "randomness", "randomness"),
      ...names(7, "console", "Date.now"),
    ],
  },
  {
    name: "finds lists that become the arguments of a call",
    path: "src/system/a.ts",
    text: [
      "Math.max(0, ...list); Math.max(1, 2); all.push(...more); all.push(one); all.unshift(...more);",
      "oneOf(...NAMES); [...list, 1]; Math.min(...list.map(size));",
    ].join("\n"),
    expected: [1, 1, 1, 2].map((line) =>
      `${line} makes arguments of a list: with 120,000 elements that throws; ` +
      "take highest() or lowest() of src/values/extremes.ts, or a loop"
    ),
  },
  { name: "lets the system room name the world", path: "src/system/clock.ts", text: WORLD, expected: [] },
  { name: "lets scripts and tests name the world", path: "scripts/a.ts", text: WORLD, expected: [] },
  {
    name: "finds the world when it is passed on, renamed, called by a text, or a type",
    text: [
      "const send = fetch;",
      "const { now, parse } = Date;",
      'const { fetch: send2, ["setTimeout"]: later } = globalThis;',
      'globalThis.fetch(url); globalThis["console"]; globalThis.Date.now(); Date["now"](); Math?.random();',
      "const ports = { performance, fetch: send };",
      "type Kill = typeof Deno.kill; type Send = typeof globalThis.fetch; let signal: Deno.Signal;",
      "new Date; Date();",
      "process.exit(); new WebSocket(url); AbortSignal.timeout(5); setImmediate(act);",
      "clock.setTimeout(act, 1);",
      "function f(fetch) {}",
    ].join("\n"),
    expected: [
      ...names(1, "fetch"),
      ...names(2, "Date.now"),
      ...names(3, "globalThis"),
      ...names(4, "globalThis", "globalThis", "globalThis", "Date.now", "randomness"),
      ...names(5, "performance"),
      ...names(6, "Deno", "globalThis", "Deno"),
      ...names(7, "new Date() without a time", "new Date() without a time"),
      ...names(8, "process", "WebSocket", "a timer", "a timer"),
      ...names(9, "a timer"),
      ...names(10, "fetch"),
    ],
  },
  {
    name: "finds the world in modules of Node",
    text: [
      'import { readFile } from "node:fs/promises";',
      'import { createHash, randomBytes } from "node:crypto";',
      'import * as all from "node:crypto";',
      'export { hostname } from "node:os";',
      'export * from "node:net";',
      'await import("node:child_process");',
      'import { join } from "node:path"; import { createHash as hash } from "node:crypto";',
    ].join("\n"),
    expected: [
      ...names(1, "node:fs/promises"),
      ...names(2, "more than createHash, createHmac, hash, timingSafeEqual of node:crypto"),
      ...names(3, "more than createHash, createHmac, hash, timingSafeEqual of node:crypto"),
      ...names(4, "node:os"),
      ...names(5, "node:net"),
      ...names(6, "node:child_process"),
    ],
  },
  {
    name: "takes no offence at words in comments and literals, nor at a time that is given",
    text: [
      "// Deno.env, fetch(url)",
      "/* Date.now()\n setTimeout() */",
      "let a = \"Deno.args\" + 'say \\'fetch(x)\\'' + `Math.random() ${ { b: `console.log` }.b } Deno`;",
      'a = a.replace(/Deno|[/]"fetch(/g, b) / c / Date.parse(d);',
      "new Date(nowMs); prefetch(url); cache.fetch(key);",
    ].join("\n"),
    expected: [],
  },
  {
    name: "takes no offence at members that only have the same name, nor at those of every object",
    text:
      "class A { fetch() {} #performance = 1; } ({ fetch: 1, console: 2 }); interface I { fetch(): void }\n" +
      "constructor(); Date.toString(); a.process; AbortSignal.any([]);",
    expected: [],
  },
  {
    name: "refuses unfinished work in every folder",
    path: "tests/auth/a_test.ts",
    text: `\n// ${"TO" + "DO"} later\nconst a = "${"FIX" + "ME"} now";\n`,
    expected: [
      `2 says ${"TO" + "DO"}: do it, or write it where work is planned`,
      `3 says ${"FIX" + "ME"}: do it, or write it where work is planned`,
    ],
  },
];

for (const { name, path = "src/auth/a.ts", text, expected } of CASES) {
  Deno.test(`the lint plugin ${name}`, () => assert.deepEqual(found(path, text), expected));
}

Deno.test("the lint plugin knows a file by its whole path, too", () => {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  assert.equal(found(`${root}src/auth/a.ts`, "Deno;").length, 1);
  assert.equal(found(`${root}src/system/a.ts`, "Deno;").length, 0);
});
