import assert from "node:assert/strict";
import { availableAtMs, type Candidate, canKeepSession, chooseKey } from "../../src/auth/choice.ts";
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

/** Tiers in the order in which they are taken: each key is chosen over all that stand behind it. */
const TIERS: [string, Candidate][] = [
  ["a stable key", key("a")],
  ["an unproven key", key("b", { health: STRUCK })],
  ["a key that should be full", key("c", FULL)],
  ["a key in a burst's cooldown", key("d", { health: BURST })],
];

for (const [at, [what, best]] of TIERS.entries()) {
  Deno.test(`chooseKey() takes ${what} over what is worse`, () => {
    const keys = TIERS.slice(at).map(([, candidate]) => candidate).reverse();
    assert.equal(chooseKey(keys, aChoice(), POLICY, T0), best);
  });
}

Deno.test("chooseKey() takes the one whose turn was longest ago, of those not tried", () => {
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
  assert.deepEqual([...TIERS.map(([, candidate]) => usable(candidate))], [true, true, false, false]);
  assert.equal(usable(key("a", { health: EJECTED })), false);
});

Deno.test("availableAtMs() counts a model's own limit for that model only", () => {
  const limited = key("a", {
    health: aHealth({ modelLimits: [{ model: "spark", untilMs: T0 + 7, cause: "usage_limit_reached" }] }),
  });
  assert.equal(availableAtMs(limited, "spark", POLICY, T0), T0 + 7);
  assert.equal(availableAtMs(limited, "other", POLICY, T0), 0);
});
