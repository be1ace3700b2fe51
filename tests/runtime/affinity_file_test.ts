import assert from "node:assert/strict";
import fc from "fast-check";
import { nameHash } from "../../src/auth/name_hash.ts";
import { readAffinity, writeAffinity } from "../../src/runtime/affinity_file.ts";
import { T0 } from "../support/builders.ts";

const FILE = fc.oneof(fc.constantFrom("a.json", "b.json"), fc.string({ maxLength: 20 }));
const PLAIN = { noNullPrototype: true } as const;
const SESSION = fc.record({
  session: fc.string().map((name) => nameHash("session", name)),
  file: FILE,
  previousFile: fc.option(FILE, { nil: undefined }),
  usedMs: fc.nat(),
}, PLAIN);
const ID = fc.record(
  { id: fc.string().map((name) => nameHash("id", name)), file: FILE, usedMs: fc.nat() },
  PLAIN,
);
const SAVED = fc.record({ sessions: fc.array(SESSION), ids: fc.array(ID) }, PLAIN);

Deno.test("readAffinity() reads what writeAffinity() wrote", () => {
  fc.assert(fc.property(SAVED, (saved) => {
    assert.deepEqual(readAffinity(writeAffinity(saved)), { kind: "read", value: saved });
  }));
});

Deno.test("writeAffinity() stays below 1 MiB with all that is ever kept", () => {
  const file = (at: number) => `${"long name ".repeat(5)}${at % 20}.json`;
  const hash = nameHash("id", "x");
  const text = writeAffinity({
    sessions: Array.from({ length: 4096 }, (_, at) => {
      return { session: hash, file: file(at), previousFile: file(at + 1), usedMs: T0 + at };
    }),
    ids: Array.from({ length: 8192 }, (_, at) => ({ id: hash, file: file(at), usedMs: T0 + at })),
  });
  assert.ok(text.length < 2 ** 20, `${text.length}`);
});

const HASH = nameHash("id", "x");
const GOOD = { $schema_version: 1, files: ["a.json"], sessions: [[HASH, 0, null, 5]], ids: [[HASH, 0, 5]] };

/** `[what, the file, why it is unusable]` */
const UNUSABLE: readonly [string, unknown, RegExp][] = [
  ["of another version", { ...GOOD, $schema_version: 2 }, /it has version 2, not 1/],
  ["without a version", { ...GOOD, $schema_version: undefined }, /it has version none/],
  ["that is a list", [], /not a JSON object/],
  ["without sessions", { ...GOOD, sessions: undefined }, /rows/],
  ["with the name of a session", { ...GOOD, sessions: [["my session", 0, null, 5]] }, /rows/],
  ["with a row that is too short", { ...GOOD, ids: [[HASH, 0]] }, /rows/],
  ["with a time that is text", { ...GOOD, ids: [[HASH, 0, "now"]] }, /rows/],
  ["with a key that is negative", { ...GOOD, ids: [[HASH, -1, 5]] }, /rows/],
  ["whose keys are numbers", { ...GOOD, files: [5] }, /rows/],
];

for (const [what, json, reason] of UNUSABLE) {
  Deno.test(`readAffinity() cannot use a file ${what}`, () => {
    const reading = readAffinity(JSON.stringify(json));
    assert.ok(reading.kind === "unusable");
    assert.match(reading.reason, reason);
  });
}

Deno.test("readAffinity() never throws, however a file was cut", () => {
  const text = JSON.stringify(GOOD);
  for (let length = 0; length < text.length; length++) {
    assert.equal(readAffinity(text.slice(0, length)).kind, "unusable");
  }
});

Deno.test("readAffinity() drops a row about a key that is not listed, and keeps what a later version adds", () => {
  const reading = readAffinity(JSON.stringify({ ...GOOD, ids: [[HASH, 7, 5], [HASH, 0, 6]], more: true }));
  assert.ok(reading.kind === "read");
  assert.deepEqual(reading.value.ids, [{ id: HASH, file: "a.json", usedMs: 6 }]);
});
