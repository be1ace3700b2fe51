import assert from "node:assert/strict";
import { CliWorld } from "../support/cli_world.ts";
import { PATHS } from "../support/service_world.ts";

async function worldWithTakenLock(): Promise<CliWorld> {
  const world = new CliWorld();
  await world.machine.files.tryLock(PATHS.lockFile, "");
  world.machine.signLock(4120);
  return world;
}

Deno.test("serve() in the background exits when another proxy has the auth dir", async () => {
  const world = await worldWithTakenLock();
  assert.deepEqual(await world.run("run-server"), { code: 0, out: "", err: "" });
});

Deno.test("serve() in the foreground says who has the auth dir", async () => {
  const { code, err } = await (await worldWithTakenLock()).run("proxy --foreground");
  assert.equal(code, 1);
  assert.match(err, /already running as pid 4120\nhint: /);
});

Deno.test("serve() in the background logs why it cannot start", async () => {
  const world = new CliWorld();
  world.machine.files.failAt(PATHS.lockFile, "denied");
  assert.equal((await world.run("run-server")).code, 1);
  assert.match(world.machine.files.text(PATHS.logFile) ?? "", /ERROR .*permission denied/);
});
