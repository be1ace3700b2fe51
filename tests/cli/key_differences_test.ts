import assert from "node:assert/strict";
import type { AuthFile } from "../../src/api/auth_files.ts";
import { keyDifferences } from "../../src/cli/key_differences.ts";
import { anAuthFile } from "../support/doctor_facts.ts";

const BROKEN = { usable: false, reason: "not valid JSON", fingerprint: null };

const FILES: { what: string; held: AuthFile[]; onDisk: AuthFile[]; says: string[] }[] = [
  { what: "the same", held: [anAuthFile("a")], onDisk: [anAuthFile("a")], says: [] },
  { what: "a new key", held: [], onDisk: [anAuthFile("a")], says: ["a is new on the disk"] },
  { what: "a new file that is not a key", held: [], onDisk: [anAuthFile("a", BROKEN)], says: [] },
  {
    what: "a key that was deleted",
    held: [anAuthFile("a")],
    onDisk: [],
    says: ["a is no longer on the disk"],
  },
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
    says: ["a can no longer be used: not valid JSON"],
  },
  {
    what: "a file that was repaired",
    held: [anAuthFile("a", BROKEN)],
    onDisk: [anAuthFile("a")],
    says: ["a can be used now"],
  },
];

for (const { what, held, onDisk, says } of FILES) {
  Deno.test(`keyDifferences() of ${what}`, () => {
    assert.deepEqual(keyDifferences(held, onDisk), says);
  });
}
