import assert from "node:assert/strict";
import { stoppedLine } from "../../../src/cli/stop/command.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { SERVICE_PID } from "../../support/service_world.ts";

Deno.test("stop ends the proxy and says so on stderr", async () => {
  const world = new CliWorld();
  world.runService();
  assert.deepEqual(await world.run("stop"), {
    code: 0,
    out: "",
    err: `stopped the proxy (pid ${SERVICE_PID})\n`,
  });
  assert.equal(world.machine.processes.isAlive(SERVICE_PID), false);
});

Deno.test("stop succeeds when there is nothing to stop, and says so", async () => {
  const world = new CliWorld();
  assert.deepEqual(await world.run("stop"), {
    code: 0,
    out: "",
    err: "nothing to stop: no proxy is running\n",
  });
});

Deno.test("stop --json --quiet prints only on stdout", async () => {
  const world = new CliWorld();
  world.runService();
  const { out, err } = await world.run("stop --json --quiet");
  assert.deepEqual(JSON.parse(out), { stopped: true, how: "stopped", pid: SERVICE_PID, reason: null });
  assert.equal(err, "");
});

Deno.test("stoppedLine() distinguishes a kill from a stop", () => {
  assert.equal(
    stoppedLine({ how: "killed", pid: 7 }),
    "killed the proxy (pid 7), which did not stop by itself",
  );
});
