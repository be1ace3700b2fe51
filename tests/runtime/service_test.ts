import assert from "node:assert/strict";
import type { Given } from "../../src/config/settings.ts";
import { serverArgs } from "../../src/runtime/observe.ts";
import { ensureRunning, type Running, type Stopped, stopService } from "../../src/runtime/service.ts";
import { SERVICE_PID, ServiceWorld } from "../support/service_world.ts";

/** A world where every child that is spawned becomes a service. */
function worldWithChildren(): ServiceWorld {
  const world = new ServiceWorld();
  world.processes.onSpawn = ({ pid }) => world.clock.after(80, () => world.runService({ pid, ageMs: 80 }));
  return world;
}

interface Start {
  readonly force?: boolean;
  readonly given?: Partial<Given>;
  readonly forMs?: number;
  readonly said?: string[];
}

async function start(
  world: ServiceWorld,
  { force = false, given = {}, forMs = 30_000, said = [] }: Start = {},
): Promise<Running> {
  const starting = ensureRunning(world.deps(given), { force, onWait: (text) => said.push(text) });
  starting.catch(() => {});
  await world.clock.advance(forMs);
  return await starting;
}

async function stop(world: ServiceWorld, said: string[] = []): Promise<Stopped> {
  const stopping = stopService(world.deps(), (text) => said.push(text));
  stopping.catch(() => {});
  await world.clock.advance(30_000);
  return await stopping;
}

Deno.test("ensureRunning() starts a service in a folder that does not exist yet", async () => {
  const world = worldWithChildren();
  world.files.delete("/keys");
  const { how, service, notes } = await start(world);
  assert.deepEqual([how, service.pid, notes], ["started", world.processes.spawned[0]?.pid, []]);
});

Deno.test("ensureRunning() reuses the service that answers, and says what differs", async () => {
  const world = worldWithChildren();
  world.runService();
  const { how, service, notes } = await start(world, { given: { flags: { port: "9000" } } });
  assert.deepEqual([how, service.pid, notes.length], ["reused", SERVICE_PID, 1]);
  assert.deepEqual(world.processes.spawned, []);
});

Deno.test("ensureRunning() says whose version differs from that of the service", async () => {
  const world = worldWithChildren();
  world.runService({ debug: { version: "0.0.9" } });
  assert.match(
    (await start(world)).notes.join(),
    /has version 0\.0\.9, not \S+ \(this program\); "cdx2 proxy --force"/,
  );
});

Deno.test("ensureRunning() compares only what was given as a flag", async () => {
  const world = worldWithChildren();
  world.runService();
  const env = { CLIPROXY_PORT: "9000", CLIPROXY_HOST: "::1" };
  assert.deepEqual((await start(world, { given: { env, flags: { port: "0" } } })).notes, []);
});

Deno.test("ensureRunning() with force drains the running service before it starts another", async () => {
  const world = worldWithChildren();
  world.runService({ drainMs: 9_000 });
  const { how, service, notes } = await start(world, { force: true });
  assert.deepEqual([how, service.pid, notes], ["replaced", world.processes.spawned[0]?.pid, []]);
  assert.deepEqual(world.processes.sent, []);
});

Deno.test("ensureRunning() replaces a service that hangs, first gently", async () => {
  const world = worldWithChildren();
  world.runService({ hangs: true });
  world.processes.run(SERVICE_PID, { ignores: ["SIGTERM"] });
  const { how, notes } = await start(world);
  assert.equal(how, "replaced");
  assert.match(notes.join(), /pid 4120 hangs: no answer within 2s/);
  assert.deepEqual(world.processes.sent, ["SIGTERM 4120", "SIGKILL 4120"]);
});

Deno.test("ensureRunning() waits for a service that is just starting", async () => {
  const world = worldWithChildren();
  world.processes.run(SERVICE_PID);
  world.signLock(SERVICE_PID);
  world.clock.after(5_000, () => world.runService({ ageMs: 5_000 }));
  const { how, service } = await start(world);
  assert.deepEqual([how, service.pid, world.processes.sent], ["reused", SERVICE_PID, []]);
});

Deno.test("ensureRunning() starts another one when the one that was starting ends", async () => {
  const world = worldWithChildren();
  world.processes.run(SERVICE_PID);
  world.signLock(SERVICE_PID);
  world.clock.after(500, () => world.processes.end(SERVICE_PID));
  assert.equal((await start(world)).how, "started");
});

Deno.test("ensureRunning() waits until a service that shuts down is gone", async () => {
  const world = worldWithChildren();
  world.runService({ debug: { status: "shutting_down" } });
  world.clock.after(8_000, () => world.processes.end(SERVICE_PID));
  assert.equal((await start(world)).how, "started");
  assert.deepEqual(world.processes.sent, []);
});

Deno.test("ensureRunning() does not wait for ever for a service that shuts down", async () => {
  const world = worldWithChildren();
  world.runService({ debug: { status: "shutting_down" } });
  await assert.rejects(start(world), /Cannot start the proxy: pid 4120 is shutting down/);
});

Deno.test("ensureRunning() refuses to take over a service with another key", async () => {
  const world = worldWithChildren();
  world.runService({ key: "another-key" });
  await assert.rejects(start(world), {
    name: "UserError",
    message: /another management key/,
    hint: /--force/,
  });
  assert.deepEqual([world.processes.sent, world.processes.spawned], [[], []]);
});

for (const force of [false, true]) {
  Deno.test(`ensureRunning() leaves another program with the recorded pid alone, force ${force}`, async () => {
    const world = worldWithChildren();
    world.runService();
    world.processes.run(SERVICE_PID, { identity: "a browser" });
    assert.equal((await start(world, { force })).how, "started");
    assert.deepEqual(world.processes.sent, []);
    assert(world.processes.isAlive(SERVICE_PID));
  });
}

Deno.test("ensureRunning() gives two starts at the same moment one service", async () => {
  const world = new ServiceWorld();
  world.processes.onSpawn = ({ pid }) => {
    const isFirst = world.processes.spawned.length === 1;
    world.clock.after(80, () => isFirst ? world.runService({ pid, ageMs: 0 }) : world.processes.end(pid));
  };
  const starts = [1, 2].map(() => ensureRunning(world.deps(), { force: false, onWait: () => {} }));
  await world.clock.advance(1_000);
  const pids = (await Promise.all(starts)).map(({ service }) => service.pid);
  assert.equal(world.processes.spawned.length, 2);
  assert.deepEqual(pids, [5000, 5000]);
});

Deno.test("stopService() asks, and waits until the process is gone", async () => {
  const world = new ServiceWorld();
  world.runService({ drainMs: 9_000 });
  assert.deepEqual(await stop(world), { how: "stopped", pid: SERVICE_PID });
  assert.deepEqual(world.processes.sent, []);
});

Deno.test("stopService() signals a service that was asked and does not end", async () => {
  const world = new ServiceWorld();
  world.runService({ drainMs: 60_000 });
  assert.deepEqual(await stop(world), { how: "stopped", pid: SERVICE_PID });
  assert.deepEqual(world.processes.sent, ["SIGTERM 4120"]);
});

Deno.test("stopService() kills what ignores everything else, and says so", async () => {
  const world = new ServiceWorld();
  world.runService({ hangs: true });
  world.processes.run(SERVICE_PID, { ignores: ["SIGTERM"] });
  assert.deepEqual(await stop(world), { how: "killed", pid: SERVICE_PID });
});

Deno.test("stopService() does not claim to have stopped what is still there", async () => {
  const world = new ServiceWorld();
  world.runService({ hangs: true });
  world.processes.run(SERVICE_PID, { ignores: ["SIGTERM", "SIGKILL"] });
  await assert.rejects(stop(world), /Cannot stop the proxy: pid 4120 is still running/);
});

Deno.test("stopService() holds the signal back when the pid goes to another program meanwhile", async () => {
  const world = new ServiceWorld();
  world.runService({ hangs: true });
  world.clock.after(1_000, () => world.processes.run(SERVICE_PID, { identity: "a browser" }));
  assert.equal((await stop(world)).how, "stopped");
  assert.deepEqual(world.processes.sent, []);
});

Deno.test("stopService() waits for a service that is starting, and asks it then", async () => {
  const world = new ServiceWorld();
  world.processes.run(SERVICE_PID);
  world.signLock(SERVICE_PID);
  world.clock.after(5_000, () => world.runService({ ageMs: 5_000, drainMs: 500 }));
  assert.deepEqual([await stop(world), world.processes.sent], [{ how: "stopped", pid: SERVICE_PID }, []]);
});

Deno.test("stopService() waits for one that has not signed the lock yet", async () => {
  const world = new ServiceWorld();
  world.processes.run(SERVICE_PID, { args: ["cdx2", ...serverArgs("/keys")], ageMs: 10 });
  world.clock.after(100, () => world.runService({ ageMs: 100 }));
  assert.deepEqual([await stop(world), world.processes.sent], [{ how: "stopped", pid: SERVICE_PID }, []]);
});

Deno.test("stopService() does not wait for ever for a service that is starting", async () => {
  const world = new ServiceWorld();
  world.processes.run(SERVICE_PID);
  world.signLock(SERVICE_PID);
  assert.deepEqual([await stop(world), world.processes.sent], [
    { how: "stopped", pid: SERVICE_PID },
    ["SIGTERM 4120"],
  ]);
});

Deno.test("stopService() ends a service that has lost all of its files, and gives it time to drain", async () => {
  const world = new ServiceWorld();
  world.processes.run(SERVICE_PID, { args: ["cdx2", ...serverArgs("/keys")], ageMs: 60_000 });
  assert.deepEqual([await stop(world), world.processes.sent], [
    { how: "stopped", pid: SERVICE_PID },
    ["SIGTERM 4120"],
  ]);
});

Deno.test("ensureRunning() with force replaces a service that has lost all of its files", async () => {
  const world = worldWithChildren();
  world.processes.run(SERVICE_PID, { args: ["cdx2", ...serverArgs("/keys")], ageMs: 60_000 });
  assert.equal((await start(world, { force: true })).how, "replaced");
  assert.deepEqual(world.processes.sent, ["SIGTERM 4120"]);
});

Deno.test("stopService() says when there is nothing to stop", async () => {
  assert.deepEqual(await stop(new ServiceWorld()), { how: "not_running", reason: "no proxy is running" });
});

Deno.test("stopService() leaves a process alone that cannot be told from another program", async () => {
  const world = new ServiceWorld();
  world.runService({ hangs: true });
  world.signLock(SERVICE_PID, 60_000, null);
  world.processes.runUntold(SERVICE_PID);
  await assert.rejects(stop(world), { name: "UserError", message: /may belong to another program/ });
  assert.deepEqual(world.processes.sent, []);
});

/** `[the service, what stopping it says]` */
const WAITS: readonly [Parameters<ServiceWorld["runService"]>[0], readonly string[]][] = [
  [{ drainMs: 900, debug: { running_requests: 3 } }, []],
  [{ drainMs: 3_000, debug: { running_requests: 3 } }, [
    "waiting for 3 running requests to end, for 13s at most",
  ]],
  [{ drainMs: 3_000, debug: { running_requests: 1 } }, [
    "waiting for 1 running request to end, for 13s at most",
  ]],
  [{ drainMs: 3_000 }, ["waiting for the proxy to end, for 13s at most"]],
  [{ hangs: true }, ["waiting for the proxy to end after SIGTERM, for 3s at most"]],
];
for (const [service, says] of WAITS) {
  Deno.test(`stop and --force say what they wait for: ${JSON.stringify(service)}`, async () => {
    for (const act of [stop, (world: ServiceWorld, said: string[]) => start(world, { force: true, said })]) {
      const world = worldWithChildren();
      world.runService(service);
      if (service?.hangs) world.processes.run(SERVICE_PID, { ignores: ["SIGTERM"] });
      const said: string[] = [];
      await act(world, said);
      assert.deepEqual(said, says);
    }
  });
}

Deno.test("stop and start say that they wait for a proxy that is starting or shutting down", async () => {
  const starting = new ServiceWorld();
  starting.processes.run(SERVICE_PID);
  starting.signLock(SERVICE_PID);
  starting.clock.after(5_000, () => starting.runService({ ageMs: 5_000, drainMs: 500 }));
  const said: string[] = [];
  await stop(starting, said);
  assert.deepEqual(said, ["waiting for the proxy that is starting, to ask it then"]);
  const ending = worldWithChildren();
  ending.runService({ debug: { status: "shutting_down" } });
  ending.clock.after(8_000, () => ending.processes.end(SERVICE_PID));
  await start(ending, { said });
  assert.match(said[1]!, /^waiting: pid 4120 is shutting down/);
  assert.equal(said.length, 2);
});
