import assert from "node:assert/strict";
import fc from "fast-check";
import {
  hashOfClientKey,
  isClientName,
  needsClientKey,
  readClientKeys,
  writeClientKeys,
} from "../../src/config/client_keys.ts";

const CI = { name: "ci", sha256: hashOfClientKey("cdx2-abc"), createdAt: "2026-11-25T10:00:00.000Z" };

Deno.test("readClientKeys() reads what writeClientKeys() wrote", () => {
  const names = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
  fc.assert(fc.property(fc.uniqueArray(names), (all) => {
    const keys = all.map((name) => ({ ...CI, name, sha256: hashOfClientKey(name) }));
    assert.deepEqual(readClientKeys(writeClientKeys(keys)), { kind: "keys", keys });
  }));
});

Deno.test("the file holds no key, and says its version", () => {
  const text = writeClientKeys([CI]);
  assert.equal(JSON.parse(text).$schema_version, 1);
  assert.ok(!text.includes("cdx2-abc"));
});

/** `[what, text, reason]` */
const BROKEN: readonly [string, string, RegExp][] = [
  ["no JSON", "{", /not a JSON object/],
  ["a list", "[]", /not a JSON object/],
  ["another version", '{"$schema_version":2,"clients":[]}', /\$schema_version/],
  ["no clients", '{"$schema_version":1}', /clients/],
  ["a name with a line end", brokenBy({ name: "a\nb" }), /clients\.0\.name/],
  ["a short hash", brokenBy({ sha256: "abc" }), /clients\.0\.sha256/],
  ["a date that is none", brokenBy({ created_at: "yesterday" }), /clients\.0\.created_at/],
];
for (const [what, text, reason] of BROKEN) {
  Deno.test(`readClientKeys() refuses a file with ${what}`, () => {
    const reading = readClientKeys(text);
    assert.equal(reading.kind, "unusable");
    assert.match(reading.kind === "unusable" ? reading.reason : "", reason);
  });
}

function brokenBy(change: Record<string, string>): string {
  const client = { name: "ci", sha256: CI.sha256, created_at: CI.createdAt, ...change };
  return JSON.stringify({ $schema_version: 1, clients: [client] });
}

for (const name of ["ci", "ann.laptop", "A-1_b", "7"]) {
  Deno.test(`a client may be called ${name}`, () => assert.ok(isClientName(name)));
}
for (const name of ["", ".ci", "-ci", "a b", "a/b", "ü", "x".repeat(65)]) {
  Deno.test(`a client may not be called "${name}"`, () => assert.ok(!isClientName(name)));
}

/** `[host, the setting, needed]` */
const NEEDED: readonly [string, boolean, boolean][] = [
  ["127.0.0.1", false, false],
  ["::1", false, false],
  ["localhost", false, false],
  ["127.0.0.1", true, true],
  ["0.0.0.0", false, true],
  ["192.168.1.2", false, true],
  ["::", false, true],
  ["proxy.lan", false, true],
];
for (const [host, requireClientKey, isNeeded] of NEEDED) {
  Deno.test(`requests to ${host} need ${isNeeded ? "a" : "no"} client key (required: ${requireClientKey})`, () => {
    assert.equal(needsClientKey({ host, requireClientKey }), isNeeded);
  });
}
