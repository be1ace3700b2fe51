import assert from "node:assert/strict";
import {
  availableAtMs,
  type Candidate,
  canKeepSession,
  chooseKey,
  earliestAtMs,
} from "../../src/auth/choice.ts";
import { aChoice, aHealth, aRecord, POLICY, SECOND, T0 } from "../support/builders.ts";

function key(name: string, over: Partial<Omit<Candidate, "record">> = {}): Candidate {
  return { record: aRecord(name), health: aHealth(), windows: [], turn: 0, ...over };
}

const STRUCK = aHealth({ strikes: 1, lastStrikeMs: T0 - 60 * SECOND });
const BURST = aHealth({
  state: { kind: "cooldown", untilMs: T0 + 20 * SECOND, cause: "http_429" },
  strikes: 1,
  lastStrikeMs: T0 - 10 * SECOND,
});
const EJECTED = aHealth({
  state: { kind: "blacklist", untilMs: T0 + 900 * SECOND, cause: "http_401" },
  nextTrialMs: T0 + 900 * SECOND,
});
const REFUSED = aHealth({
  modelLimits: [{ model: "gpt-6", untilMs: T0 + 900 * SECOND, cause: "model_not_supported" }],
});

function expired(name: string): Candidate {
  return { ...key(name), record: { ...aRecord(name), expiresAtMs: T0 } };
}

const FULL = {
  windows: [{
    limit: "codex",
    windowSeconds: 18_000,
    usedPercent: 100,
    resetAtMs: T0 + SECOND,
    source: "usage" as const,
    atMs: T0,
  }],
};

/** Tiers in the order in which they are taken: each key is chosen over all after it. */
const TIERS: [string, Candidate][] = [
  ["a stable key", key("a")],
  ["an unproven key", key("b", { health: STRUCK })],
  ["a key that should be full", key("c", FULL)],
  ["a key in a burst's cooldown", key("d", { health: BURST })],
  ["a key that was refused the model", key("e", { health: REFUSED })],
  ["a key whose token has expired", expired("f")],
];

for (const [at, [what, best]] of TIERS.entries()) {
  Deno.test(`chooseKey() prefers ${what} to what is worse`, () => {
    const keys = TIERS.slice(at).map(([, candidate]) => candidate).reverse();
    assert.equal(chooseKey(keys, aChoice({ model: "gpt-6" }), POLICY, T0), best);
  });
}

Deno.test("chooseKey() takes a key that was refused another model like any other", () => {
  const keys = [key("a", { health: REFUSED, turn: 1 }), key("b", { turn: 2 })];
  assert.equal(chooseKey(keys, aChoice({ model: "gpt-5" }), POLICY, T0)?.record.file, "a.json");
});

Deno.test("chooseKey() does not try a model's quota early, as it would a refusal of the model", () => {
  const limit = { model: "gpt-6", untilMs: T0 + SECOND, cause: "usage_limit_reached" };
  const limited = key("a", { health: aHealth({ modelLimits: [limit] }) });
  assert.equal(chooseKey([limited], aChoice({ model: "gpt-6" }), POLICY, T0), undefined);
});

Deno.test("chooseKey() never takes an expired key that is ejected", () => {
  const dead = { ...expired("a"), health: EJECTED };
  assert.equal(chooseKey([dead], aChoice(), POLICY, T0), undefined);
});

Deno.test("earliestAtMs() of a key in a burst's cooldown is five seconds after its strike", () => {
  const struck = key("a", { health: { ...BURST, lastStrikeMs: T0 } });
  assert.equal(earliestAtMs(struck, undefined, POLICY, T0), T0 + 5 * SECOND);
  assert.equal(earliestAtMs(key("b", { health: EJECTED }), undefined, POLICY, T0), T0 + 900 * SECOND);
});

Deno.test("chooseKey() takes the untried key whose turn was longest ago", () => {
  const keys = [key("a", { turn: 5 }), key("b", { turn: 3 }), key("c", { turn: 4 })];
  const next = (...tried: string[]) =>
    chooseKey(keys, aChoice({ tried: new Set(tried) }), POLICY, T0)?.record.file;
  assert.equal(next(), "b.json");
  assert.equal(next("b.json"), "c.json");
  assert.equal(next("a.json", "b.json", "c.json"), undefined);
});

Deno.test("chooseKey() never takes an ejected key", () => {
  assert.equal(chooseKey([key("a", { health: EJECTED })], aChoice(), POLICY, T0), undefined);
});

Deno.test("canKeepSession() is true while the session's key serves and has room", () => {
  const usable = (candidate: Candidate) => canKeepSession(candidate, aChoice(), POLICY, T0);
  assert.deepEqual([...TIERS.map(([, candidate]) => usable(candidate))], [
    true,
    true,
    false,
    false,
    true,
    false,
  ]);
  assert.equal(usable(key("a", { health: EJECTED })), false);
});

Deno.test("availableAtMs() counts a model's own limit for that model only", () => {
  const limited = key("a", {
    health: aHealth({ modelLimits: [{ model: "spark", untilMs: T0 + 7, cause: "usage_limit_reached" }] }),
  });
  assert.equal(availableAtMs(limited, "spark", POLICY, T0), T0 + 7);
  assert.equal(availableAtMs(limited, "other", POLICY, T0), 0);
});
