// The table tests itself: what holds for one row holds for all, those of tomorrow included.

import assert from "node:assert/strict";
import { POLICY_KEYS } from "../../src/config/policy.ts";
import { GROUPED_KEYS, SETTING_GROUPS, SETTING_KEYS, SETTINGS } from "../../src/config/settings_table.ts";

const ROWS = SETTING_KEYS.map((key) => ({ key, ...SETTINGS[key] }));
const PLACE = { homeFolder: "/home/ann", cwd: "/" };

Deno.test("SETTINGS have the same names in JSON, environment and flag", () => {
  for (const { name, environment, flag } of ROWS) {
    assert.match(name, /^[a-z]+(_[a-z]+)*$/);
    assert.equal(environment, `CLIPROXY_${name.toUpperCase()}`);
    if (flag) assert.equal(flag, `--${name.replaceAll("_", "-")}`);
  }
});

Deno.test("SETTINGS use no name twice", () => {
  assert.deepEqual(ROWS.map(({ name }) => name), [...new Set(ROWS.map(({ name }) => name))]);
});

Deno.test("SETTINGS say what they mean and what they allow", () => {
  for (const { doc, allowed } of ROWS) {
    assert.match(doc, /^[A-Z].*\.$/);
    assert.match(allowed, /^[^A-Z].*[^.]$/);
  }
});

Deno.test("SETTINGS name their unit inside and outside", () => {
  for (const { key, name, unit } of ROWS) {
    assert.equal(unit === "seconds", name.endsWith("_seconds") && key.endsWith("Ms"), name);
    assert.equal(unit === "MiB", name.endsWith("_mb") && key.endsWith("Bytes"), name);
    assert.equal(unit === undefined, !/(_seconds|_mb)$/.test(name), name);
  }
});

Deno.test("SETTINGS allow their own defaults, and only what may stay unset has none", () => {
  assert.deepEqual(ROWS.filter((row) => row.default === "").map(({ key }) => key), [
    "managementKey",
    "allowedHosts",
    "allowedOrigins",
    "trustedProxies",
    "remote",
    "clientKey",
    "remoteManagementKey",
    "usageBaseUrl",
    "shared",
    "sharedSecret",
    "sharedCaFile",
    "member",
    "notify",
  ]);
  for (const row of ROWS.filter((row) => row.default !== "")) {
    assert.notEqual(row.parse(row.default, PLACE), undefined, row.name);
    assert.deepEqual(row.read(row.default, PLACE), row.parse(row.default, PLACE), row.name);
  }
});

Deno.test("SETTINGS are in groups, the rotation policy in its own", () => {
  assert.deepEqual(GROUPED_KEYS.map(([group]) => group), [...SETTING_GROUPS]);
  assert.deepEqual(GROUPED_KEYS.flatMap(([, keys]) => keys), SETTING_KEYS);
  assert.deepEqual(new Map(GROUPED_KEYS).get("rotation policy"), POLICY_KEYS);
});
