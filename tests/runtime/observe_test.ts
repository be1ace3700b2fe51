import assert from "node:assert/strict";
import type { Given } from "../../src/config/settings.ts";
import { observeService } from "../../src/runtime/observe.ts";
import { PATHS, SERVICE_PID, ServiceWorld } from "../support/service_world.ts";

interface Sight {
  readonly when: string;
  readonly arrange: (world: ServiceWorld) => void;
  readonly given?: Partial<Given>;
  readonly holder: string;
  /** Kind of the reply, and its reason when it is silent. */
  readonly reply?: string;
}

const SIGHTS: readonly Sight[] = [
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
    reply: "it has not said where it listens",
  },
  {
    when: "the state file is that of an earlier run",
    arrange: (world) => {
      world.runService();
      world.processes.run(5000);
      world.signLock(5000);
    },
    holder: "ours",
    reply: "it has not said where it listens",
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
    reply: "no answer within 2000 ms",
  },
  {
    when: "another service answers at its address",
    arrange: (world) => world.runService({ debug: { pid: 77 } }),
    holder: "ours",
    reply: "pid 77 answers in its place",
  },
];

for (const { when, arrange, given, holder, reply } of SIGHTS) {
  Deno.test(`observeService() sees a holder that is ${holder}, and ${reply ?? "no reply"}, when ${when}`, async () => {
    const world = new ServiceWorld();
    arrange(world);
    const observing = observeService(world.deps(given));
    await world.clock.advance(2_000);
    const { facts } = await observing;
    const seen = "reply" in facts ? facts.reply : undefined;
    assert.equal(facts.holder.kind, holder);
    assert.equal(seen?.kind === "silent" ? seen.reason : seen?.kind, reply);
  });
}
