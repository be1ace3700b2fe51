import assert from "node:assert/strict";
import { readHealth } from "../../src/auth/health_reading.ts";
import { aHealth, T0 } from "../support/builders.ts";

const EVIDENCE = { status: 401, code: "x", requestId: "r", atMs: T0, model: undefined };

Deno.test("readHealth() reads every state as it was written, with all fields", () => {
  const states = [
    { kind: "ok" },
    { kind: "cooldown", untilMs: T0, cause: "c" },
    { kind: "blacklist", untilMs: T0, cause: "c" },
    { kind: "probation", successes: 1, cause: "c" },
  ] as const;
  for (const state of states) {
    const health = aHealth({
      state,
      evidence: EVIDENCE,
      modelLimits: [{ model: "m", untilMs: T0, cause: "c" }],
    });
    assert.deepEqual(readHealth(JSON.parse(JSON.stringify(health))), health);
  }
});

const LIMIT = { model: "m", untilMs: T0, cause: "c" };

const BROKEN: readonly [what: string, change: object][] = [
  ["a state of another kind", { state: { kind: "other" } }],
  ["a cooldown without its end", { state: { kind: "cooldown", cause: "c" } }],
  ["a probation whose cause is a number", { state: { kind: "probation", successes: 1, cause: 5 } }],
  ["strikes as text", { strikes: "1" }],
  ["no time of the next trial", { nextTrialMs: undefined }],
  ["limits of models that are no list", { modelLimits: {} }],
  ["one limit that is not whole", { modelLimits: [LIMIT, { ...LIMIT, model: null }] }],
  ["evidence without a code", { evidence: { ...EVIDENCE, code: undefined } }],
  ["evidence that is null", { evidence: null }],
];

for (const [what, change] of BROKEN) {
  Deno.test(`readHealth() reads none with ${what}`, () => {
    assert.equal(readHealth({ ...aHealth(), ...change }), undefined);
  });
}

Deno.test("readHealth() reads none out of another value", () => {
  for (const value of [undefined, null, {}, [], "ok"]) assert.equal(readHealth(value), undefined);
});

Deno.test("readHealth() keeps what a later version adds", () => {
  assert.deepEqual(readHealth({ ...aHealth(), later: 1 }), { ...aHealth(), later: 1 });
});
