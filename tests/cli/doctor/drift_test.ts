import assert from "node:assert/strict";
import type { AuthFile } from "../../../src/api/auth_files.ts";
import { keyDifferences, settingDifferences } from "../../../src/cli/doctor/drift.ts";
import { describeSettings } from "../../../src/config/settings.ts";
import { anAuthFile, RESOLVED } from "../../support/doctor_facts.ts";
import { aDebugView, someSettings } from "../../support/service_world.ts";

const BROKEN = { usable: false, reason: "not valid JSON", fingerprint: null };

const FILES: { what: string; held: AuthFile[]; onDisk: AuthFile[]; says: string[] }[] = [
  { what: "the same", held: [anAuthFile("a")], onDisk: [anAuthFile("a")], says: [] },
  { what: "a new key", held: [], onDisk: [anAuthFile("a")], says: ["a is new on the disk"] },
  { what: "a new file that is no key", held: [], onDisk: [anAuthFile("a", BROKEN)], says: [] },
  { what: "a key that is gone", held: [anAuthFile("a")], onDisk: [], says: ["a is gone from the disk"] },
  {
    what: "another token",
    held: [anAuthFile("a")],
    onDisk: [anAuthFile("a", { fingerprint: "other" })],
    says: ["a has another token on the disk"],
  },
  {
    what: "an older proxy that tells no fingerprints",
    held: [anAuthFile("a", { fingerprint: null })],
    onDisk: [anAuthFile("a")],
    says: [],
  },
  {
    what: "a key that broke",
    held: [anAuthFile("a")],
    onDisk: [anAuthFile("a", BROKEN)],
    says: ["a cannot be used any more: not valid JSON"],
  },
  {
    what: "a file that was repaired",
    held: [anAuthFile("a", BROKEN)],
    onDisk: [anAuthFile("a")],
    says: ["a can be used by now"],
  },
];

for (const { what, held, onDisk, says } of FILES) {
  Deno.test(`keyDifferences() of ${what}`, () => {
    assert.deepEqual(keyDifferences(held, onDisk), says);
  });
}

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
