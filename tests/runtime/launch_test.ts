import assert from "node:assert/strict";
import type { Debug } from "../../src/api/debug.ts";
import type { Received } from "../../src/api/received.ts";
import { serviceLine } from "../../src/observability/service_log.ts";
import { launchService } from "../../src/runtime/launch.ts";
import { SpawnError } from "../../src/system/foreground.ts";
import { AUTH_DIR, PATHS, ServiceWorld } from "../support/service_world.ts";

async function launch(world: ServiceWorld, given = {}, forMs = 32_000): Promise<Received<Debug>> {
  const launching = launchService(world.deps(given));
  launching.catch(() => {});
  await world.clock.advance(forMs);
  return await launching;
}

Deno.test("launchService() resolves when the child answers", async () => {
  const world = new ServiceWorld();
  world.processes.onSpawn = ({ pid }) => world.clock.after(100, () => world.runService({ pid, ageMs: 0 }));
  const { pid } = await launch(world, {}, 120);
  assert.equal(pid, world.processes.spawned[0]?.pid);
});

Deno.test("launchService() gives the child the flags as environment, not as arguments", async () => {
  const world = new ServiceWorld();
  world.processes.onSpawn = ({ pid }) => world.runService({ pid });
  await launch(world, { flags: { port: "9000", managementKey: "management-key", allowNonLoopback: "on" } });
  const [child] = world.processes.spawned;
  assert.deepEqual(child?.args, ["run-server", "--auth-dir", AUTH_DIR]);
  assert.deepEqual(child?.env, {
    PATH: "/bin",
    CLIPROXY_PORT: "9000",
    CLIPROXY_MANAGEMENT_KEY: "management-key",
    CLIPROXY_ALLOW_NON_LOOPBACK: "true",
    CDX2_FLAGS: child!.env["CDX2_FLAGS"],
  });
  assert.deepEqual(child?.env["CDX2_FLAGS"]?.split(",").sort(), [
    "CLIPROXY_ALLOW_NON_LOOPBACK",
    "CLIPROXY_MANAGEMENT_KEY",
    "CLIPROXY_PORT",
  ]);
});

Deno.test("launchService() says why the system starts no process", async () => {
  const world = new ServiceWorld();
  const spawnSelfDetached = () => {
    throw new SpawnError("/bin/sh", "not_executable", "too many open files");
  };
  Object.assign(world.processes, { spawnSelfDetached });
  await assert.rejects(launch(world), {
    name: "UserError",
    message: "Cannot start the proxy: too many open files",
  });
});

Deno.test("launchService() takes the winner when another start got the lock", async () => {
  const world = new ServiceWorld();
  world.processes.onSpawn = ({ pid }) => {
    world.clock.after(40, () => world.processes.end(pid));
    world.clock.after(300, () => (world.processes.run(77), world.signLock(77)));
    world.clock.after(2_000, () => world.runService({ pid: 77, ageMs: 1_700 }));
  };
  assert.equal((await launch(world)).pid, 77);
});

Deno.test("launchService() shows what the log says since the start when the child ends", async () => {
  const world = new ServiceWorld();
  world.files.put(PATHS.logFile, "an old line\n");
  world.processes.onSpawn = ({ pid }) => {
    world.files.put(PATHS.logFile, "an old line\nERROR the port is taken by pid 4120\n");
    world.processes.end(pid);
  };
  await assert.rejects(launch(world, {}, 600), {
    name: "UserError",
    message: "Cannot start the proxy: it ended at once\n  ERROR the port is taken by pid 4120",
    exitCode: 1,
  });
});

Deno.test("launchService() says what the process says of its failure", async () => {
  const world = new ServiceWorld();
  world.files.put(PATHS.logFile, "2026-11-25T00:00:00.000Z ERROR proxy.stopped  an old one\n");
  world.processes.onSpawn = ({ pid }) => {
    const line = serviceLine({
      atMs: 0,
      level: "error",
      event: "proxy.stopped",
      message: "Cannot listen on 127.0.0.1:8317: the port is taken",
      fields: { hint: 'pass "another" --port' },
    });
    world.files.put(PATHS.logFile, `${world.files.text(PATHS.logFile)}${line}\n`);
    world.processes.end(pid);
  };
  await assert.rejects(launch(world, {}, 600), {
    message: "Cannot listen on 127.0.0.1:8317: the port is taken",
    hint: 'pass "another" --port',
  });
});

Deno.test("launchService() shows no more than the last five lines", async () => {
  const world = new ServiceWorld();
  world.processes.onSpawn = ({ pid }) => {
    world.files.put(
      PATHS.logFile,
      Array.from({ length: 400 }, (_, n) => `${n} ${"x".repeat(30)}\n`).join(""),
    );
    world.processes.end(pid);
  };
  await assert.rejects(launch(world), ({ message }: Error) => {
    assert.deepEqual(message.split("\n").map((line) => line.trim().split(" ")[0]), [
      "Cannot",
      ..."395 396 397 398 399".split(" "),
    ]);
    return true;
  });
});

Deno.test("launchService() gives up on a child that never answers", async () => {
  const world = new ServiceWorld();
  world.processes.onSpawn = ({ pid }) => world.signLock(pid);
  await assert.rejects(launch(world), /Cannot start the proxy: it does not answer: it has not said where/);
});

Deno.test("launchService() waits for a child that takes long to listen", async () => {
  const world = new ServiceWorld();
  world.processes.onSpawn = ({ pid }) => {
    world.signLock(pid);
    world.clock.after(20_000, () => world.runService({ pid, ageMs: 20_000 }));
  };
  await launch(world);
});

Deno.test("launchService() gives up at once when the winner has another key", async () => {
  const world = new ServiceWorld();
  world.processes.onSpawn = () => world.runService({ key: "another-key" });
  await assert.rejects(launch(world, {}, 0), /another management key/);
});

Deno.test("launchService() starts nothing on a full disk, and says so", async () => {
  const world = new ServiceWorld();
  world.files.failAt("/keys", "no_space");
  await assert.rejects(launch(world), {
    name: "UserError",
    message: "Cannot write into the auth dir: /keys: no space left on device",
    hint: /free some space/,
  });
  assert.deepEqual(world.processes.spawned, []);
});

Deno.test("launchService() starts nothing on a read-only file system, and names the folder", async () => {
  const world = new ServiceWorld();
  world.files.failAt("/keys", "other");
  await assert.rejects(launch(world), {
    name: "UserError",
    exitCode: 2,
    message: /^Cannot use the auth dir \/keys: /,
  });
  assert.deepEqual(world.processes.spawned, []);
});

Deno.test("launchService() leaves nothing of its look at the disk", async () => {
  const world = new ServiceWorld();
  world.processes.onSpawn = () => world.runService();
  await launch(world);
  assert.deepEqual((await world.files.list("/keys")).filter((name) => name.endsWith(".room")), []);
});

Deno.test("launchService() starts nothing in an auth dir that cannot be written to", async () => {
  const world = new ServiceWorld();
  world.files.failAt(PATHS.logFile, "denied");
  await assert.rejects(launch(world), { name: "UserError", exitCode: 2 });
  assert.deepEqual(world.processes.spawned, []);
});
