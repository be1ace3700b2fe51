// How much code the commands read that scripts, prompts and start files of shells run. What they do not need is imported
// where it is used: the executable reads a module only then.

import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);

/** `[command, its modules beside those of every command, the most that they may have in KB, without comments]` */
const COMMANDS: readonly (readonly [command: string, modules: readonly string[], maxKb: number])[] = [
  ["--version", ["src/system/terminal.ts"], 30],
  ["--help", ["src/cli/main.ts", "src/cli/errors.ts"], 125],
  ["status", ["src/cli/main.ts", "src/cli/status/command.ts"], 220],
  ["proxy", ["src/cli/main.ts", "src/cli/proxy/command.ts"], 240],
  ["all --line", ["src/cli/all/quick_line.ts"], 90],
  ["auth list", ["src/cli/main.ts", "src/cli/auth/command.ts", "src/cli/auth/list.ts"], 335],
  ["run-server", ["src/cli/main.ts", "src/cli/run_server/command.ts", "src/runtime/serve.ts"], 295],
];

for (const [command, modules, maxKb] of COMMANDS) {
  Deno.test(`cdx2 ${command} reads at most ${maxKb} KB of our code`, async () => {
    const read = await withImports(["main.ts", ...modules]);
    const kb = Math.ceil(read.values().reduce((sum, code) => sum + code.length, 0) / 1000);
    assert(kb <= maxKb, `${kb} KB: import what is not always needed where it is used`);
  });
}

Deno.test("cdx2 all --line reads no package", async () => {
  const codes = (await withImports(["main.ts", "src/cli/all/quick_line.ts"])).values();
  const packages = [...codes].flatMap(importsOf).filter((from) => !/^\.|^node:/.test(from));
  assert.deepEqual(packages, []);
});

Deno.test("no such command reads a package that it does not need", async () => {
  for (const [command, modules] of COMMANDS) {
    const packages = [...await withImports(["main.ts", ...modules])].flatMap(([, code]) => importsOf(code));
    for (const late of ["ansis", "smol-toml", "fast-check", "dotenv"]) {
      assert(!packages.includes(late), `${command}: ${late}`);
    }
  }
});

/** The code of these modules, and of those that they import when they are loaded, by path. */
async function withImports(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const open = paths.map((path) => new URL(path, ROOT).href);
  for (let url = open.pop(); url !== undefined; url = open.pop()) {
    if (found.has(url)) continue;
    const code = withoutComments(await Deno.readTextFile(new URL(url)));
    found.set(url, code);
    open.push(...importsOf(code).filter((to) => to.startsWith(".")).map((to) => new URL(to, url).href));
  }
  return found;
}

function withoutComments(code: string): string {
  return code.replaceAll(/^\s*(\/\*[^]*?\*\/|\/\/.*)\s*$/gm, "");
}

/** What a module imports when it is loaded, without types. */
function importsOf(code: string): readonly string[] {
  const statements = code.matchAll(/^(?:import|export) (?:(?<names>[^;=("]*?) from )?"(?<from>[^"]+)"/gm);
  return [...statements].flatMap(({ groups }) =>
    isOfTypes(groups?.["names"] ?? "") ? [] : groups?.["from"] ?? []
  );
}

function isOfTypes(names: string): boolean {
  if (names.startsWith("type ")) return true;
  const inner = /^\{(?<list>[^}]*)\}$/.exec(names.trim())?.groups?.["list"];
  const each = inner?.split(",").map((name) => name.trim()).filter((name) => name !== "") ?? [];
  return each.length > 0 && each.every((name) => name.startsWith("type "));
}
