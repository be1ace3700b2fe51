import assert from "node:assert/strict";
import { SessionAffinity } from "../../src/auth/affinity.ts";
import { T0 } from "../support/builders.ts";

const HOUR = 3_600_000;

Deno.test("keyOf() remembers a session for an hour after its last use", () => {
  const affinity = new SessionAffinity();
  affinity.bind("s1", "a.json", T0);
  affinity.bind("s1", "a.json", T0 + HOUR / 2);
  assert.equal(affinity.keyOf("s1", T0 + HOUR), "a.json");
  assert.equal(affinity.keyOf("s1", T0 + HOUR * 1.5), undefined);
  assert.equal(affinity.keyOf("s2", T0), undefined);
});

Deno.test("bind() moves a session to another key", () => {
  const affinity = new SessionAffinity();
  affinity.bind("s1", "a.json", T0);
  affinity.bind("s1", "b.json", T0 + 1);
  assert.equal(affinity.keyOf("s1", T0 + 2), "b.json");
  assert.equal(affinity.size, 1);
});

Deno.test("previousKeyOf() is the key before the last move", () => {
  const affinity = new SessionAffinity();
  affinity.bind("s1", "a.json", T0);
  assert.equal(affinity.previousKeyOf("s1", T0), undefined);
  for (const file of ["b.json", "b.json"]) affinity.bind("s1", file, T0 + 1);
  assert.equal(affinity.previousKeyOf("s1", T0 + 2), "a.json");
  affinity.bind("s1", "c.json", T0 + 3);
  assert.equal(affinity.previousKeyOf("s1", T0 + 4), "b.json");
});

Deno.test("bind() keeps at most 4,096 sessions and forgets the one that was idle longest", () => {
  const affinity = new SessionAffinity();
  for (let i = 0; i < 4096; i++) affinity.bind(`s${i}`, "a.json", T0 + i);
  affinity.bind("s0", "a.json", T0 + 5000);
  affinity.bind("newest", "b.json", T0 + 5001);
  assert.equal(affinity.size, 4096);
  assert.equal(affinity.keyOf("s0", T0 + 5002), "a.json");
  assert.equal(affinity.keyOf("s1", T0 + 5002), undefined);
});

Deno.test("bind() forgets expired sessions", () => {
  const affinity = new SessionAffinity();
  for (let i = 0; i < 100; i++) affinity.bind(`s${i}`, "a.json", T0);
  affinity.bind("newest", "a.json", T0 + HOUR);
  assert.equal(affinity.size, 1);
});
