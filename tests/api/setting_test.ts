import assert from "node:assert/strict";
import { settings } from "../../src/api/setting.ts";
import { describeSettings } from "../../src/config/settings.ts";
import { assertIs, readAs } from "../support/pages.ts";
import { someSettings } from "../support/service_world.ts";

Deno.test("settings are declared as they are described", () => {
  const described = describeSettings(someSettings({ env: { CLIPROXY_HOLD_SECONDS: "5" } }));
  assert.deepEqual(described["hold_seconds"], { value: 5, source: "environment", unit: "seconds" });
  assertIs(settings, described);
});

Deno.test("an entry that is not a setting is left out", () => {
  const read = readAs(settings, { host: { value: null, source: "default" }, port: 8317, pace: {} });
  assert.deepEqual(read, { host: { value: null, source: "default" } });
});
