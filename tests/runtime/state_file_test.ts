import assert from "node:assert/strict";
import fc from "fast-check";
import type { KeyHealth, KeyState } from "../../src/auth/key_state.ts";
import type { Evidence } from "../../src/auth/outcome.ts";
import type { ServiceRecord } from "../../src/runtime/process_record.ts";
import { readSavedKey, type SavedKey } from "../../src/runtime/saved_key.ts";
import { readState, type SavedState, writeState } from "../../src/runtime/state_file.ts";
import { LAST_MOMENT_MS } from "../../src/values/iso_time.ts";
import { aHealth, T0 } from "../support/builders.ts";

/** The whole file, as the proxy reads it when it starts. */
function readAll(text: string): { kind: "state"; state: SavedState } | { kind: "unusable"; reason: string } {
  const reading = readState(text);
  if (reading.kind === "unusable") return reading;
  const keys = reading.keys.flatMap((entry) => readSavedKey(entry) ?? []);
  return { kind: "state", state: { service: reading.service, keys } };
}

const SERVICE: ServiceRecord = {
  pid: 4120,
  identity: "ticks:99",
  startedAt: "2026-11-22T23:41:00.123Z",
  version: "1.2.3",
  host: "127.0.0.1",
  port: 8317,
};

const EJECTED: SavedKey = {
  file: "work.json",
  tokenHash: "abc",
  health: aHealth({
    state: { kind: "blacklist", untilMs: T0, cause: "token_revoked" },
    hardFailures: 2,
    evidence: { status: 401, code: "token_revoked", requestId: "req_1", atMs: T0, model: undefined },
  }),
};

const numbers = fc.integer();
const moments = fc.integer({ min: 0, max: LAST_MOMENT_MS });
const texts = fc.string();
const states = fc.oneof<fc.Arbitrary<KeyState>[]>(
  fc.record({ kind: fc.constant("ok" as const) }),
  fc.record({ kind: fc.constantFrom("cooldown" as const, "blacklist"), untilMs: moments, cause: texts }),
  fc.record({ kind: fc.constant("probation" as const), successes: numbers, cause: texts }),
);
const evidence: fc.Arbitrary<Evidence> = fc.record({
  status: fc.option(numbers),
  code: texts,
  requestId: texts,
  atMs: moments,
  model: fc.option(texts, { nil: undefined }),
}, { noNullPrototype: true });
const healths: fc.Arbitrary<KeyHealth> = fc.record({
  state: states,
  strikes: numbers,
  hardFailures: numbers,
  lastStrikeMs: moments,
  nextTrialMs: moments,
  modelLimits: fc.array(fc.record({ model: texts, untilMs: moments, cause: texts })),
  evidence: fc.option(evidence, { nil: undefined }),
}, { noNullPrototype: true });
const savedStates: fc.Arbitrary<SavedState> = fc.record({
  service: fc.record({
    pid: fc.integer({ min: 1 }),
    identity: fc.option(texts),
    startedAt: texts,
    version: texts,
    host: texts,
    port: numbers,
  }),
  keys: fc.array(fc.record({ file: texts, tokenHash: texts, health: healths })),
});

/** JSON leaves out what is undefined; a health and its evidence have all their fields. */
function withEvidence(key: SavedKey): SavedKey {
  const { evidence } = key.health;
  return { ...key, health: { ...key.health, evidence: evidence && { ...evidence, model: evidence.model } } };
}

Deno.test("readState() gives back what writeState() was given", () => {
  fc.assert(fc.property(savedStates, (state) => {
    // Through JSON, which knows no negative zero and no objects without prototype.
    const { service, keys } = JSON.parse(JSON.stringify(state)) as SavedState;
    const expected = { service, keys: keys.map(withEvidence) };
    assert.deepEqual(readAll(writeState(state)), { kind: "state", state: expected });
  }));
});

Deno.test("writeState() writes snake case and the version of the format", () => {
  const json = JSON.parse(writeState({ service: SERVICE, keys: [EJECTED] }));
  assert.equal(json["$schema_version"], 2);
  assert.equal(json.service.started_at, SERVICE.startedAt);
  assert.deepEqual(json.keys[0].health.state, { kind: "blacklist", until_ms: T0, cause: "token_revoked" });
  assert.equal(json.keys[0].health.evidence.request_id, "req_1");
});

Deno.test("readState() never throws, whatever part of a file is left", () => {
  const text = writeState({ service: SERVICE, keys: [EJECTED] });
  for (let length = 0; length < text.length - 2; length++) {
    assert.equal(readAll(text.slice(0, length)).kind, "unusable");
  }
});

const service = JSON.parse(writeState({ service: SERVICE, keys: [] })).service;
const UNUSABLE: readonly { text: string; reason: RegExp }[] = [
  { text: "", reason: /not a JSON object/ },
  { text: "[1]", reason: /not a JSON object/ },
  { text: "{}", reason: /version none, not 2/ },
  { text: JSON.stringify({ $schema_version: 1, service, keys: [] }), reason: /version 1, not 2/ },
  { text: JSON.stringify({ $schema_version: "2", service, keys: [] }), reason: /version/ },
  { text: JSON.stringify({ $schema_version: 2, keys: [] }), reason: /service/ },
  {
    text: JSON.stringify({ $schema_version: 2, service: { ...service, pid: 0 }, keys: [] }),
    reason: /service/,
  },
  {
    text: JSON.stringify({ $schema_version: 2, service: { ...service, port: "1" }, keys: [] }),
    reason: /service/,
  },
  { text: JSON.stringify({ $schema_version: 2, service, keys: {} }), reason: /keys/ },
];

for (const { text, reason } of UNUSABLE) {
  Deno.test(`readState() refuses ${text.slice(0, 60) || "an empty text"} with a reason`, () => {
    const reading = readAll(text);
    assert.equal(reading.kind, "unusable");
    assert.match("reason" in reading ? reading.reason : "", reason);
  });
}

Deno.test("readState() drops a bad key entry and keeps the others", () => {
  const json = JSON.parse(writeState({ service: SERVICE, keys: [EJECTED] }));
  const good = json.keys[0];
  const badState = { ...good, health: { ...good.health, state: { kind: "cooldown", cause: "no time" } } };
  json.keys = [{ ...good, token_hash: 7 }, badState, { ...good, health: null }, "x", good];
  const reading = readAll(JSON.stringify(json));
  assert.deepEqual("state" in reading && reading.state.keys, [EJECTED]);
});

Deno.test("readState() keeps a field of a later version", () => {
  const json = JSON.parse(writeState({ service: SERVICE, keys: [EJECTED] }));
  json.keys[0].health.state.weight = 3;
  json.keys[0].health.lives = 9;
  const reading = readAll(JSON.stringify(json));
  const state = { ...EJECTED.health.state, weight: 3 };
  assert.deepEqual("state" in reading && reading.state.keys, [
    { ...EJECTED, health: { ...EJECTED.health, state, lives: 9 } },
  ]);
});
