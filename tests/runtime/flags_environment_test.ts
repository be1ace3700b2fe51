import assert from "node:assert/strict";
import { FLAGS_VARIABLE } from "../../src/config/settings.ts";
import { flagsAsEnvironment } from "../../src/runtime/flags_environment.ts";
import { someSettings } from "../support/service_world.ts";

Deno.test("flagsAsEnvironment() hands over what was given as a flag, a secret in full, and nothing else", () => {
  const { CLIPROXY_PORT: port, CLIPROXY_MANAGEMENT_KEY: key, ...more } = flagsAsEnvironment(someSettings({
    flags: { port: "8317", managementKey: "a-long-secret" },
    env: { CLIPROXY_HOST: "127.0.0.2", CLIPROXY_MANAGEMENT_KEY: "another-secret" },
  }));
  assert.deepEqual([port, key], ["8317", "a-long-secret"]);
  assert.deepEqual(Object.keys(more), [FLAGS_VARIABLE]);
  assert.deepEqual(more[FLAGS_VARIABLE]?.split(",").sort(), ["CLIPROXY_MANAGEMENT_KEY", "CLIPROXY_PORT"]);
});

Deno.test("flagsAsEnvironment() says so when there was no flag", () => {
  assert.deepEqual(flagsAsEnvironment(someSettings({})), { [FLAGS_VARIABLE]: "" });
});
