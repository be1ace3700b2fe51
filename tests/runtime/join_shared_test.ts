import assert from "node:assert/strict";
import { joinShared, usedByAll } from "../../src/runtime/join_shared.ts";
import { systemClock } from "../../src/system/clock.ts";

Deno.test("joinShared() does nothing where no pool is shared", async () => {
  const nothing = () => assert.fail("nothing is to be done");
  const keys = Object.create(null);
  assert.equal(
    await joinShared({ shared: undefined, version: "1.0.0" }, {
      keys,
      clock: systemClock,
      publish: nothing,
      keepHome: nothing,
      renew: nothing,
      countWith: nothing,
    }),
    undefined,
  );
  assert.match(String(await usedByAll(undefined, { days: 1, by: "key" })), /shares no pool/);
});

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly code?: { readonly specifier?: string } }[];
}

/** All modules that a program may load at any time, whatever it does, without going through one of these. */
async function modulesOf(root: string, without: RegExp): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", root],
    cwd: new URL("../../", import.meta.url),
  }).output();
  const { roots, modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    roots: string[];
    modules: Module[];
  };
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const found = new Set<string>(roots);
  for (const specifier of found) {
    for (const { code } of bySpecifier.get(specifier)?.dependencies ?? []) {
      if (code?.specifier !== undefined && !without.test(code.specifier)) found.add(code.specifier);
    }
  }
  return [...found].map((specifier) => specifier.replace(/^.*?\/src\//, "src/"));
}

const OF_THE_POOL = /^src\/(fleet|system\/(redis|resp|sealing))/;

for (const root of ["main.ts", "src/runtime/worker.ts"]) {
  Deno.test(`${root} loads nothing of a shared pool but through joinShared(), which no command uses`, async () => {
    const all = await modulesOf(root, /^never/);
    const without = await modulesOf(root, /\/src\/runtime\/shared_pool\.ts$/);
    assert.ok(without.length > 100, `${without.length} modules`);
    assert.deepEqual(without.filter((module) => OF_THE_POOL.test(module)), []);
    const isWorker = root.endsWith("worker.ts");
    assert.equal(all.some((module) => OF_THE_POOL.test(module)), isWorker);
  });
}
