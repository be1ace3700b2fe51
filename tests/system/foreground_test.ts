// Real processes.

import assert from "node:assert/strict";
import { type ForegroundChild, spawnForeground } from "../../src/system/foreground.ts";
import { signalExitCode, type SignalName } from "../../src/system/process.ts";

// Of these tests. What is not in it, this process does not have either while a child begins, nor do tests beside it.
const ENV = Deno.env.toObject();

function shell(script: string, env = ENV): ForegroundChild {
  return spawnForeground("sh", ["-c", script], env);
}

Deno.test("spawnForeground() returns the exit code of its child", async () => {
  for (const code of [0, 1, 7, 130, 255]) assert.deepEqual(await shell(`exit ${code}`).exited, { code });
});

Deno.test("spawnForeground() returns 128 plus the number of the signal that ended its child", async () => {
  for (
    const name of ["SIGHUP", "SIGINT", "SIGTERM", "SIGKILL", "SIGUSR1", "SIGUSR2"] satisfies SignalName[]
  ) {
    const child = shell("exec sleep 60");
    child.signal(name);
    assert.deepEqual(await child.exited, { code: signalExitCode(name) }, name);
    child.signal(name);
  }
  assert.deepEqual(await shell("kill -ABRT $$").exited, { code: 134 });
});

Deno.test("spawnForeground() gives its child the environment that it was given, and keeps that of this process", async () => {
  const own = "CDX2_OF_THIS_PROCESS";
  Deno.env.set(own, "c");
  const { exited } = shell(`test "$GIVEN" = "a b" && test -z "$${own}"`, { ...ENV, GIVEN: "a b" });
  assert.deepEqual(await exited, { code: 0 });
  assert.equal(Deno.env.get(own), "c");
  Deno.env.delete(own);
});

Deno.test("spawnForeground() has a shell run a script that does not say what does, as a shell would", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/script`, 'test "$1" = "a b" && exit 7', { mode: 0o755 });
    assert.deepEqual(await spawnForeground(`${folder}/script`, ["a b"], ENV).exited, { code: 7 });
    const env = { ...ENV, PATH: `${folder}:${ENV["PATH"]}` };
    assert.deepEqual(await spawnForeground("script", ["a b"], env).exited, { code: 7 });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("spawnForeground() says why a command cannot be run", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/text`, "");
  const failures = [
    ["no-such-command", [], "not_found", "there is no such command"],
    [`${folder}/text`, [], "not_executable", "no permission to execute it"],
    ["echo", ["a".repeat(2 ** 20)], "not_executable", "argument list too long"],
  ] as const;
  try {
    for (const [command, args, reason, message] of failures) {
      assert.throws(() => spawnForeground(command, args, ENV), { command, reason, message });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
