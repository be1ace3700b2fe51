import assert from "node:assert/strict";
import type { LiveHolder } from "../../src/runtime/holder.ts";
import type { Reply, ServiceFacts } from "../../src/runtime/plan.ts";
import { serviceStatus, statusOf } from "../../src/runtime/status.ts";
import type { Status } from "../../src/runtime/status_page.ts";
import { aDebugView, PATHS, SERVICE_PID, ServiceWorld, someSettings } from "../support/service_world.ts";

const OURS: LiveHolder = { kind: "ours", pid: SERVICE_PID, identity: "ticks:1", ageMs: 61_900 };
const SILENT: Reply = { kind: "silent", reason: "connection refused" };

const CONDITIONS: readonly { when: string; facts: ServiceFacts; shows: Partial<Status> }[] = [
  {
    when: "none ever ran",
    facts: { holder: { kind: "none" } },
    shows: {
      state: "stopped",
      pid: null,
      pid_running: false,
      healthy: false,
      uptime_seconds: null,
      reason: "no proxy is running",
    },
  },
  {
    when: "its pid is another program's",
    facts: { holder: { kind: "foreign", pid: SERVICE_PID } },
    shows: { state: "stopped", pid: null, pid_running: false },
  },
  {
    when: "it answers",
    facts: { holder: OURS, reply: { kind: "debug", debug: aDebugView() } },
    shows: {
      state: "running",
      pid: SERVICE_PID,
      pid_running: true,
      healthy: true,
      uptime_seconds: 61,
      reason: null,
    },
  },
  {
    when: "it shuts down",
    facts: { holder: OURS, reply: { kind: "debug", debug: aDebugView({ status: "shutting_down" }) } },
    shows: { state: "running", healthy: false, reason: "it is shutting down" },
  },
  {
    when: "it wants another key",
    facts: { holder: OURS, reply: { kind: "unauthorized" } },
    shows: { state: "running", pid_running: true, healthy: false, reason: "it has another management key" },
  },
  {
    when: "it is starting",
    facts: { holder: { ...OURS, ageMs: 50 }, reply: SILENT },
    shows: { state: "starting", pid: SERVICE_PID, healthy: false, uptime_seconds: 0 },
  },
  {
    when: "it hangs",
    facts: { holder: OURS, reply: SILENT },
    shows: { state: "unresponsive", pid: SERVICE_PID, healthy: false, reason: "connection refused" },
  },
];

for (const { when, facts, shows } of CONDITIONS) {
  Deno.test(`statusOf() shows ${shows.state} when ${when}`, () => {
    const view = statusOf(facts, someSettings());
    assert.deepEqual({ ...view, ...shows }, view);
    // What to do about it.
    assert.equal(view.hint === null, view.healthy);
  });
}

Deno.test("statusOf() shows what the running service says, not what the settings say", () => {
  const debug = aDebugView({
    port: 8400,
    base_url: "http://127.0.0.1:8400",
    settings: { port: { value: 8400, source: "flag" } },
  });
  const resolved = someSettings({ env: { CLIPROXY_PORT: "9000" } });
  const view = statusOf({ holder: OURS, reply: { kind: "debug", debug } }, resolved);
  assert.deepEqual(
    [view.port, view.base_url, view.auth_count, view.version, view.settings],
    [8400, debug.base_url, 2, debug.version, debug.settings],
  );
});

Deno.test("statusOf() shows what the next start would use when none answers", () => {
  const none: ServiceFacts = { holder: { kind: "none" } };
  const kept = statusOf(none, someSettings({ env: { CLIPROXY_PORT: "9000" } }));
  assert.deepEqual([kept.port, kept.base_url, kept.auth_count], [9000, "http://127.0.0.1:9000", null]);
  assert.deepEqual(kept.settings["port"], { value: 9000, source: "environment" });
  const unchosen = statusOf(none, someSettings());
  assert.deepEqual([unchosen.port, unchosen.base_url], [null, null]);
});

Deno.test("statusOf() shows no management key", () => {
  const shown = JSON.stringify(statusOf({ holder: { kind: "none" } }, someSettings()));
  assert(!shown.includes("management-key"), shown);
});

Deno.test("serviceStatus() looks at the service of the auth dir", async () => {
  const world = new ServiceWorld();
  world.runService();
  const { state, log_file, events_file, state_file } = await serviceStatus(world.deps());
  assert.deepEqual(
    [state, log_file, events_file, state_file],
    ["running", PATHS.logFile, PATHS.eventsFile, PATHS.stateFile],
  );
});
