import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { nextStep, provenModelRefusals, type Step, type StepContext } from "../../src/proxy/step.ts";
import type { Attempt } from "../../src/upstream/attempt_end.ts";
import type { Failure } from "../../src/upstream/attempt_watch.ts";
import {
  aChoice,
  aRecord,
  aVerdict,
  LIMITED,
  limitedUntil,
  OK,
  POLICY,
  REJECTED,
  SECOND,
  T0,
} from "../support/builders.ts";

const CONTEXT: StepContext = {
  isOwnLogin: false,
  pinned: undefined,
  mainOnly: false,
  withoutKeys: new Set(),
  session: undefined,
  stateIds: [],
  model: undefined,
  isCodex: false,
  authDir: "/auths",
  upstreamOrigin: "https://upstream.example",
  holdUntilMs: T0 + 20 * SECOND,
  maxAttempts: 8,
};

function aPool(penalties: Record<string, Outcome>): KeyPool {
  const pool = new KeyPool(POLICY, () => {});
  pool.merge(Object.keys(penalties).map((name) => aRecord(name)), T0);
  for (const [name, outcome] of Object.entries(penalties)) {
    pool.apply(
      { record: aRecord(name), startedMs: T0 },
      aVerdict(outcome, T0, { status: 401, requestId: "req_1" }),
    );
  }
  return pool;
}

/** An attempt as a step sees it. */
type Tried = Attempt<undefined>;

function tried(name: string, outcome: Outcome, failure?: Failure): Tried {
  const verdict = { key: aRecord(name), outcome, atMs: T0 };
  if (failure) return { ...verdict, kind: "failed", failure };
  return { ...verdict, kind: "answered", status: null, answer: undefined };
}

const UNSENT = { isUnsent: true, isTimeout: false, isLost: false, reason: "connection refused" };
const BROKEN = { isUnsent: false, isTimeout: false, isLost: false, reason: "connection reset" };
const TIMED_OUT = { isUnsent: false, isTimeout: true, isLost: false, reason: "no answer within 5m" };
const LOST = { isUnsent: false, isTimeout: false, isLost: true, reason: "used connection was dead" };
const FAILED: Outcome = { kind: "origin_failed", code: "no_answer" };

/** `send a`, `wait 5` (seconds), `relay`, `refuse 429`. */
function textOf(step: Step): string {
  switch (step.kind) {
    case "send":
      return `send ${step.key.file[0]}`;
    case "wait":
      return `wait ${(step.untilMs - T0) / SECOND}`;
    case "relay":
    case "pass_through":
      return step.kind;
    case "refuse":
      return `refuse ${step.refusal.status}`;
  }
}

const OVERLOADED: Outcome = { kind: "overloaded", code: "server_is_overloaded" };

function alike(status: number): Tried {
  const outcome = { kind: "origin_failed", code: "refused_alike" } as const;
  return { kind: "answered", key: aRecord("a"), outcome, atMs: T0, status, answer: undefined };
}

const NO_MODEL: Outcome = { kind: "model_refused", code: "model_not_supported" };
const ELSEWHERE: Outcome = { kind: "other_account", code: "invalid_encrypted_content" };
const answered401: Tried = {
  kind: "answered",
  key: undefined,
  outcome: { kind: "client_error", code: "mismatched_organization" },
  atMs: T0,
  status: 401,
  answer: undefined,
};

const soon = limitedUntil(T0 + 5 * SECOND);
const later = limitedUntil(T0 + 60 * SECOND);

/** `[what, keys with their last outcome, attempts so far, step]` */
const STEPS: [string, Record<string, Outcome>, Tried[], string][] = [
  ["a fresh request", { a: OK, b: OK }, [], "send a"],
  ["a success", { a: OK }, [tried("a", OK)], "relay"],
  ["an answer that is the request's fault", { a: OK }, [
    tried("a", { kind: "client_error", code: undefined }),
  ], "relay"],
  ["a 5xx", { a: OK, b: OK }, [tried("a", { kind: "origin_failed", code: "http_503" })], "relay"],
  ["a 401", { a: REJECTED, b: OK }, [tried("a", REJECTED)], "send b"],
  ["a burst", { a: LIMITED, b: OK, c: OK }, [tried("a", LIMITED)], "send b"],
  [
    "a second burst",
    { a: LIMITED, b: LIMITED, c: OK },
    [tried("a", LIMITED), tried("b", LIMITED)],
    "wait 5",
  ],
  ["a burst of the only key", { a: LIMITED }, [tried("a", LIMITED)], "wait 5"],
  ["a second quota", { a: later, b: later, c: OK }, [tried("a", later), tried("b", later)], "send c"],
  ["an overload", { a: OK, b: OK, c: OK }, [tried("a", OVERLOADED)], "send b"],
  ["a second overload", { a: OK, b: OK, c: OK }, [tried("a", OVERLOADED), tried("b", OVERLOADED)], "relay"],
  ["an overload of the only key", { a: OK }, [tried("a", OVERLOADED)], "relay"],
  ["a 403 that every key met", { a: OK, b: OK }, [alike(403)], "relay"],
  ["a 401 that every key met", { a: OK, b: OK }, [alike(401)], "refuse 503"],
  ["a burst although the key is good again", { a: OK }, [tried("a", LIMITED)], "send a"],
  ["a model that is refused", { a: OK, b: OK }, [tried("a", NO_MODEL)], "send b"],
  ["a model that all refuse", { a: OK, b: OK }, [tried("a", NO_MODEL), tried("b", NO_MODEL)], "relay"],
  [
    "a model that is refused where another key cools down",
    { a: OK, b: later },
    [tried("a", NO_MODEL)],
    "refuse 429",
  ],
  [
    "a model that is refused where another key is dead",
    { a: OK, b: REJECTED },
    [tried("a", NO_MODEL)],
    "relay",
  ],
  ["state of another account", { a: OK, b: OK, c: OK }, [tried("a", ELSEWHERE)], "send b"],
  ["state of no account", { a: OK, b: OK }, [tried("a", ELSEWHERE), tried("b", ELSEWHERE)], "relay"],
  ["a 401 about the request", { a: OK, b: OK }, [{ ...answered401, key: aRecord("a") }], "refuse 503"],
  [
    "eight dead keys of ten",
    Object.fromEntries([..."abcdefghij"].map((name) => [name, OK])),
    [..."abcdefgh"].map((name) => tried(name, REJECTED)),
    "refuse 503",
  ],
  [
    "eight keys without the state",
    Object.fromEntries([..."abcdefghij"].map((name) => [name, OK])),
    [..."abcdefgh"].map((name) => tried(name, ELSEWHERE)),
    "relay",
  ],
  ["a first connection that failed", { a: OK, b: OK }, [tried("a", FAILED, UNSENT)], "send a"],
  ["a second one", { a: OK, b: OK }, [tried("a", FAILED, UNSENT), tried("a", FAILED, UNSENT)], "refuse 502"],
  ["a connection that broke", { a: OK, b: OK }, [tried("a", FAILED, BROKEN)], "refuse 502"],
  ["a connection that was lost", { a: OK, b: OK }, [tried("a", FAILED, LOST)], "send a"],
  [
    "a second one that was lost",
    { a: OK },
    [tried("a", FAILED, LOST), tried("a", FAILED, LOST)],
    "refuse 502",
  ],
  ["a lost one after a refusal", { a: OK, b: OK }, [tried("a", LIMITED), tried("b", FAILED, LOST)], "send b"],
  [
    "a timeout after a lost one",
    { a: OK },
    [tried("a", FAILED, LOST), tried("a", FAILED, TIMED_OUT)],
    "refuse 504",
  ],
  ["a timeout", { a: OK, b: OK }, [tried("a", FAILED, TIMED_OUT)], "refuse 504"],
  ["a key that is free within the hold time", { a: soon, b: later }, [], "wait 5"],
  ["a key that is free later", { a: later }, [], "refuse 429"],
  ["a key that is free soon but was tried", { a: soon, b: later }, [tried("a", soon)], "refuse 429"],
  ["cooling and ejected keys", { a: later, b: REJECTED }, [], "refuse 429"],
  ["ejected keys alone", { a: REJECTED, b: REJECTED }, [], "refuse 503"],
  ["no keys", {}, [], "refuse 503"],
];

for (const [what, keys, attempts, expected] of STEPS) {
  Deno.test(`nextStep() after ${what}: ${expected}`, () => {
    assert.equal(textOf(nextStep(aPool(keys), CONTEXT, attempts, T0)), expected);
  });
}

Deno.test("nextStep() keeps a session on its key and leaves it when that was tried", () => {
  const pool = aPool({ a: OK, b: OK });
  const context = { ...CONTEXT, session: "s1" };
  pool.lease(aRecord("b"), aChoice({ session: "s1" }), T0);
  assert.equal(textOf(nextStep(pool, context, [], T0)), "send b");
  assert.equal(textOf(nextStep(pool, context, [tried("b", REJECTED)], T0)), "send a");
});

Deno.test("nextStep() answers 400 to Codex where others get 503, since Codex repeats a 503 thirty times", () => {
  const context = { ...CONTEXT, isCodex: true };
  assert.equal(textOf(nextStep(aPool({ a: REJECTED }), context, [], T0)), "refuse 400");
  assert.equal(textOf(nextStep(aPool({}), context, [], T0)), "refuse 400");
  assert.equal(textOf(nextStep(aPool({ a: later }), context, [], T0)), "refuse 429");
});

Deno.test("nextStep() ends a request that every key refused, also where one of them is not ejected for it", () => {
  // At most half of the keys are ejected for a 403.
  const pool = aPool({ a: REJECTED, b: OK });
  const attempts = [tried("a", REJECTED), tried("b", REJECTED)];
  const context = { ...CONTEXT, isCodex: true };
  assert.equal(textOf(nextStep(pool, context, attempts, T0)), "refuse 400");
  assert.equal(textOf(nextStep(pool, CONTEXT, attempts, T0)), "refuse 503");
  assert.equal(textOf(nextStep(pool, context, attempts.slice(0, 1), T0)), "send b");
});

Deno.test("nextStep() goes back to a session's former key for what only that one can decrypt", () => {
  const pool = aPool({ a: OK, b: OK });
  const context = { ...CONTEXT, session: "s1" };
  for (const name of ["a", "b"]) pool.affinity.settle("s1", `${name}.json`, true, T0);
  const foreign = ELSEWHERE;
  assert.equal(textOf(nextStep(pool, context, [tried("b", foreign)], T0)), "send a");
  assert.equal(textOf(nextStep(pool, context, [tried("b", foreign), tried("a", foreign)], T0)), "relay");
  assert.equal(
    textOf(nextStep(pool, context, [tried("b", { kind: "client_error", code: undefined })], T0)),
    "relay",
  );
});

Deno.test("nextStep() asks a burst's keys again after five seconds, and gives up at the end of the hold time", () => {
  const pool = aPool({ a: LIMITED, b: LIMITED });
  const attempts = [tried("a", LIMITED), tried("b", LIMITED)];
  assert.equal(textOf(nextStep(pool, CONTEXT, attempts, T0 + 5 * SECOND)), "send a");
  const impatient = { ...CONTEXT, holdUntilMs: T0 + SECOND };
  const step = nextStep(pool, impatient, attempts, T0);
  assert.equal(step.kind === "refuse" && step.refusal.type, "rate_limit_exceeded");
  assert.equal(step.kind === "refuse" && step.refusal.retry?.afterS, 3);
});

/** `[what, outcome of the last attempt that may be made, step, type of the refusal]`; another key is free. */
const AT_LIMIT: [string, Outcome, string, string | undefined][] = [
  ["a rejection", REJECTED, "refuse 503", "too_many_attempts"],
  ["a burst", LIMITED, "refuse 429", "rate_limit_exceeded"],
  ["a quota", later, "refuse 503", "too_many_attempts"],
  ["a refused model", NO_MODEL, "relay", undefined],
  ["what lives elsewhere", ELSEWHERE, "relay", undefined],
  ["an overload", OVERLOADED, "relay", undefined],
];

for (const [what, outcome, expected, type] of AT_LIMIT) {
  Deno.test(`nextStep() at the limit of attempts, after ${what}: ${expected}`, () => {
    const step = (maxAttempts: number) =>
      nextStep(aPool({ b: OK, c: OK }), { ...CONTEXT, maxAttempts }, [tried("a", outcome)], T0);
    assert.equal(textOf(step(2)), "send b");
    assert.equal(textOf(step(1)), expected);
    const refused = step(1);
    assert.equal(refused.kind === "refuse" ? refused.refusal.type : undefined, type);
  });
}

Deno.test("nextStep() waits for a burst and for a key until the very end of the hold time", () => {
  const attempts = [tried("a", LIMITED), tried("b", LIMITED)];
  const stepWith = (holdUntilMs: number, keys: Record<string, Outcome>, before: Tried[]) =>
    textOf(nextStep(aPool(keys), { ...CONTEXT, holdUntilMs }, before, T0));
  const end = T0 + 5 * SECOND;
  assert.equal(stepWith(end, { a: LIMITED, b: LIMITED }, attempts), "wait 5");
  assert.equal(stepWith(end - 1, { a: LIMITED, b: LIMITED }, attempts), "refuse 429");
  assert.equal(stepWith(end, { a: soon }, []), "wait 5");
  assert.equal(stepWith(end - 1, { a: soon }, []), "refuse 429");
});

Deno.test("nextStep() waits until the first of two bursts may be over", () => {
  const attempts = [tried("a", LIMITED), { ...tried("b", LIMITED), atMs: T0 + 2 * SECOND }];
  const pool = aPool({ a: LIMITED, b: LIMITED });
  assert.equal(textOf(nextStep(pool, CONTEXT, attempts, T0 + 2 * SECOND)), "wait 5");
});

Deno.test("nextStep() waits for the one key whose token is being renewed, until the end of the hold time", () => {
  const pool = new KeyPool(POLICY, () => {});
  pool.merge([aRecord("a", { expiresAtMs: T0 - SECOND })], T0);
  pool.renewals.askWith(() => {}, () => {});
  pool.renewals.queue(["a.json"]);
  assert.deepEqual(nextStep(pool, CONTEXT, [], T0), {
    kind: "wait",
    untilMs: CONTEXT.holdUntilMs,
    renewals: ["a.json"],
  });
  assert.equal(textOf(nextStep(pool, CONTEXT, [], CONTEXT.holdUntilMs)), "refuse 503");
});

Deno.test("nextStep() says how long a key waits, whatever the wall clock was set to", () => {
  for (const wallAheadMs of [0, 3_600_000, -3_600_000]) {
    const pool = new KeyPool(POLICY, () => {}, { wallAheadMs });
    pool.merge([aRecord("a")], T0);
    const until = { ...limitedUntil(T0 + wallAheadMs + 60 * SECOND), isMoment: true };
    pool.apply({ record: aRecord("a"), startedMs: T0 }, aVerdict(until, T0, { status: 429 }));
    const step = nextStep(pool, CONTEXT, [], T0);
    assert.equal(step.kind === "refuse" && step.refusal.retry?.afterS, 60);
  }
});

const OWN_LOGIN = { ...CONTEXT, isOwnLogin: true };

/** `[what, attempts so far, step]` */
const OWN_LOGIN_STEPS: [string, Tried[], string][] = [
  ["nothing", [], "pass_through"],
  ["an answer", [{ ...tried("a", OK), key: undefined }], "relay"],
  ["a 401", [{ ...tried("a", REJECTED), key: undefined }], "relay"],
  ["a 429", [{ ...tried("a", LIMITED), key: undefined }], "relay"],
  ["a connection that failed", [{ ...tried("a", FAILED, UNSENT), key: undefined }], "refuse 502"],
  ["a connection that was lost", [{ ...tried("a", FAILED, LOST), key: undefined }], "pass_through"],
  ["a second one", Array(2).fill({ ...tried("a", FAILED, LOST), key: undefined }), "refuse 502"],
  ["a timeout", [{ ...tried("a", FAILED, TIMED_OUT), key: undefined }], "refuse 504"],
];

for (const [what, attempts, expected] of OWN_LOGIN_STEPS) {
  Deno.test(`nextStep() for the client's own login, after ${what}: ${expected}, and no key is used`, () => {
    assert.equal(textOf(nextStep(aPool({ a: OK }), OWN_LOGIN, attempts, T0)), expected);
  });
}

/** Keys `a`, `b`, `c`; `x` is an id that `a` has made. `[what, keys with their last outcome, attempts so far, step]` */
const OWNED: [string, Record<string, Outcome>, Tried[], string][] = [
  ["is usable", { b: OK, a: OK }, [], "send a"],
  ["had a burst that is over soon", { b: OK, a: LIMITED }, [], "wait 5"],
  ["waits for its quota for a moment", { b: OK, a: soon }, [], "wait 5"],
  ["waits for its quota", { b: OK, a: later }, [], "refuse 429"],
  ["is ejected", { b: OK, a: REJECTED }, [], "send b"],
  ["has just met its quota", { b: OK, a: later }, [tried("a", later)], "refuse 429"],
  ["has just met a burst", { b: OK, a: LIMITED }, [tried("a", LIMITED)], "wait 5"],
  ["has just been ejected", { b: OK, a: REJECTED }, [tried("a", REJECTED)], "send b"],
  ["was refused, but not ejected", { b: OK, a: OK }, [tried("a", REJECTED)], "send b"],
  ["does not know it any more", { b: OK, a: OK }, [tried("a", ELSEWHERE)], "send b"],
  [
    "does not know it any more, nor another",
    { b: OK, a: OK },
    [tried("a", ELSEWHERE), tried("b", ELSEWHERE)],
    "relay",
  ],
  ["is overloaded", { b: OK, a: OK }, [tried("a", OVERLOADED)], "relay"],
  ["lacks the model", { b: OK, a: OK }, [tried("a", NO_MODEL)], "relay"],
  ["lacks the model while another cools down", { b: later, a: OK }, [tried("a", NO_MODEL)], "relay"],
  ["could not be connected to", { b: OK, a: OK }, [tried("a", FAILED, UNSENT)], "send a"],
  ["has served", { b: OK, a: OK }, [tried("a", OK)], "relay"],
];

for (const [what, keys, attempts, expected] of OWNED) {
  Deno.test(`nextStep() for a thing whose key ${what}: ${expected}`, () => {
    const pool = aPool(keys);
    pool.affinity.remember(["x"], "a.json", T0);
    pool.affinity.settle("s1", "b.json", true, T0);
    for (const session of [undefined, "s1"]) {
      const context = { ...CONTEXT, session, stateIds: ["unknown", "x"] };
      assert.equal(textOf(nextStep(pool, context, attempts, T0)), expected);
    }
  });
}

Deno.test("nextStep() says until when the one key waits that a request depends on", () => {
  const pool = aPool({ b: limitedUntil(T0 + 30 * SECOND), a: limitedUntil(T0 + 3600 * SECOND) });
  pool.affinity.remember(["x"], "a.json", T0);
  const step = nextStep(pool, { ...CONTEXT, stateIds: ["x"] }, [], T0);
  assert.ok(step.kind === "refuse");
  const { type, retry, message } = step.refusal;
  assert.deepEqual([type, retry], ["usage_limit_reached", { afterS: 3600, resetsAtS: T0 / SECOND + 3600 }]);
  assert.match(message, /lives at one account: 1 key: 1 in cooldown \(usage_limit_reached\)/);
});

Deno.test("nextStep() waits for a key that may know what the others do not", () => {
  const unknown = [tried("a", ELSEWHERE), tried("b", ELSEWHERE)];
  assert.equal(textOf(nextStep(aPool({ a: OK, b: OK, c: soon }), CONTEXT, unknown, T0)), "wait 5");
  assert.equal(textOf(nextStep(aPool({ a: OK, b: OK, c: later }), CONTEXT, unknown, T0)), "relay");
});

Deno.test("nextStep() asks two of forty expired keys, then says that they have expired", () => {
  const pool = new KeyPool(POLICY, () => {});
  const records = Array.from({ length: 40 }, (_, at) => aRecord(`k${at}`, { expiresAtMs: T0 - SECOND }));
  pool.merge(records, T0);
  const attempts: Tried[] = [];
  let step = nextStep(pool, CONTEXT, attempts, T0);
  for (; step.kind === "send" && attempts.length < 40; step = nextStep(pool, CONTEXT, attempts, T0)) {
    const { key, choice } = step;
    const outcome = pool.apply(pool.lease(key, choice, T0), aVerdict(REJECTED, T0 + 1, { status: 401 }));
    attempts.push({ kind: "answered", key, outcome, atMs: T0, status: 401, answer: undefined });
  }
  assert.equal(attempts.length, 2);
  assert.equal(textOf(step), "refuse 503");
  assert.match(step.kind === "refuse" ? step.refusal.message : "", /40 keys: 40 expired\. Log in again/);
  assert.equal(textOf(nextStep(pool, CONTEXT, [], T0 + 1)), "refuse 503");
});

/** `[what, attempts, keys that lack the model]` */
const PROVEN: [string, Tried[], string][] = [
  ["no attempt", [], ""],
  ["a success", [tried("a", OK)], ""],
  ["a refusal that nobody contradicts", [tried("a", NO_MODEL)], ""],
  [
    "two refusals, then a success",
    [tried("a", NO_MODEL), tried("b", NO_MODEL), tried("c", OK)],
    "a.json b.json",
  ],
  ["a refusal among others", [tried("a", REJECTED), tried("b", NO_MODEL), tried("c", OK)], "b.json"],
  ["a refusal of every key", [tried("a", NO_MODEL), tried("b", NO_MODEL)], ""],
  ["a failure after a refusal", [tried("a", NO_MODEL), tried("b", FAILED)], ""],
];

for (const [what, attempts, files] of PROVEN) {
  Deno.test(`provenModelRefusals() after ${what}: ${files || "none"}`, () => {
    assert.equal(provenModelRefusals(attempts).map(({ file }) => file).join(" "), files);
  });
}

/** `[what, the keys' last outcomes, the pinned name, attempts, the step]` */
const PINNED: [string, Record<string, Outcome>, string, Attempt<unknown>[], string][] = [
  ["its key alone", { a: OK, b: OK }, "b", [], "send b"],
  ["its key by e-mail", { a: OK, b: OK }, "B@example.com", [], "send b"],
  ["no other key after a rejection", { a: OK, b: REJECTED }, "b", [tried("b", REJECTED)], "refuse 503"],
  ["no other key after a quota", { a: OK, b: later }, "b", [], "refuse 429"],
  ["no other key while its own is ejected", { a: OK, b: REJECTED }, "b", [], "refuse 503"],
  ["no other key after an overload", { a: OK, b: OK }, "b", [
    tried("b", { kind: "overloaded", code: "server_is_overloaded" }),
  ], "relay"],
  ["no other key after a refused model", { a: OK, b: OK }, "b", [
    tried("b", { kind: "model_refused", code: "model_not_found" }),
  ], "relay"],
  ["no other key for what lives elsewhere", { a: OK, b: OK }, "b", [
    tried("b", { kind: "other_account", code: "invalid_encrypted_content" }),
  ], "relay"],
  ["nothing by a name that means no key", { a: OK, b: OK }, "c", [], "refuse 404"],
];

for (const [what, keys, pinned, attempts, expected] of PINNED) {
  Deno.test(`nextStep() gives a pinned request ${what}`, () => {
    const context = { ...CONTEXT, pinned, session: "s1" };
    const pool = aPool(keys);
    pool.affinity.settle("s1", "a.json", true, T0);
    assert.equal(textOf(nextStep(pool, context, attempts, T0)), expected);
  });
}

Deno.test("nextStep() says why each key was picked", () => {
  const pool = aPool({ a: OK, b: OK });
  const picked = (over: Partial<StepContext>, attempts: Attempt<unknown>[] = []) => {
    const step = nextStep(pool, { ...CONTEXT, ...over }, attempts, T0);
    return step.kind === "send" ? step.choice.picked : step.kind;
  };
  pool.affinity.settle("s1", "a.json", true, T0);
  pool.affinity.remember(["id"], "b.json", T0);
  assert.equal(picked({}), "turn");
  assert.equal(picked({ session: "s1" }), "session");
  assert.equal(picked({ stateIds: ["id"] }), "owner");
  assert.equal(picked({ pinned: "a" }), "pinned");
  assert.equal(picked({}, [tried("a", REJECTED)]), "only one free");
  assert.equal(picked({}, [tried("a", FAILED, UNSENT)]), "retry");
});

const OWN_UPSTREAM = { upstream: "https://api.example/v1" };
const NO_CONNECTION = { ...UNSENT, isTimeout: true };

function of(name: string, outcome: Outcome, failure?: Failure): Tried {
  const record = aRecord(name, "xy".includes(name) ? OWN_UPSTREAM : {});
  return { ...tried(name, outcome, failure), key: record };
}

/** `[what, attempts so far, changes of the context, step]`; a and b have the upstream of the settings, x and y another. */
const UNREACHABLE: [string, Tried[], Partial<StepContext>, string][] = [
  ["fails once", [of("a", FAILED, UNSENT)], {}, "send a"],
  ["is refused twice", [of("a", FAILED, UNSENT), of("a", FAILED, UNSENT)], {}, "send x"],
  ["is lost twice", [of("a", FAILED, LOST), of("a", FAILED, LOST)], {}, "send x"],
  ["gives no connection in time", [of("a", FAILED, NO_CONNECTION)], {}, "send x"],
  // It has the request, and may be working on it.
  ["gives no answer in time", [of("a", FAILED, TIMED_OUT)], {}, "refuse 504"],
  ["breaks off", [of("a", FAILED, BROKEN)], {}, "refuse 502"],
  ["is of the pinned key", [of("a", FAILED, NO_CONNECTION)], { pinned: "a" }, "refuse 504"],
  ["is the only one for the request", [of("a", FAILED, NO_CONNECTION)], { mainOnly: true }, "refuse 504"],
  ["is the key's own", [of("x", FAILED, NO_CONNECTION)], {}, "send a"],
  ["and then the other refuses its key", [of("a", FAILED, NO_CONNECTION), of("x", REJECTED)], {}, "send y"],
  [
    "and then the other refuses all its keys",
    [of("a", FAILED, NO_CONNECTION), of("x", REJECTED), of("y", REJECTED)],
    {},
    "refuse 504",
  ],
  [
    "and then the other fails as well",
    [of("a", FAILED, NO_CONNECTION), of("x", FAILED, UNSENT)],
    {},
    "send x",
  ],
  [
    "and then the other fails for good",
    [of("a", FAILED, NO_CONNECTION), of("x", FAILED, UNSENT), of("x", FAILED, UNSENT)],
    {},
    "refuse 502",
  ],
  ["and then the other serves", [of("a", FAILED, NO_CONNECTION), of("x", OK)], {}, "relay"],
];

for (const [what, attempts, over, expected] of UNREACHABLE) {
  Deno.test(`nextStep() when an upstream ${what}: ${expected}`, () => {
    const pool = new KeyPool(POLICY, () => {});
    const main = ["a", "b"].map((name) => aRecord(name));
    const own = ["x", "y"].map((name) => aRecord(name, { ...OWN_UPSTREAM, priority: -10 }));
    pool.merge([...main, ...own], T0);
    const step = nextStep(pool, { ...CONTEXT, ...over }, attempts, T0);
    assert.equal(textOf(step), expected);
    if (step.kind === "send" && expected === "send x") {
      assert.equal(step.choice.picked, attempts.at(-1)!.key!.file === "x.json" ? "retry" : "last resort");
    }
  });
}
