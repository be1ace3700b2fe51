import assert from "node:assert/strict";
import type { AuthFile } from "../../src/api/auth_files.ts";
import { keyDifferences, servesOn } from "../../src/cli/key_differences.ts";
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

const LOCKED = {
  usable: false,
  reason: "cannot be read: its tokens are in the keyring: the keyring is locked; unlock it and try again",
  fingerprint: null,
};

Deno.test("a key that the proxy still has does not differ while the keyring is locked", () => {
  const [held, onDisk] = [[anAuthFile("a"), anAuthFile("b")], [anAuthFile("a", LOCKED), anAuthFile("b")]];
  assert.deepEqual(keyDifferences(held, onDisk), []);
  assert.equal(
    servesOn(held, onDisk),
    "the proxy goes on with the tokens that it has of a: the keyring is locked; unlock it and try again",
  );
});

Deno.test("servesOn() says nothing of keys that the proxy has not, or that are broken otherwise", () => {
  assert.equal(servesOn([anAuthFile("a", LOCKED)], [anAuthFile("a", LOCKED)]), undefined);
  assert.equal(servesOn([], [anAuthFile("a", LOCKED)]), undefined);
  assert.equal(servesOn([anAuthFile("a")], [anAuthFile("a", BROKEN)]), undefined);
});

for (const { what, held, onDisk, says } of FILES) {
  Deno.test(`keyDifferences() of ${what}`, () => {
    assert.deepEqual(keyDifferences(held, onDisk), says);
  });
}
