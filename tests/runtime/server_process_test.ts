import assert from "node:assert/strict";
import type { Given } from "../../src/config/settings.ts";
import { UserError } from "../../src/values/user_error.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import type { WorkerEnd, WorkerReach, WorkerStart } from "../../src/runtime/sandbox.ts";
import { runServer, type ServerProcessDeps } from "../../src/runtime/server_process.ts";
import { writeState } from "../../src/runtime/state_file.ts";
import { readHolder } from "../../src/runtime/process_record.ts";
import { ListenError, type ListenFailure } from "../../src/system/listen.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeProcesses } from "../support/fake_processes.ts";
import { MemoryFiles } from "../support/memory_files.ts";
import { AUTH_DIR, PATHS, someSettings, VERSION } from "../support/service_world.ts";

const PID = 4000;
const ENV_FILE = `${AUTH_DIR}/.env`;

/** Thrown where the real program would be gone. */
class Exited extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/** A proxy process whose worker does what the test says. */
class World {
  readonly files = new MemoryFiles({ [`${AUTH_DIR}/work.json`]: "{}" });
  readonly processes = new FakeProcesses(PID);
  readonly clock = new FakeClock();
  readonly logged: ProxyEvent[] = [];
  readonly listening = Promise.withResolvers<{ port: number }>();
  readonly ended = Promise.withResolvers<WorkerEnd>();
  readonly stops: string[] = [];
  readonly told: string[] = [];
  /** What was written in `.env` at the time. */
  readonly announced: (string | undefined)[] = [];
  started: WorkerStart | undefined;
  /** With what was written in `.env` at the time. */
  readonly booted: { reach: WorkerReach; keeps: string | undefined }[] = [];

  /** Runs the server; resolves when it has gone as far as it can without the worker. */
  async serve(
    { given = {}, ...over }: Partial<ServerProcessDeps> & { given?: Partial<Given> } = {},
  ): Promise<{ exit: Promise<number> }> {
    const { files, processes, clock } = this;
    const exit = runServer({
      files,
      processes,
      clock,
      readClocks: () => clock.readClocks(),
      resolved: someSettings(given),
      version: VERSION,
      proxiedOrigin: () => undefined,
      foreground: false,
      newManagementKey: () => "made-at-first-start",
      shared: () => Promise.resolve(undefined),
      freePort: () => 8317,
      attendants: () => Promise.resolve([]),
      bootWorker: (reach) => void this.booted.push({ reach, keeps: this.files.text(ENV_FILE) }),
      startWorker: (start) => {
        this.started = start;
        return {
          listening: this.listening.promise,
          ended: this.ended.promise,
          announce: () => void this.announced.push(this.files.text(ENV_FILE)),
          saveState: () => void this.told.push("save"),
          disown: () => void this.told.push("disown"),
          clockMoved: ({ sleptMs, setMs }) => void this.told.push(`slept ${sleptMs}, set ${setMs}`),
          stop: (reason) => void this.stops.push(reason),
          tell: () => {},
          onNews: () => {},
          onUsageQuestion: () => {},
          onRenewalAsked: () => {},
          onHome: () => {},
        };
      },
      log: (event) => Promise.resolve(void this.logged.push(event)),
      exit: (code) => {
        throw new Exited(code);
      },
      ...over,
    });
    exit.catch(() => {});
    await clock.advance(0);
    return { exit };
  }
}

Deno.test("runServer() signs the lock and the pid file while it serves, and clears up after", async () => {
  const world = new World();
  const { exit } = await world.serve();
  const holder = readHolder(world.files.text(PATHS.lockFile) ?? "");
  assert.deepEqual([holder?.pid, holder?.identity, holder?.version], [PID, `run of ${PID}`, VERSION]);
  assert.equal(world.files.text(PATHS.pidFile), `${PID}\n`);

  world.ended.resolve({ kind: "ended", reason: "requested over the management API" });
  assert.equal(await exit, 0);
  assert.equal(world.files.text(PATHS.pidFile), undefined);
  assert(await world.files.tryLock(PATHS.lockFile, ""), "the lock is still held");
  assert.equal(world.processes.handlerCount, 0);
  assert.deepEqual(world.logged, []);
});

Deno.test("runServer() leaves a pid file that has become another process's", async () => {
  const world = new World();
  const { exit } = await world.serve();
  world.files.put(PATHS.pidFile, "77\n");
  world.ended.resolve({ kind: "ended", reason: "stopped" });
  await exit;
  assert.equal(world.files.text(PATHS.pidFile), "77\n");
});

Deno.test("runServer() gives the worker its settings, and the key apart from them", async () => {
  const world = new World();
  const proxied = { origin: "https://chatgpt.com", tunnelUrl: "http://user:word@proxy.example:3128/" };
  await world.serve({ proxiedOrigin: () => proxied, given: { env: { CLIPROXY_PORT: "8317" } } });
  const { settings, managementKey, service, proxiedOrigins, mirrorLog } = world.started!;
  assert.deepEqual([settings.port, managementKey], [8317, "management-key"]);
  assert(!("managementKey" in settings));
  assert.deepEqual([service.pid, service.host], [PID, "127.0.0.1"]);
  assert.deepEqual([proxiedOrigins, mirrorLog], [[proxied], false]);
  structuredClone(world.started);
});

Deno.test("runServer() boots the worker once it has the lock, before all that no permission rests on", async () => {
  const world = new World();
  await world.serve({ given: { env: { CLIPROXY_MANAGEMENT_KEY: "" }, flags: { port: "8317" } } });
  const [{ reach, keeps }, ...more] = world.booted as [World["booted"][number]];
  assert.deepEqual([more, keeps], [[], undefined]);
  assert.deepEqual({ ...world.started, ...reach }, world.started);

  const late = new World();
  await late.files.tryLock(PATHS.lockFile, "");
  await late.serve();
  assert.deepEqual(late.booted, []);
});

Deno.test("runServer() makes the management key at the first start", async () => {
  const world = new World();
  await world.serve({ given: { env: { CLIPROXY_MANAGEMENT_KEY: "" } } });
  assert.equal(world.started?.managementKey, "made-at-first-start");
  assert.equal(world.files.text(ENV_FILE), "CLIPROXY_MANAGEMENT_KEY=made-at-first-start\n");
});

const PORTS: readonly { chosen: string; keeps: string | undefined }[] = [
  { chosen: "0", keeps: "CLIPROXY_PORT=8317\n" },
  { chosen: "8317", keeps: undefined },
];

for (const { chosen, keeps } of PORTS) {
  Deno.test(`runServer() with port ${chosen} leaves ${keeps?.trim() ?? "nothing"} in .env`, async () => {
    const world = new World();
    await world.serve({ given: { flags: { port: chosen } } });
    world.listening.resolve({ port: 8317 });
    await world.clock.advance(0);
    assert.equal(world.files.text(ENV_FILE), keeps);
    assert.deepEqual(world.announced, [keeps], "the address is told once the port is kept");
  });
}

Deno.test("runServer() goes on, and says so, when the port cannot be kept", async () => {
  const world = new World();
  world.files.failAt(ENV_FILE, "denied");
  const { exit } = await world.serve();
  world.listening.resolve({ port: 8317 });
  world.ended.resolve({ kind: "ended", reason: "stopped" });
  assert.equal(await exit, 0);
  assert.deepEqual(world.logged.map(({ level, message }) => [level, message]), [
    ["warning", "Cannot keep port in the env file /keys/.env: permission denied"],
  ]);
});

Deno.test("runServer() ends quietly when another process holds the lock", async () => {
  const world = new World();
  await world.files.tryLock(PATHS.lockFile, "");
  const { exit } = await world.serve();
  assert.equal(await exit, 0);
  assert.deepEqual([world.started, world.logged, world.files.text(PATHS.pidFile)], [
    undefined,
    [],
    undefined,
  ]);
});

Deno.test("runServer() in the foreground says who holds the lock", async () => {
  const first = new World();
  await first.serve();
  const second = new FakeProcesses(4001);
  const { exit } = await first.serve({ processes: second, foreground: true });
  await assert.rejects(exit, { name: "UserError", message: "The proxy is already running as pid 4000" });
});

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGALRM", "SIGUSR1"] as const;

for (const name of SIGNALS) {
  Deno.test(`runServer() stops the worker at ${name}, and is gone at the second one`, async () => {
    const world = new World();
    await world.serve();
    world.processes.receive(name);
    assert.deepEqual(world.stops, [`signal ${name}`]);
    assert.throws(() => world.processes.receive("SIGINT"), { code: 130 });
  });
}

Deno.test("runServer() takes the signal at which Deno returns memory, and goes on", async () => {
  const world = new World();
  await world.serve();
  world.processes.receive("SIGUSR2");
  assert.deepEqual(world.stops, []);
});

Deno.test("runServer() ends when it is stopped before it listens", async () => {
  const world = new World();
  const { exit } = await world.serve();
  world.ended.resolve({ kind: "ended", reason: "signal SIGTERM" });
  assert.equal(await exit, 0);
});

const FAILURES: readonly { failure: ListenFailure; host?: string; listener?: number; says: string }[] = [
  {
    failure: "address_in_use",
    listener: 4120,
    says: "Cannot listen on 127.0.0.1:8317: the port is taken by pid 4120 (node)",
  },
  { failure: "address_in_use", says: "Cannot listen on 127.0.0.1:8317: the port is taken" },
  {
    failure: "address_not_available",
    host: "::1",
    says: "Cannot listen on [::1]:8317: this machine has no such address",
  },
  { failure: "denied", says: "Cannot listen on 127.0.0.1:8317: not permitted" },
  { failure: "other", says: "Cannot listen on 127.0.0.1:8317: strange things" },
];

for (const { failure, host = "127.0.0.1", listener, says } of FAILURES) {
  Deno.test(`runServer() ends with 1 and logs "${says}"`, async () => {
    const world = new World();
    if (listener) world.processes.listeners.set(8317, listener);
    world.processes.outputs.set("ps -p 4120 -o args=", "/usr/bin/node --key=secret server.js\n");
    const { exit } = await world.serve({ given: { flags: { host, port: "8317" } } });
    world.listening.reject(new ListenError(failure, "strange things"));
    assert.equal(await exit, 1);
    assert.deepEqual(world.logged.map(({ level, message }) => [level, message]), [["error", says]]);
    assert.equal(world.files.text(PATHS.pidFile), undefined);
  });
}

Deno.test("runServer() in the foreground throws what otherwise goes to the log", async () => {
  const world = new World();
  const { exit } = await world.serve({ foreground: true });
  world.listening.reject(new UserError("Cannot start the proxy: crashed"));
  await assert.rejects(exit, { name: "UserError" });
  assert.deepEqual(world.logged, []);
});

/** A proxy process that serves, and a minute in which its files are looked at. */
async function served(world: World): Promise<{ exit: Promise<number> }> {
  const { exit } = await world.serve();
  world.listening.resolve({ port: 8317 });
  await world.clock.advance(0);
  world.files.put(PATHS.stateFile, stateOf(PID));
  return { exit };
}

function stateOf(pid: number): string {
  const service = { pid, identity: null, startedAt: "2027-01-15T08:00:00.000Z", version: VERSION };
  return writeState({ service: { ...service, host: "127.0.0.1", port: 8317 }, keys: [] });
}

Deno.test("runServer() goes on, and writes its files again, when the folder was made again", async () => {
  const world = new World();
  const { exit } = await served(world);
  world.files.delete(AUTH_DIR);
  world.files.put(`${AUTH_DIR}/work.json`, "{}");
  await world.clock.advance(1_500);
  assert.deepEqual(world.logged.map(({ event, message }) => [event, message]), [
    ["state.restored", "the lock file was removed or overwritten; it was written again"],
    ["state.restored", "the pid file was removed or overwritten; it was written again"],
  ]);
  assert.deepEqual([world.told, world.stops], [["save"], []]);
  assert.match(world.files.text(ENV_FILE) ?? "", /^CLIPROXY_PORT=8317$/m);
  world.ended.resolve({ kind: "ended", reason: "stopped" });
  assert.equal(await exit, 0);
  await world.clock.advance(5_000);
  assert.equal(world.files.text(PATHS.pidFile), undefined, "nothing is written after the end");
});

Deno.test("runServer() keeps a management key of its own again when the folder was made again", async () => {
  const world = new World();
  await world.serve({ given: { env: { CLIPROXY_MANAGEMENT_KEY: "" } } });
  world.files.delete(AUTH_DIR);
  world.files.put(`${AUTH_DIR}/work.json`, "{}");
  await world.clock.advance(1_500);
  assert.match(world.files.text(ENV_FILE) ?? "", /^CLIPROXY_MANAGEMENT_KEY=made-at-first-start$/m);
});

Deno.test("runServer() ends, and writes nothing more, when another process has taken the lock", async () => {
  const world = new World();
  const { exit } = await served(world);
  world.files.delete(PATHS.lockFile);
  await world.files.tryLock(PATHS.lockFile, "another");
  world.files.put(PATHS.pidFile, "77\n");
  await world.clock.advance(1_500);
  assert.deepEqual([world.stops, world.told], [["another proxy serves this auth dir now"], ["disown"]]);
  world.ended.resolve({ kind: "ended", reason: "stopped" });
  assert.equal(await exit, 0);
  assert.deepEqual([PATHS.lockFile, PATHS.pidFile].map((path) => world.files.text(path)), [
    "another",
    "77\n",
  ]);
});

/** A proxy process whose workers crash one after the other. */
class CrashingWorld extends World {
  readonly starts: WorkerStart[] = [];
  #end: (end: WorkerEnd) => void = () => {};

  async serveCrashing(over: Partial<ServerProcessDeps> = {}): Promise<{ exit: Promise<number> }> {
    return await this.serve({
      ...over,
      startWorker: (start) => {
        this.starts.push(start);
        const { promise, resolve } = Promise.withResolvers<WorkerEnd>();
        this.#end = resolve;
        return {
          listening: Promise.resolve({ port: start.settings.port }),
          ended: promise,
          announce: () => {},
          saveState: () => {},
          disown: () => {},
          clockMoved: () => {},
          stop: (reason) => resolve({ kind: "ended", reason }),
          tell: () => {},
          onNews: () => {},
          onUsageQuestion: () => {},
          onRenewalAsked: () => {},
          onHome: () => {},
        };
      },
    });
  }

  async crash(reason: string): Promise<void> {
    this.#end({ kind: "crashed", reason });
    await this.clock.advance(10_000);
  }
}

Deno.test("runServer() starts a worker that crashed again on the same port, and says so", async () => {
  const world = new CrashingWorld();
  const { exit } = await world.serveCrashing();
  await world.crash("a fault");
  const [first, second] = world.starts;
  assert.deepEqual([first?.settings.port, second?.settings.port], [8317, 8317]);
  assert.deepEqual([first?.crashes, second?.crashes.count, second?.crashes.last?.reason], [
    { count: 0, last: undefined },
    1,
    "a fault",
  ]);
  assert.notEqual(second?.service.startedAt, first?.service.startedAt);
  assert.deepEqual(world.logged.map(({ event, fields }) => [event, fields]), [
    ["proxy.worker_restarted", { reason: "a fault" }],
  ]);
  assert.equal(readHolder(world.files.text(PATHS.lockFile) ?? "")?.pid, PID, "the lock is kept");
  world.processes.receive("SIGTERM");
  assert.equal(await exit, 0);
});

Deno.test("runServer() ends with 1 when its workers keep crashing", async () => {
  const world = new CrashingWorld();
  const { exit } = await world.serveCrashing();
  for (let count = 0; count < 6; count++) await world.crash("out of luck");
  assert.equal(await exit, 1);
  assert.equal(world.starts.length, 6);
  assert.equal(world.logged.at(-1)?.message, "The proxy crashed too often, the last time: out of luck");
});
