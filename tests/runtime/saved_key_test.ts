import assert from "node:assert/strict";
import { readSavedKey } from "../../src/runtime/saved_key.ts";
import { aHealth, T0 } from "../support/builders.ts";

const EVIDENCE = { status: null, code: "token_revoked", requestId: "req_1", atMs: T0, model: undefined };
const KEY = { file: "work.json", tokenHash: "abc", health: { ...aHealth(), evidence: EVIDENCE } };

Deno.test("readSavedKey() reads a key in every state", () => {
  for (
    const state of [
      { kind: "ok" },
      { kind: "cooldown", untilMs: T0, cause: "http_429" },
      { kind: "blacklist", untilMs: T0, cause: "http_401" },
      { kind: "probation", successes: 1, cause: "http_401" },
    ]
  ) {
    const key = { ...KEY, health: { ...KEY.health, state } };
    assert.deepEqual(readSavedKey(key), key);
  }
});

Deno.test("readSavedKey() needs no evidence", () => {
  const { evidence: _, ...health } = KEY.health;
  assert.deepEqual(readSavedKey({ ...KEY, health }), { ...KEY, health: { ...health, evidence: undefined } });
});

Deno.test("readSavedKey() reads no entry that lacks a field or has one of another type", () => {
  const entries = [
    undefined,
    "x",
    { ...KEY, tokenHash: 7 },
    { ...KEY, health: null },
    ...Object.keys(aHealth()).filter((name) => name !== "evidence")
      .map((name) => ({ ...KEY, health: { ...KEY.health, [name]: undefined } })),
    { ...KEY, health: { ...KEY.health, state: { kind: "resting" } } },
    { ...KEY, health: { ...KEY.health, evidence: { ...EVIDENCE, code: 7 } } },
  ];
  for (const entry of entries) assert.equal(readSavedKey(entry), undefined, JSON.stringify(entry));
});
