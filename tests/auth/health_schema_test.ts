import assert from "node:assert/strict";
import { readHealth } from "../../src/auth/health_schema.ts";
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

Deno.test("readHealth() takes nothing that is not whole", () => {
  const health = aHealth();
  const broken = [
    undefined,
    {},
    { ...health, state: { kind: "other" } },
    { ...health, strikes: "1" },
    // Times of which no date can be made.
    { ...health, lastStrikeMs: -1 },
    { ...health, nextTrialMs: 8.64e15 },
    { ...health, state: { kind: "blacklist", untilMs: 1e300, cause: "c" } },
    { ...health, evidence: { ...EVIDENCE, atMs: 1e300 } },
  ];
  for (const value of broken) assert.equal(readHealth(value), undefined);
});
