import assert from "node:assert/strict";
import { driftNotes, settingDrift } from "../../src/runtime/drift.ts";
import { describeSettings } from "../../src/config/settings.ts";
import { RESOLVED } from "../support/doctor_facts.ts";
import { aDebugView, someSettings } from "../support/service_world.ts";

const running = (over: object = {}) => aDebugView({ settings: describeSettings(RESOLVED), ...over });

Deno.test("settingDrift() has nothing to say of a proxy that was started from the same settings", () => {
  assert.deepEqual(settingDrift(running(), RESOLVED), []);
});

/** `[what a start would use, what the running proxy differs in]` */
const DRIFTS: readonly [env: Record<string, string>, drift: readonly string[]][] = [
  [{ CLIPROXY_HOLD_SECONDS: "5" }, ["hold_seconds 20 5 environment"]],
  [{ CLIPROXY_HOLD_SECONDS: "20" }, []],
  [{ CLIPROXY_ROTATION: "drain" }, ["rotation session drain environment"]],
  [{ CLIPROXY_UPSTREAM: "https://example.com/v1" }, [
    "upstream https://chatgpt.com/backend-api https://example.com/v1 environment",
  ]],
  [{ CLIPROXY_WEBSOCKET: "off", CLIPROXY_TRACE_MAX: "9" }, [
    "websocket auto off environment",
    "trace_max 500 9 environment",
  ]],
  [{ CLIPROXY_NOTIFY: "/bin/tell" }, ["notify none /bin/tell environment"]],
  [{ CLIPROXY_PORT: "8317" }, []],
  [{ CLIPROXY_PORT: "9000" }, ["port 8317 9000 environment"]],
  [{ CLIPROXY_PORT: "0" }, []],
];

for (const [env, drift] of DRIFTS) {
  Deno.test(`settingDrift() of ${JSON.stringify(env)} is ${drift.join(" and ") || "nothing"}`, () => {
    const found = settingDrift(running(), someSettings({ env }));
    assert.deepEqual(
      found.map(({ name, running, wanted, source }) => [name, running, wanted, source].join(" ")),
      drift,
    );
  });
}

Deno.test("settingDrift() compares every setting but the management key, which the proxy itself checks", () => {
  const shown = describeSettings(RESOLVED);
  const other = Object.fromEntries(
    Object.entries(shown).map(([name, it]) => [name, { ...it, value: "other" }]),
  );
  const found = settingDrift(
    running({ settings: other, port: 1 }),
    someSettings({ env: { CLIPROXY_PORT: "2" } }),
  );
  const names = Object.keys(shown).filter((name) => name !== "management_key");
  assert.deepEqual(found.map(({ name }) => name), names);
});

Deno.test("driftNotes() tells all in one line, and where a value comes from that is not on the command line", () => {
  const drift = { running: "a", wanted: "b" };
  assert.deepEqual(driftNotes([]), []);
  assert.deepEqual(
    driftNotes([
      { ...drift, name: "port", source: "flag" },
      { ...drift, name: "rotation", source: "env_file" },
      { ...drift, name: "notify", source: "default" },
      { ...drift, name: "version", source: "program" },
    ]),
    [
      "the running proxy has port a, not b; rotation a, not b (.env); notify a, not b (default); " +
      'version a, not b (this program); "cdx2 proxy --force" restarts it',
    ],
  );
});

Deno.test("settingDrift() passes over settings that another version does not have", () => {
  assert.deepEqual(settingDrift(running({ settings: {} }), RESOLVED), []);
});
