import assert from "node:assert/strict";
import fc from "fast-check";
import type { Candidate } from "../../src/auth/availability.ts";
import {
  canKeepSession,
  type ChoiceRequest,
  chooseKey,
  chooseNext,
  firstFreeMs,
  hasUsableKey,
  isInService,
  isWorthAMove,
  type PickReason,
  standingOf,
  untriedKeys,
} from "../../src/auth/choice.ts";
import {
  aCandidate,
  aChoice,
  aHealth,
  aReading,
  aRecord,
  POLICY,
  SECOND,
  someCredits,
  T0,
} from "../support/builders.ts";

const key = aCandidate;

/** The key that is chosen. */
function choose(...args: Parameters<typeof chooseKey<Candidate>>): Candidate | undefined {
  return chooseKey(...args)?.key;
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
    assert.equal(choose(keys, aChoice({ model: "gpt-6" }), POLICY, T0), best);
  });
}

Deno.test("chooseKey() takes a key that was refused another model like any other", () => {
  const keys = [key("a", { health: REFUSED, turn: 1 }), key("b", { turn: 2 })];
  assert.equal(choose(keys, aChoice({ model: "gpt-5" }), POLICY, T0)?.record.file, "a.json");
});

Deno.test("chooseKey() does not try a model's quota early, as it would a refusal of the model", () => {
  const limit = { model: "gpt-6", untilMs: T0 + SECOND, cause: "usage_limit_reached" };
  const limited = key("a", { health: aHealth({ modelLimits: [limit] }) });
  assert.equal(choose([limited], aChoice({ model: "gpt-6" }), POLICY, T0), undefined);
});

Deno.test("chooseKey() never takes an expired key that is ejected", () => {
  const dead = { ...expired("a"), health: EJECTED };
  assert.equal(choose([dead], aChoice(), POLICY, T0), undefined);
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
      assert.equal(choose(order, aChoice(), POLICY, T0)?.record.file, `${chosen}.json`);
    }
  });
}

/** A key like this one that the user has switched off. */
function disabled(candidate: Candidate): Candidate {
  return { ...candidate, record: { ...candidate.record, isDisabled: true } };
}

Deno.test("chooseKey() never takes a disabled key, whatever its state, and nobody waits for it", () => {
  const all = TIERS.map(([, candidate]) => disabled(candidate));
  assert.equal(choose(all, aChoice({ model: "gpt-6" }), POLICY, T0), undefined);
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
    assert.equal(choose(keys, aChoice(), POLICY, T0) !== undefined, isAsked);
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
  assert.ok(choose(keys, aChoice(), POLICY, after));
});

Deno.test("chooseKey() asks an expired key although other keys are ejected", () => {
  const keys = [key("a", { health: EJECTED }), key("b", { health: EJECTED }), expired("c")];
  assert.equal(choose(keys, aChoice(), POLICY, T0)?.record.file, "c.json");
});

Deno.test("firstFreeMs() waits for a valid key where expired ones are no longer asked", () => {
  const keys = [...expiredKeys(3, 2), key("z", { health: { ...BURST, lastStrikeMs: T0 } })];
  assert.equal(firstFreeMs(keys, aChoice(), POLICY, T0), T0 + 5 * SECOND);
});

Deno.test("chooseKey() takes the untried key whose turn was longest ago", () => {
  const keys = [key("a", { turn: 5 }), key("b", { turn: 3 }), key("c", { turn: 4 })];
  const next = (...tried: string[]) =>
    choose(keys, aChoice({ tried: new Set(tried) }), POLICY, T0)?.record.file;
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
    assert.equal(choose(keys, choice, POLICY, T0), isTaken ? owner : undefined);
    assert.equal(choose(keys, { ...choice, tried: new Set(["a.json"]) }, POLICY, T0), undefined);
  });
}

Deno.test("chooseKey() keeps the reserve of an owner, too", () => {
  const keys = [key("a", FULL), key("b")];
  const reserve = { ...POLICY, minRemainingPercent: 5 };
  assert.equal(choose(keys, aChoice({ owner: "a.json" }), reserve, T0), undefined);
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
  assert.equal(choose([key("a", { health: EJECTED })], aChoice(), POLICY, T0), undefined);
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

Deno.test("chooseKey() keeps the reserve although a key has credits", () => {
  const policy = { ...POLICY, minRemainingPercent: 10 };
  const keys = [key("a", { ...FULL, ...WITH_CREDITS })];
  assert.equal(choose(keys, aChoice(), policy, T0), undefined);
});

Deno.test("chooseKey() takes turns over several keys with credits", () => {
  const keys = ["a", "b"].map((name, turn) => key(name, { ...FULL, ...WITH_CREDITS, turn: 2 - turn }));
  assert.equal(choose(keys, aChoice(), POLICY, T0)?.record.file, "b.json");
});

/** `[what, keys, request, the reason, the key]` */
const REASONS: [string, Candidate[], Partial<ChoiceRequest>, PickReason, string][] = [
  ["its turn", [key("a", { turn: 2 }), key("b", { turn: 1 })], {}, "turn", "b"],
  ["being the only key", [key("a")], {}, "only one free", "a"],
  ["being the only free key", [key("a"), key("b", { health: QUOTA })], {}, "only one free", "a"],
  ["being the only untried key", [key("a"), key("b")], { tried: new Set(["b.json"]) }, "only one free", "a"],
  ["its priority", [key("a"), withPriority(10, key("b"))], {}, "priority", "b"],
  [
    "its turn among the highest",
    [
      withPriority(10, key("a", { turn: 1 })),
      withPriority(10, key("b")),
      key("c"),
    ],
    {},
    "turn",
    "b",
  ],
  [
    "a negative priority when no other is free",
    [
      key("a", { health: QUOTA }),
      withPriority(-10, key("b")),
      withPriority(-10, key("c")),
    ],
    {},
    "last resort",
    "b",
  ],
  [
    "its turn where all have a negative priority",
    [withPriority(-1, key("a")), withPriority(-1, key("b"))],
    {},
    "turn",
    "a",
  ],
  ["a window that should be full", [key("a", FULL)], {}, "last resort", "a"],
  ["a burst that may be over", [key("a", { health: BURST })], {}, "last resort", "a"],
  ["an expired token", [expired("a")], {}, "last resort", "a"],
  ["the client's wish", [key("a"), key("b")], { pinned: "b.json" }, "pinned", "b"],
  ["the client's wish, as a last resort", [key("a"), expired("b")], { pinned: "b.json" }, "pinned", "b"],
  ["an id", [key("a"), key("b")], { owner: "b.json" }, "owner", "b"],
  [
    "the client's wish rather than an id",
    [key("a"), key("b")],
    { owner: "b.json", pinned: "a.json" },
    "pinned",
    "a",
  ],
];

for (const [what, keys, request, picked, file] of REASONS) {
  Deno.test(`chooseKey() says ${picked} of a key that is chosen for ${what}`, () => {
    const chosen = chooseKey(keys, aChoice(request), POLICY, T0);
    assert.deepEqual([chosen?.picked, chosen?.key.record.file], [picked, `${file}.json`]);
  });
}

Deno.test("chooseKey() gives a pinned request no other key, and none while its key is out", () => {
  const pinned = aChoice({ pinned: "a.json" });
  for (const out of [key("a", { health: QUOTA }), key("a", { health: EJECTED }), disabled(key("a"))]) {
    assert.equal(choose([out, key("b")], pinned, POLICY, T0), undefined);
  }
  assert.equal(choose([key("b")], pinned, POLICY, T0), undefined);
});

const HOUR = 3600 * SECOND;

/** A key whose windows reset after these hours. */
function resetting(name: string, hours: { fiveHours?: number; week?: number }, turn = 0): Candidate {
  const windows = [
    ...(hours.fiveHours === undefined
      ? []
      : [aReading({ windowSeconds: 18_000, resetAtMs: T0 + hours.fiveHours * HOUR })]),
    ...(hours.week === undefined
      ? []
      : [aReading({ windowSeconds: 604_800, resetAtMs: T0 + hours.week * HOUR })]),
  ];
  return key(name, { windows, turn });
}

/** `[what, keys, the one that is used up first]` */
const DRAINED: [string, Candidate[], string][] = [
  ["the first reset", [resetting("a", { fiveHours: 4 }), resetting("b", { fiveHours: 1 })], "b"],
  ["the first weekly reset, whatever the shorter windows say", [
    resetting("a", { fiveHours: 1, week: 100 }),
    resetting("b", { fiveHours: 4, week: 20 }),
  ], "b"],
  ["the first reset of the shorter window where the weekly ones are alike", [
    resetting("a", { fiveHours: 4, week: 20 }),
    resetting("b", { fiveHours: 1, week: 20 }),
  ], "b"],
  ["a known reset rather than a window that has not begun", [key("a"), resetting("b", { week: 160 })], "b"],
  ["a reset to come rather than one that has passed", [
    resetting("a", { week: -1 }),
    resetting("b", { week: 160 }),
  ], "b"],
  ["the key that was used last, where nothing is known", [key("a", { turn: 3 }), key("b", { turn: 8 })], "b"],
  ["the next one when the first is full", [key("a", FULL), resetting("b", { week: 160 })], "b"],
  [
    "a higher priority first",
    [resetting("a", { week: 1 }), withPriority(1, resetting("b", { week: 160 }))],
    "b",
  ],
];

for (const [what, keys, file] of DRAINED) {
  Deno.test(`chooseKey() with drain takes ${what}`, () => {
    for (const order of [keys, keys.toReversed()]) {
      assert.equal(
        choose(order, aChoice(), { ...POLICY, rotation: "drain" }, T0)?.record.file,
        `${file}.json`,
      );
    }
  });
}

Deno.test("chooseKey() with drain goes on with the same key", () => {
  const keys = [
    resetting("a", { week: 30 }, 7),
    resetting("b", { week: 20 }, 8),
    resetting("c", { week: 40 }),
  ];
  const chosen = chooseKey(keys, aChoice(), { ...POLICY, rotation: "drain" }, T0);
  assert.deepEqual([chosen?.key.record.file, chosen?.picked], ["b.json", "drain"]);
});

Deno.test("chooseKey() gives what only the upstream of the settings can serve to no key with one of its own", () => {
  const own = key("a");
  const elsewhere = { ...own, record: { ...own.record, upstream: "https://api.openai.com/v1" } };
  assert.equal(choose([elsewhere], aChoice(), POLICY, T0), elsewhere);
  for (const over of [{}, { pinned: "a.json" }]) {
    const choice = aChoice({ ...over, mainOnly: true });
    assert.equal(choose([elsewhere], choice, POLICY, T0), undefined);
    assert.equal(canKeepSession(elsewhere, choice, POLICY, T0), false);
  }
});

/** `[what, end of the token, standing]` */
const EXPIRIES: [string, number | undefined, string][] = [
  ["no end", undefined, "ok"],
  ["an end to come", T0 + 1, "ok"],
  ["an end at this moment", T0, "expired"],
  ["an end that has passed", T0 - 1, "expired"],
];

for (const [what, expiresAtMs, standing] of EXPIRIES) {
  Deno.test(`standingOf() a key whose token has ${what} is ${standing}`, () => {
    const one = { ...key("a"), record: aRecord("a", { expiresAtMs }) };
    assert.equal(standingOf(one, T0), standing);
    assert.equal(standingOf(disabled(one), T0), "disabled");
    assert.equal(isInService(one, T0), standing === "ok");
    assert.equal(canKeepSession(one, aChoice(), POLICY, T0), standing === "ok");
  });
}

Deno.test("chooseKey() takes no key of a usual priority for a last resort, whatever is above it", () => {
  const ejected = withPriority(1, key("a", { health: EJECTED }));
  const pickedAt = (priority: number) =>
    chooseKey(
      [ejected, ...["b", "c"].map((name) => withPriority(priority, key(name)))],
      aChoice(),
      POLICY,
      T0,
    )
      ?.picked;
  assert.deepEqual([1, 0, -1].map(pickedAt), ["turn", "turn", "last resort"]);
});

Deno.test("chooseKey() asks for a refused model from the moment on at which a trial may begin", () => {
  const health = { ...REFUSED, state: PROBATION.state };
  const at = (nextTrialMs: number) =>
    choose([key("a", { health: { ...health, nextTrialMs } })], aChoice({ model: "gpt-6" }), POLICY, T0);
  assert.equal(at(T0)?.record.file, "a.json");
  assert.equal(at(T0 + 1), undefined);
});

const GPT6 = aChoice({ model: "gpt-6" });
const endingNow = (cause: string) => aHealth({ modelLimits: [{ model: "gpt-6", untilMs: T0, cause }] });
const ended = aHealth({ state: { kind: "cooldown", untilMs: T0, cause: "http_429" } });

/** `[what, key, whether a session for gpt-6 stays on it]` */
const KEPT: [string, Candidate, boolean][] = [
  ["a stable key", key("a"), true],
  ["a key with a strike", key("a", { health: STRUCK }), true],
  ["a key whose cooldown ends at this moment", key("a", { health: ended }), true],
  ["a key whose limit for the model ends at this moment", key("a", { health: endingNow("x") }), true],
  ["a key in cooldown", key("a", { health: QUOTA }), false],
  ["a key on probation", key("a", { health: PROBATION }), false],
  ["a key that was refused the model", key("a", { health: REFUSED }), false],
  ["a full key", key("a", FULL), false],
  ["a full key with credits", key("a", { ...FULL, ...WITH_CREDITS }), true],
  ["a disabled key", disabled(key("a")), false],
];

for (const [what, kept, expected] of KEPT) {
  Deno.test(`canKeepSession() is ${expected} for ${what}`, () => {
    assert.equal(canKeepSession(kept, GPT6, POLICY, T0), expected);
    assert.equal(canKeepSession(kept, aChoice({ tried: new Set(["a.json"]) }), POLICY, T0), false);
    assert.equal(canKeepSession(kept, aChoice({ pinned: "b.json" }), POLICY, T0), false);
  });
}

const SPENDING = { ...FULL, ...WITH_CREDITS };

/** `[what, key of the session, key that is next, whether it moves]` */
const MOVES: [string, Candidate, Candidate, boolean][] = [
  ["from a lower priority", key("a"), withPriority(1, key("b")), true],
  ["within a priority", key("a"), key("b"), false],
  ["from a higher priority", withPriority(1, key("a")), key("b"), false],
  ["to a higher one that is not proven", key("a"), withPriority(1, key("b", { health: STRUCK })), false],
  ["to a higher one that is full", key("a"), withPriority(1, key("b", FULL)), false],
  ["from credits to quota", key("a", SPENDING), key("b"), true],
  ["from credits to credits", key("a", SPENDING), key("b", SPENDING), false],
  ["from quota to credits", key("a"), key("b", SPENDING), false],
  ["from credits to a lower priority", withPriority(1, key("a", SPENDING)), key("b"), false],
  [
    "from credits to credits of a higher priority",
    key("a", SPENDING),
    withPriority(1, key("b", SPENDING)),
    true,
  ],
];

for (const [what, kept, next, expected] of MOVES) {
  Deno.test(`isWorthAMove() is ${expected} ${what}`, () => {
    assert.equal(isWorthAMove(kept, next, POLICY, T0), expected);
  });
}

const healths = fc.constantFrom(undefined, STRUCK, BURST, EJECTED, QUOTA, PROBATION, REFUSED);
const candidates: fc.Arbitrary<Candidate> = fc.record({
  health: healths,
  priority: fc.constantFrom(0, 0, 0, 1, -1),
  isDisabled: fc.constantFrom(false, false, false, true),
  isExpired: fc.constantFrom(false, false, false, true),
  isFull: fc.constantFrom(false, false, false, true),
  upstream: fc.constantFrom(undefined, undefined, undefined, "https://own.example/v1"),
}).map(({ health, priority, isDisabled, isExpired, isFull, upstream }) => {
  const base = key("x", health ? { health } : {});
  const expiresAtMs = isExpired ? T0 : undefined;
  return {
    ...base,
    ...(isFull ? FULL : {}),
    record: { ...base.record, priority, isDisabled, expiresAtMs, upstream },
  };
});

Deno.test("chooseNext() finds what chooseKey() finds, for any keys in any order", () => {
  const property = fc.property(
    fc.array(candidates, { maxLength: 8 }),
    fc.array(fc.nat(7), { maxLength: 3 }),
    fc.boolean(),
    fc.constantFrom([], [], [undefined], ["https://own.example/v1"]),
    fc.constantFrom(undefined, "gpt-6"),
    fc.infiniteStream(fc.nat(20)),
    fc.constantFrom("session" as const, "drain" as const),
    (drawn, triedIndexes, mainOnly, unreached, model, turns, rotation) => {
      const keys = drawn.map((candidate, index) => ({
        ...candidate,
        turn: Number(turns.next().value) * 10 + index,
        record: { ...candidate.record, file: `k${index}.json` },
      }));
      const tried = new Set(triedIndexes.map((index) => `k${index}.json`));
      const request = aChoice({ tried, mainOnly, unreachable: new Set(unreached), model });
      const highestPriority = Math.max(
        ...keys.flatMap(({ record }) => record.isDisabled ? [] : [record.priority]),
      );
      const inLine = keys.toSorted((a, b) => a.turn - b.turn);
      assert.deepEqual(
        chooseNext({ inLine, all: () => keys, highestPriority }, request, { ...POLICY, rotation }, T0),
        chooseKey(keys, request, { ...POLICY, rotation }, T0),
      );
    },
  );
  fc.assert(property, { numRuns: 3_000 });
});

Deno.test("chooseNext() gives a request no key of an upstream that it could not reach", () => {
  const inLine = ["a", "b", "c"].map((name) => key(name));
  const request = aChoice({ tried: new Set(["a.json"]), unreachable: new Set([undefined]) });
  const next = chooseNext({ inLine, all: () => inLine, highestPriority: 0 }, request, POLICY, T0);
  assert.equal(next, undefined);
});

Deno.test("chooseNext() looks at no more of ten thousand keys than it has to", () => {
  let looked = 0;
  const keys = Array.from({ length: 10_000 }, (_, index) => key(`k${index}`));
  function* inLine() {
    for (const one of keys) yield (looked++, one);
  }
  const all = () => assert.fail("all keys were looked at");
  const next = chooseNext({ inLine: inLine(), all, highestPriority: 0 }, aChoice(), POLICY, T0);
  assert.equal(next?.key, keys[0]);
  assert.equal(looked, 2);
});
