// Real processes.

import assert from "node:assert/strict";
import {
  type EnvironmentChange,
  type ForegroundChild,
  spawnForeground,
} from "../../src/system/foreground.ts";
import { signalExitCode, type SignalName } from "../../src/system/process.ts";

const UNCHANGED: EnvironmentChange = { set: {}, without: [] };

function shell(script: string, env = UNCHANGED): ForegroundChild {
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

Deno.test("spawnForeground() gives its child the environment of this process with what differs", async () => {
  const [taken, kept] = ["CDX2_TAKEN_FROM_CHILD", "CDX2_KEPT_BY_CHILD"];
  Deno.env.set(taken, "secret");
  Deno.env.set(kept, "c");
  const script = `test "$GIVEN" = "a b" && test "$${kept}" = c && test -z "$${taken}"`;
  const { exited } = shell(script, { set: { GIVEN: "a b" }, without: [taken, "CDX2_IS_NOT_THERE"] });
  assert.deepEqual(await exited, { code: 0 });
  assert.equal(Deno.env.get(taken), undefined);
  Deno.env.delete(kept);
});

Deno.test("spawnForeground() has a shell run a script that does not say what does, as a shell would", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/script`, 'test "$1" = "a b" && exit 7', { mode: 0o755 });
    assert.deepEqual(await spawnForeground(`${folder}/script`, ["a b"], UNCHANGED).exited, { code: 7 });
    const set = { PATH: `${folder}:${Deno.env.get("PATH")}` };
    assert.deepEqual(await spawnForeground("script", ["a b"], { set, without: [] }).exited, { code: 7 });
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
      assert.throws(() => spawnForeground(command, args, UNCHANGED), { command, reason, message });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
