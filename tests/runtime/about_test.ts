import assert from "node:assert/strict";
import { debug } from "../../src/api/debug.ts";
import { describeSettings } from "../../src/config/settings.ts";
import { about } from "../../src/runtime/about.ts";
import type { WorkerStart } from "../../src/runtime/sandbox.ts";
import { T0 } from "../support/builders.ts";
import { assertIs } from "../support/pages.ts";
import { someSettings, VERSION } from "../support/service_world.ts";

const RESOLVED = someSettings();
const START: WorkerStart = {
  settings: RESOLVED.settings,
  shared: undefined,
  managementKey: "management-key",
  version: VERSION,
  service: {
    pid: 4120,
    host: "127.0.0.1",
    startedAt: "2027-01-15T08:00:00.000Z",
    identity: null,
    version: VERSION,
  },
  settingsView: describeSettings(RESOLVED),
  ownUpstreams: [],
  proxiedOrigins: [],
  mirrorLog: false,
  crashes: { count: 1, last: { reason: "a fault", atMs: T0 } },
};

Deno.test("about() says where the proxy listens, what it does and what it was started with", () => {
  const page = about(START, { port: 8317, isDraining: false, inFlight: 2, webSockets: { open: 3 } }, null);
  assertIs(debug, { ...page, auth_count: 3 });
  const { base_url, status, running_requests, websockets, last_restart } = page;
  assert.deepEqual([base_url, status, running_requests, websockets], [
    "http://127.0.0.1:8317",
    "running",
    2,
    3,
  ]);
  assert.equal(last_restart?.reason, "a fault");
  assert.ok(!JSON.stringify(page).includes("management-key"));
});

Deno.test("about() says when the proxy takes no new requests", () => {
  assert.equal(
    about(START, { port: 8317, isDraining: true, inFlight: 0, webSockets: { open: 0 } }, null).status,
    "shutting_down",
  );
});
