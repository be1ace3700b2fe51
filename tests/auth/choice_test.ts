import assert from "node:assert/strict";
import {
  availableAtMs,
  type Candidate,
  canKeepSession,
  type ChoiceRequest,
  chooseKey,
  earliestAtMs,
  firstFreeMs,
  hasRoom,
  hasUsableKey,
  spendsCredits,
  untriedKeys,
} from "../../src/auth/choice.ts";
import { UNKNOWN_CREDITS } from "../../src/auth/credits.ts";
import { aChoice, aHealth, aRecord, POLICY, SECOND, someCredits, T0 } from "../support/builders.ts";

function key(name: string, over: Partial<Omit<Candidate, "record">> = {}): Candidate {
  return {
    record: aRecord(name),
    health: aHealth(),
    windows: [],
    credits: UNKNOWN_CREDITS,
    turn: 0,
    ...over,
  };
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
const QUOTA = aHealth({
  state: { kind: "cooldown", untilMs: T0 + 900 * SECOND, cause: "usage_limit_reached" },
});
const PROBATION = aHealth({
  state: { kind: "probation", successes: 0, cause: "http_401" },
  nextTrialMs: T0 + 20 * SECOND,
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

const WITH_CREDITS = { credits: { credits: someCredits(), refused: undefined } };
const REFUSED_CREDITS = { credits: { credits: someCredits(), refused: someCredits() } };

/** Tiers in the order in which they are taken: each key is chosen over all after it. */
const TIERS: [string, Candidate][] = [
  ["a stable key", key("a")],
  ["a full key with credits", key("g", { ...FULL, ...WITH_CREDITS })],
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

function withPriority(priority: number, candidate: Candidate): Candidate {
  return { ...candidate, record: { ...candidate.record, priority } };
}

/** `[what, keys, the one that is chosen]` */
const PRIORITIES: [string, Candidate[], string][] = [
  ["the highest of three", [key("a"), withPriority(-5, key("b")), withPriority(10, key("c"))], "c"],
  ["the first turn among the highest", [
    withPriority(10, key("a", { turn: 7 })),
    withPriority(10, key("b", { turn: 3 })),
    key("c"),
  ], "b"],
  ["a lower one when the highest cools down", [withPriority(10, key("a", { health: QUOTA })), key("b")], "b"],
  ["a lower stable one rather than a higher unproven one", [
    withPriority(10, key("a", { health: STRUCK })),
    withPriority(-10, key("b")),
  ], "b"],
  ["a lower one rather than a higher full one", [withPriority(10, key("a", FULL)), key("b")], "b"],
  ["a higher one with credits rather than a lower one with quota", [
    key("a", { ...FULL, ...WITH_CREDITS }),
    withPriority(-10, key("b")),
  ], "a"],
  ["the highest of those in a burst's cooldown", [
    key("a", { health: BURST }),
    withPriority(10, key("b", { health: BURST, turn: 9 })),
  ], "b"],
  ["a lower one rather than a higher expired one", [withPriority(10, expired("a")), key("b")], "b"],
  ["a lower one rather than a higher disabled one", [disabled(withPriority(10, key("a"))), key("b")], "b"],
];

for (const [what, keys, chosen] of PRIORITIES) {
  Deno.test(`chooseKey() by priority takes ${what}`, () => {
    for (const order of [keys, keys.toReversed()]) {
      assert.equal(chooseKey(order, aChoice(), POLICY, T0)?.record.file, `${chosen}.json`);
    }
  });
}

/** A key like this one that the user has switched off. */
function disabled(candidate: Candidate): Candidate {
  return { ...candidate, record: { ...candidate.record, isDisabled: true } };
}

Deno.test("chooseKey() never takes a disabled key, whatever its state, and nobody waits for it", () => {
  const all = TIERS.map(([, candidate]) => disabled(candidate));
  assert.equal(chooseKey(all, aChoice({ model: "gpt-6" }), POLICY, T0), undefined);
  assert.equal(firstFreeMs(all, aChoice(), POLICY, T0), undefined);
  assert.ok(all.every((candidate) => !canKeepSession(candidate, aChoice(), POLICY, T0)));
});

function expiredKeys(count: number, ejectedCount: number): Candidate[] {
  return Array.from({ length: count }, (_, at) => {
    const candidate = expired(`k${at}`);
    return at < ejectedCount ? { ...candidate, health: EJECTED } : candidate;
  });
}

/** `[expired keys, ejected ones of them, whether another is asked]` */
const EXPIRED: [number, number, boolean][] = [
  [1, 0, true],
  [2, 1, true],
  [3, 1, true],
  [3, 2, false],
  [40, 0, true],
  [40, 1, true],
  [40, 2, false],
  [40, 39, false],
];

for (const [count, ejected, isAsked] of EXPIRED) {
  Deno.test(`chooseKey() ${isAsked ? "asks" : "does not ask"} another of ${count} expired keys when ${ejected} are ejected`, () => {
    const keys = expiredKeys(count, ejected);
    assert.equal(chooseKey(keys, aChoice(), POLICY, T0) !== undefined, isAsked);
    assert.equal(firstFreeMs(keys, aChoice(), POLICY, T0) !== undefined, isAsked);
  });
}

/** `[what, keys, whether one is usable]` */
const POOLS: [string, Candidate[], boolean][] = [
  ["no keys", [], false],
  ["a stable key", [key("a")], true],
  ["an ejected key", [key("a", { health: EJECTED })], false],
  ["a disabled key", [disabled(key("a"))], false],
  ["an expired key alone", [expired("a")], true],
  ["an expired key and a disabled one", [expired("a"), disabled(key("b"))], true],
  ["an expired key and an ejected one", [expired("a"), key("b", { health: EJECTED })], false],
  ["an expired key that is disabled", [disabled(expired("a"))], false],
  ["expired keys of which one is ejected", expiredKeys(3, 1), true],
  ["expired keys of which two are ejected", expiredKeys(40, 2), false],
];

for (const [what, keys, isUsable] of POOLS) {
  Deno.test(`hasUsableKey() of ${what} is ${isUsable}`, () => {
    assert.equal(hasUsableKey(keys, T0), isUsable);
  });
}

Deno.test("chooseKey() asks an expired key again once an ejection has expired", () => {
  const keys = expiredKeys(40, 2);
  const after = T0 + 900 * SECOND;
  assert.ok(chooseKey(keys, aChoice(), POLICY, after));
});

Deno.test("chooseKey() asks an expired key although other keys are ejected", () => {
  const keys = [key("a", { health: EJECTED }), key("b", { health: EJECTED }), expired("c")];
  assert.equal(chooseKey(keys, aChoice(), POLICY, T0)?.record.file, "c.json");
});

Deno.test("firstFreeMs() waits for a valid key where expired ones are no longer asked", () => {
  const keys = [...expiredKeys(3, 2), key("z", { health: { ...BURST, lastStrikeMs: T0 } })];
  assert.equal(firstFreeMs(keys, aChoice(), POLICY, T0), T0 + 5 * SECOND);
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

/** `[what, the owner of what the request names, is it taken?]`: keys beside it are stable and had no turn yet. */
const OWNERS: readonly [string, Candidate, boolean][] = [
  ["that is stable", key("a", { turn: 9 }), true],
  ["that is unproven", key("a", { health: STRUCK }), true],
  ["that should be full", key("a", FULL), true],
  ["in a burst's cooldown whose five seconds are over", key("a", { health: BURST }), true],
  ["in a burst's cooldown", key("a", { health: { ...BURST, lastStrikeMs: T0 - SECOND } }), false],
  ["that waits for its quota", key("a", { health: QUOTA }), false],
  ["that was refused the model", key("a", { health: REFUSED }), true],
  ["whose token has expired", expired("a"), true],
  ["on probation whose trial is due", key("a", { health: { ...PROBATION, nextTrialMs: T0 } }), true],
  ["on probation", key("a", { health: PROBATION }), false],
];

for (const [what, owner, isTaken] of OWNERS) {
  Deno.test(`chooseKey() ${isTaken ? "takes" : "waits for"} an owner ${what} and no other key`, () => {
    const choice = aChoice({ owner: "a.json", model: "gpt-6" });
    const keys = [key("b"), owner, key("c")];
    assert.equal(chooseKey(keys, choice, POLICY, T0), isTaken ? owner : undefined);
    assert.equal(chooseKey(keys, { ...choice, tried: new Set(["a.json"]) }, POLICY, T0), undefined);
  });
}

Deno.test("chooseKey() keeps the reserve of an owner, too", () => {
  const keys = [key("a", FULL), key("b")];
  const reserve = { ...POLICY, minRemainingPercent: 5 };
  assert.equal(chooseKey(keys, aChoice({ owner: "a.json" }), reserve, T0), undefined);
});

Deno.test("untriedKeys() is the owner alone, where there is one", () => {
  const keys = ["a", "b", "c"].map((name) => key(name));
  const files = (over: Partial<ChoiceRequest>) =>
    untriedKeys(keys, aChoice(over)).map(({ record }) => record.file[0]).join("");
  assert.deepEqual(
    [
      files({}),
      files({ tried: new Set(["b.json"]) }),
      files({ owner: "b.json" }),
      files({ owner: "x.json" }),
    ],
    ["abc", "ac", "b", ""],
  );
});

Deno.test("chooseKey() never takes an ejected key", () => {
  assert.equal(chooseKey([key("a", { health: EJECTED })], aChoice(), POLICY, T0), undefined);
});

Deno.test("canKeepSession() is true while the session's key serves and has room", () => {
  const usable = (candidate: Candidate) => canKeepSession(candidate, aChoice(), POLICY, T0);
  assert.deepEqual([...TIERS.map(([, candidate]) => usable(candidate))], [
    true,
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

/** `[what, key, whether it can be expected to serve, whether on credits]` */
const ROOM: [string, Candidate, boolean, boolean][] = [
  ["quota", key("a"), true, false],
  ["quota and credits", key("a", WITH_CREDITS), true, false],
  ["a full window and credits", key("a", { ...FULL, ...WITH_CREDITS }), true, true],
  ["a full window and credits that were refused", key("a", { ...FULL, ...REFUSED_CREDITS }), false, false],
  ["a full window", key("a", FULL), false, false],
];

for (const [what, candidate, isRoomy, isPaid] of ROOM) {
  Deno.test(`hasRoom() with ${what} is ${isRoomy}, ${isPaid ? "" : "not "}on credits`, () => {
    assert.equal(hasRoom(candidate, POLICY, T0), isRoomy);
    assert.equal(spendsCredits(candidate, POLICY, T0), isPaid);
  });
}

Deno.test("chooseKey() keeps the reserve although a key has credits", () => {
  const policy = { ...POLICY, minRemainingPercent: 10 };
  const keys = [key("a", { ...FULL, ...WITH_CREDITS })];
  assert.equal(chooseKey(keys, aChoice(), policy, T0), undefined);
});

Deno.test("chooseKey() takes turns over several keys with credits", () => {
  const keys = ["a", "b"].map((name, turn) => key(name, { ...FULL, ...WITH_CREDITS, turn: 2 - turn }));
  assert.equal(chooseKey(keys, aChoice(), POLICY, T0)?.record.file, "b.json");
});
