// The launcher of the npm package with Node, before a script in the place of the executable.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { testWith } from "../../support/installed.ts";
import { assertInterruptedOnce, COUNTS_INTERRUPTS, SIGNALS_PARENT } from "../../support/interrupted.ts";
import { RunningProgram, until } from "../../support/program.ts";

const LAUNCHER = fileURLToPath(new URL("../../../scripts/npm/launcher.js", import.meta.url));
const PATH = Deno.env.get("PATH") ?? "";
const CPU = { x86_64: "x64", aarch64: "arm64" }[Deno.build.arch];

interface Installed extends AsyncDisposable {
  readonly line: readonly [string, ...string[]];
}

/** The launcher as npm installs it, beside a package whose executable is this script. */
async function installed(script: string): Promise<Installed> {
  const folder = await Deno.makeTempDir();
  const other = `${folder}/node_modules/cdx2-${Deno.build.os}-${CPU}`;
  await Deno.mkdir(other, { recursive: true });
  await Deno.writeTextFile(`${other}/cdx2`, script, { mode: 0o755 });
  await Deno.mkdir(`${folder}/node_modules/cdx2`);
  const launcher = `${folder}/node_modules/cdx2/launcher.js`;
  await Deno.copyFile(LAUNCHER, launcher);
  return {
    line: ["node", launcher],
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function started({ line: [command, ...args] }: Installed): RunningProgram {
  return new RunningProgram(command, args, { env: { PATH } });
}

testWith("node", "the npm launcher passes exit codes and signals through", async () => {
  await using seven = await installed("#!/bin/sh\nexit 7\n");
  assert.equal((await started(seven).finished).code, 7);
  await using killed = await installed("#!/bin/sh\nkill -9 $$\n");
  assert.equal((await started(killed).finished).code, 137);

  const codes = [["SIGTERM", 41], ["SIGINT", 42], ["SIGHUP", 43], ["SIGALRM", 44], ["SIGUSR2", 45]] as const;
  const traps = codes.map(([name, code]) => `trap 'exit ${code}' ${name.slice(3)}\n`).join("");
  await using trapped = await installed(`#!/bin/sh\n${traps}echo ready\nwhile :; do sleep 0.05; done\n`);
  for (const [name, code] of codes) {
    const running = started(trapped);
    await until("the executable runs", () => running.stdout.includes("ready"));
    running.signal(name);
    assert.equal((await running.finished).code, code, name);
  }
});

testWith("node", "the npm launcher passes on a signal that comes as the executable begins", async () => {
  await using early = await installed(`#!/bin/sh\n${SIGNALS_PARENT}`);
  for (let times = 0; times < 5; times++) assert.equal((await started(early).finished).code, 42);
});

for (const before of ["", "echo prompt |"]) {
  const name = `${before} the npm launcher in a terminal lets the executable have Ctrl-C once`.trim();
  testWith("tmux", name, async () => {
    await using counting = await installed(`#!/usr/bin/env node\n${COUNTS_INTERRUPTS}\n`);
    await assertInterruptedOnce(counting.line, { before, env: { PATH } });
  });
}
