import assert from "node:assert/strict";
import type { Given } from "../../src/config/settings.ts";
import { observeService, serverArgs } from "../../src/runtime/observe.ts";
import { type ProcessRecord, writeHolder } from "../../src/runtime/process_record.ts";
import { writeState } from "../../src/runtime/state_file.ts";
import { PATHS, SERVICE_PID, ServiceWorld } from "../support/service_world.ts";

interface Sight {
  readonly when: string;
  readonly arrange: (world: ServiceWorld) => void;
  readonly given?: Partial<Given>;
  readonly isThorough?: boolean;
  readonly holder: string;
  /** Kind of the reply, and its reason when it is silent. */
  readonly reply?: string;
}

const SIGHTS: Sight[] = [
  { when: "the folder is new", arrange: () => {}, holder: "none" },
  { when: "it answers", arrange: (world) => world.runService(), holder: "ours", reply: "debug" },
  {
    when: "it crashed",
    arrange: (world) => (world.runService(), world.processes.end(SERVICE_PID)),
    holder: "ended",
  },
  {
    when: "its pid went to another program",
    arrange: (world) => (world.runService(), world.processes.run(SERVICE_PID, { identity: "a browser" })),
    holder: "foreign",
  },
  {
    when: "the system tells no identity",
    arrange: (world) => {
      world.runService();
      world.signLock(SERVICE_PID, 0, null);
      world.processes.runUntold(SERVICE_PID);
    },
    holder: "unproven",
    reply: "debug",
  },
  {
    when: "the lock file is garbage",
    arrange: (world) => world.files.put(PATHS.lockFile, "4120"),
    holder: "none",
  },
  {
    when: "it has just signed the lock",
    arrange: (world) => {
      world.processes.run(SERVICE_PID);
      world.signLock(SERVICE_PID);
    },
    holder: "ours",
    reply: "unasked",
  },
  {
    when: "the state file is that of an earlier run",
    arrange: (world) => {
      world.runService();
      world.processes.run(5000);
      world.signLock(5000);
    },
    holder: "ours",
    reply: "unasked",
  },
  {
    when: "the state file of an old service is damaged, and the settings know the port",
    arrange: (world) => {
      world.runService();
      world.files.put(PATHS.stateFile, '{"$schema_');
    },
    given: { envFileText: "CLIPROXY_PORT=8317" },
    holder: "ours",
    reply: "debug",
  },
  {
    when: "it wants another key",
    arrange: (world) => world.runService({ key: "another-key" }),
    holder: "ours",
    reply: "unauthorized",
  },
  {
    when: "no key is set, and .env names it by now",
    arrange: (world) => {
      world.runService({ key: "made-just-now" });
      world.files.put("/keys/.env", "CLIPROXY_MANAGEMENT_KEY=made-just-now");
    },
    given: { env: { CLIPROXY_MANAGEMENT_KEY: "" } },
    holder: "ours",
    reply: "debug",
  },
  {
    when: "it hangs",
    arrange: (world) => world.runService({ hangs: true }),
    holder: "ours",
    reply: "no answer within 2s",
  },
  {
    when: "another service answers at its address",
    arrange: (world) => world.runService({ debug: { pid: 77 } }),
    holder: "ours",
    reply: "pid 77 answers in its place",
  },
];

const REMEMBERED = { envFileText: "CLIPROXY_PORT=8317" };
const remove = (world: ServiceWorld, ...paths: string[]) => paths.forEach((path) => world.files.delete(path));

// Its files are lost while it runs.
SIGHTS.push(
  {
    when: "the lock file says where it listens, and the state file says otherwise",
    arrange: (world) => {
      world.runService();
      const record = world.signLock(SERVICE_PID, 60_000);
      world.files.put(
        PATHS.lockFile,
        writeHolder({ ...record, host: "127.0.0.1", port: 8317 } as ProcessRecord),
      );
      const service = { ...record, host: "evil.example", port: 80 };
      world.files.put(PATHS.stateFile, writeState({ service, keys: [] }));
    },
    holder: "ours",
    reply: "debug",
  },
  {
    when: "the lock file was removed",
    arrange: (world) => (world.runService(), remove(world, PATHS.lockFile)),
    holder: "ours",
    reply: "debug",
  },
  {
    when: "the lock file was emptied",
    arrange: (world) => (world.runService(), world.files.put(PATHS.lockFile, "")),
    holder: "ours",
    reply: "debug",
  },
  {
    when: "the lock file was removed and it hangs",
    arrange: (world) => (world.runService({ hangs: true }), remove(world, PATHS.lockFile)),
    holder: "ours",
    reply: "no answer within 2s",
  },
  {
    when: "the lock file was removed after it had ended",
    arrange: (world) => (world.runService(), remove(world, PATHS.lockFile), world.processes.end(SERVICE_PID)),
    given: REMEMBERED,
    holder: "none",
  },
  {
    when: "the lock file was removed and its pid went to another program",
    arrange: (world) => {
      world.runService();
      remove(world, PATHS.lockFile);
      world.processes.run(SERVICE_PID, { identity: "a browser" });
    },
    holder: "none",
  },
  {
    when: "all files are gone but the port is known",
    arrange: (world) => {
      world.runService();
      remove(world, PATHS.lockFile, PATHS.stateFile);
      world.processes.listeners.set(8317, SERVICE_PID);
    },
    given: REMEMBERED,
    holder: "ours",
    reply: "debug",
  },
  {
    when: "another user's program has the remembered port",
    arrange: (world) => (world.runService(), remove(world, PATHS.lockFile, PATHS.stateFile)),
    given: REMEMBERED,
    holder: "none",
  },
  {
    when: "a proxy of another auth dir has the remembered port",
    arrange: (world) => {
      world.runService({ debug: { auth_dir: "/others" } });
      remove(world, PATHS.lockFile, PATHS.stateFile);
      world.processes.listeners.set(8317, SERVICE_PID);
    },
    given: REMEMBERED,
    holder: "none",
  },
  {
    when: "a program with another key has the remembered port",
    arrange: (world) => {
      world.runService({ key: "another-key" });
      remove(world, PATHS.lockFile, PATHS.stateFile);
      world.processes.listeners.set(8317, SERVICE_PID);
    },
    given: REMEMBERED,
    holder: "none",
  },
  {
    when: "all files are gone, and one looks through all processes",
    arrange: (world) => world.processes.run(SERVICE_PID, { args: ["cdx2", ...serverArgs("/keys")] }),
    isThorough: true,
    holder: "ours",
    reply: "unasked",
  },
  {
    when: "all files are gone, and only a proxy of another auth dir is among the processes",
    arrange: (world) => world.processes.run(SERVICE_PID, { args: ["cdx2", ...serverArgs("/others")] }),
    isThorough: true,
    holder: "none",
  },
);

for (const { when, arrange, given, isThorough = false, holder, reply } of SIGHTS) {
  Deno.test(`observeService() sees a holder that is ${holder}, and ${reply ?? "no reply"}, when ${when}`, async () => {
    const world = new ServiceWorld();
    arrange(world);
    const observing = observeService(world.deps(given), { isThorough });
    await world.clock.advance(2_000);
    const { facts } = await observing;
    const seen = "reply" in facts ? facts.reply : undefined;
    assert.equal(facts.holder.kind, holder);
    assert.equal(seen?.kind === "silent" ? seen.reason : seen?.kind, reply);
  });
}
