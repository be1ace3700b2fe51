import assert from "node:assert/strict";
import { settingDifferences } from "../../../src/cli/doctor/drift.ts";
import { describeSettings } from "../../../src/config/settings.ts";
import { RESOLVED } from "../../support/doctor_facts.ts";
import { aDebugView, someSettings } from "../../support/service_world.ts";

const running = (over: object = {}) => aDebugView({ settings: describeSettings(RESOLVED), ...over });

Deno.test("settingDifferences() has nothing to say of a proxy that was started from the same settings", () => {
  assert.deepEqual(settingDifferences(running(), RESOLVED), []);
});

Deno.test("settingDifferences() names a setting, both values and where the new one comes from", () => {
  const resolved = someSettings({ env: { CLIPROXY_HOLD_SECONDS: "5" } });
  assert.deepEqual(settingDifferences(running(), resolved), [
    "hold_seconds is 20 there and 5 here (environment)",
  ]);
});

Deno.test("settingDifferences() compares the port with the one that the proxy listens on", () => {
  const resolved = (port: string) => someSettings({ env: { CLIPROXY_PORT: port } });
  assert.deepEqual(settingDifferences(running(), resolved("8317")), []);
  assert.deepEqual(settingDifferences(running(), resolved("9000")), ["port is 8317 there and 9000 here"]);
});

Deno.test("settingDifferences() passes over settings that another version does not have", () => {
  assert.deepEqual(settingDifferences(running({ settings: {} }), RESOLVED), []);
});
