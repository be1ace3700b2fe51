import assert from "node:assert/strict";
import fc from "fast-check";
import type { Outcome } from "../../src/auth/outcome.ts";
import type { WindowReading } from "../../src/auth/limits.ts";
import type { KeyChange } from "../../src/auth/key_report.ts";
import type { AuthRecord } from "../../src/auth/record.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { Secret } from "../../src/values/secret.ts";
import {
  aChoice,
  aReading,
  aRecord,
  aUsage,
  aVerdict,
  LIMITED,
  limitedUntil,
  OK,
  POLICY,
  REJECTED,
  SECOND,
  someCredits,
  T0,
} from "../support/builders.ts";
import { fuzzRuns } from "../support/fuzz.ts";

const ELSEWHERE: Outcome = { kind: "other_account", code: "invalid_encrypted_content" };

/** A pool that can be driven in one line, with the changes that it told of. */
function aPool(...names: string[]) {
  const changes: KeyChange[] = [];
  const pool = new KeyPool(POLICY, (change) => changes.push(change));
  pool.merge(names.map((name) => aRecord(name)), T0);
  const take = (nowMs: number, session?: string) => {
    const choice = aChoice({ session });
    const record = pool.pick(choice, nowMs)?.key;
    return record && pool.lease(record, choice, nowMs);
  };
  const request = (nowMs: number, outcome: Outcome = OK, session?: string) => {
    const lease = take(nowMs, session);
    if (lease) {
      pool.apply(lease, aVerdict(outcome, nowMs, { status: 200 }));
      if (session) pool.affinity.settle(session, lease.record.file, outcome.kind === "ok", nowMs);
    }
    return lease?.record.file.replace(".json", "") ?? "-";
  };
  /** Applies an outcome to a key by name, whichever key is next. */
  const judge = (name: string, outcome: Outcome, nowMs: number) => {
    const lease = { record: aRecord(name), startedMs: nowMs };
    pool.apply(lease, aVerdict(outcome, nowMs, { status: 401 }));
  };
  const states = (nowMs: number) =>
    pool.describe(nowMs).map(({ record, health }) => `${record.file[0]}:${health.state.kind}`).join(" ");
  return { pool, changes, take, request, judge, states };
}

Deno.test("pick() is round robin", () => {
  const { request } = aPool("a", "b", "c");
  assert.equal([0, 1, 2, 3, 4, 5].map((i) => request(T0 + i)).join(""), "abcabc");
});

Deno.test("pick() skips cooling and ejected keys", () => {
  const { request, judge } = aPool("a", "b", "c");
  judge("a", LIMITED, T0);
  judge("b", REJECTED, T0);
  assert.equal([1, 2, 3].map((i) => request(T0 + i)).join(""), "ccc");
});

Deno.test("pick() is undefined when no key is available", () => {
  const { pool, request, judge } = aPool("a", "b");
  judge("a", limitedUntil(T0 + 60 * SECOND), T0);
  judge("b", REJECTED, T0);
  assert.equal(request(T0 + 1), "-");
  assert.equal(pool.nextAvailableMs(aChoice(), T0 + 1), T0 + 60 * SECOND);
  assert.equal(pool.nextAvailableMs(aChoice({ tried: new Set(["a.json"]) }), T0 + 1), T0 + 900 * SECOND);
  assert.equal(pool.nextAvailableMs(aChoice({ tried: new Set(["a.json", "b.json"]) }), T0 + 1), undefined);
});

Deno.test("pick() gives unproven keys foreground traffic only when no stable one is left", () => {
  const { request, judge } = aPool("a", "b");
  judge("a", LIMITED, T0);
  const later = T0 + 31 * SECOND;
  assert.equal([0, 1].map((i) => request(later + i)).join(""), "bb");
  judge("b", REJECTED, later + 2);
  assert.equal(request(later + 3), "a");
});

Deno.test("pick() tries a key on probation at most once per interval", () => {
  const { request, judge, states } = aPool("a");
  judge("a", REJECTED, T0);
  const back = T0 + 900 * SECOND;
  assert.equal(states(back), "a:probation");
  assert.equal(request(back), "a");
  assert.equal(request(back + 19 * SECOND), "-");
  assert.equal(request(back + 20 * SECOND), "a");
  assert.equal(states(back + 20 * SECOND), "a:ok");
});

Deno.test("pick() keeps a session on its usable key, without using up a turn", () => {
  const { request } = aPool("a", "b", "c");
  const order = [
    request(T0, OK, "s1"),
    request(T0 + 1, OK, "s2"),
    request(T0 + 2, OK, "s1"),
    request(T0 + 3, OK, "s1"),
    request(T0 + 4),
    request(T0 + 5, OK, "s2"),
    request(T0 + 6),
  ];
  assert.equal(order.join(""), "abaacba");
});

Deno.test("pick() moves a session when its key gets a penalty, and leaves it on the new key", () => {
  const { request, judge } = aPool("a", "b");
  assert.equal(request(T0, OK, "s1"), "a");
  judge("a", LIMITED, T0 + 1);
  assert.equal(request(T0 + 2, OK, "s1"), "b");
  assert.equal(request(T0 + 60 * SECOND, OK, "s1"), "b");
});

Deno.test("beginDueTrials() tries keys on probation once per interval", () => {
  const { pool, judge } = aPool("a", "b", "c");
  judge("a", REJECTED, T0);
  judge("b", LIMITED, T0);
  const due = (second: number) =>
    pool.beginDueTrials(T0 + second * SECOND).map(({ lease }) => lease.record.file[0]).join("");
  assert.equal(due(29), "");
  assert.equal(due(30), "b");
  assert.equal(due(49), "");
  assert.equal(due(50), "b");
  assert.equal(due(900), "ab");
  assert.equal(due(901), "");
});

Deno.test("apply() ignores a verdict about a token that has been replaced", () => {
  const { pool, take, states } = aPool("a");
  const lease = take(T0)!;
  pool.merge([aRecord("a", { token: new Secret("fresh-token") })], T0 + 1);
  pool.apply(lease, aVerdict(REJECTED, T0 + 2, { status: 401 }));
  assert.equal(states(T0 + 3), "a:ok");
});

Deno.test("merge() drops keys without a file, and remembers their penalty until the file is back", () => {
  const { pool, judge, states } = aPool("a", "b");
  judge("a", REJECTED, T0);
  pool.merge([aRecord("b")], T0 + 1);
  assert.equal(states(T0 + 1), "b:ok");
  pool.merge([aRecord("a"), aRecord("b")], T0 + 2);
  assert.equal(states(T0 + 2), "a:blacklist b:ok");
});

Deno.test("reset() ends the penalties that match the filter and returns their keys", () => {
  const { pool, judge, states, changes } = aPool("a", "b", "c");
  judge("a", REJECTED, T0);
  judge("b", LIMITED, T0);
  assert.deepEqual(pool.reset({ file: "c.json" }, T0 + 1), []);
  assert.deepEqual(pool.reset({ state: "cooldown" }, T0 + 1), ["b.json"]);
  assert.equal(states(T0 + 1), "a:blacklist b:ok c:ok");
  assert.deepEqual(pool.reset({}, T0 + 1), ["a.json"]);
  assert.equal(states(T0 + 1), "a:ok b:ok c:ok");
  assert.deepEqual(changes.map(({ why }) => why), ["verdict", "verdict", "reset", "reset"]);
});

Deno.test("expirePenalties() reports an expired penalty once", () => {
  const { pool, judge, changes } = aPool("a");
  judge("a", REJECTED, T0);
  for (const second of [899, 900, 901]) pool.expirePenalties(T0 + second * SECOND);
  assert.deepEqual(changes.map(({ why, to }) => `${why} ${to.state.kind}`), [
    "verdict blacklist",
    "time probation",
  ]);
});

Deno.test("nextChange() resolves when a key becomes available", async () => {
  const { pool, judge } = aPool("a");
  judge("a", REJECTED, T0);
  const woken = pool.nextChange().then(() => "woken");
  pool.reset({}, T0 + 1);
  assert.equal(await woken, "woken");
});

const FORBIDDEN: Outcome = { kind: "auth_rejected", code: "http_403" };

Deno.test("apply() ejects no key when all are refused in the same way within seconds", () => {
  const { pool, states, changes } = aPool("a", "b", "c");
  const outcomes = ["a", "b", "c"].map((name) => {
    const verdict = aVerdict(FORBIDDEN, T0 + 1, { status: 403 });
    return pool.apply({ record: aRecord(name), startedMs: T0 }, verdict).kind;
  });
  assert.deepEqual(outcomes, ["auth_rejected", "auth_rejected", "origin_failed"]);
  assert.equal(states(T0 + 2), "a:ok b:ok c:ok");
  assert.deepEqual(changes.map(({ why }) => why), ["verdict", "origin"]);
});

Deno.test("apply() ejects at most half of the keys for a 403 at once, but always one", () => {
  for (const [names, ejected] of [[["a", "b", "c", "d", "e"], 2], [["a"], 1]] as const) {
    const { pool } = aPool(...names);
    for (const [at, name] of names.entries()) {
      const outcome: Outcome = { kind: "auth_rejected", code: `account_${at}` };
      const verdict = aVerdict(outcome, T0 + at, { status: 403 });
      pool.apply({ record: aRecord(name), startedMs: T0 + at }, verdict);
    }
    const out = pool.describe(T0 + 9).filter(({ health }) => health.state.kind === "blacklist");
    assert.equal(out.length, ejected);
  }
});

Deno.test("apply() counts no disabled key among those that a 403 has ejected", () => {
  const { pool } = aPool("a", "b", "c", "d");
  const refuse = (name: string, atMs: number) => {
    const verdict = aVerdict({ kind: "auth_rejected", code: `account_${name}` }, atMs, { status: 403 });
    pool.apply({ record: aRecord(name), startedMs: atMs }, verdict);
  };
  refuse("a", T0);
  refuse("b", T0 + 1);
  pool.merge(["a", "b", "c", "d"].map((name) => aRecord(name, { isDisabled: name < "c" })), T0 + 2);
  refuse("c", T0 + 3);
  const out = pool.describe(T0 + 9).filter(({ health }) => health.state.kind === "blacklist");
  assert.deepEqual(out.map(({ record }) => record.file), ["a.json", "b.json", "c.json"]);
});

function window(usedPercent: number, resetAtMs: number): WindowReading {
  return aReading({ usedPercent, resetAtMs });
}

Deno.test("pick() skips a full key before it answers 429, and uses it when there is no other", () => {
  const { pool, request, judge } = aPool("a", "b");
  pool.noteWindows(aRecord("a"), [window(100, T0 + 60 * SECOND)]);
  assert.equal([1, 2].map((i) => request(T0 + i)).join(""), "bb");
  judge("b", REJECTED, T0 + 3);
  assert.equal(request(T0 + 4), "a");
  assert.equal(request(T0 + 61 * SECOND), "a");
});

Deno.test("pick() moves a session off a full key", () => {
  const { pool, request } = aPool("a", "b");
  assert.equal(request(T0, OK, "s1"), "a");
  pool.noteWindows(aRecord("a"), [window(100, T0 + 60 * SECOND)]);
  assert.equal(request(T0 + 1, OK, "s1"), "b");
  assert.equal(request(T0 + 61 * SECOND, OK, "s1"), "b");
});

Deno.test("pick() keeps the reserve of the policy", () => {
  const pool = new KeyPool({ ...POLICY, minRemainingPercent: 10 }, () => {});
  pool.merge([aRecord("a")], T0);
  pool.noteWindows(aRecord("a"), [window(90, T0 + 60 * SECOND)]);
  assert.equal(pool.pick(aChoice(), T0 + 1), undefined);
  assert.equal(pool.nextAvailableMs(aChoice(), T0 + 1), T0 + 60 * SECOND);
  assert.ok(pool.pick(aChoice(), T0 + 60 * SECOND));
});

Deno.test("noteUsage() makes a key available that waits for its quota, when the page permits requests", () => {
  const { pool, judge, states, changes } = aPool("a", "b");
  judge("a", limitedUntil(T0 + 18_000 * SECOND), T0);
  judge("b", LIMITED, T0);
  const usage = (allowed: boolean) => aUsage({ allowed });
  for (const name of ["a", "b"]) pool.noteUsage(aRecord(name), usage(false), T0 + 1);
  assert.equal(states(T0 + 1), "a:cooldown b:cooldown");
  for (const name of ["a", "b"]) pool.noteUsage(aRecord(name), usage(true), T0 + 2);
  assert.equal(states(T0 + 2), "a:ok b:cooldown", "a burst says nothing about usage");
  assert.equal(changes.at(-1)?.why, "usage");
});

Deno.test("beginDueTrials() asks a key that waits for its quota after half of the wait, once a minute", () => {
  const { pool, judge } = aPool("a");
  judge("a", limitedUntil(T0 + 1000 * SECOND), T0);
  const due = (second: number) =>
    pool.beginDueTrials(T0 + second * SECOND).map(({ waitsForQuota }) => waitsForQuota);
  const asked = [499, 500, 501, 559, 560, 1000].map((second) => due(second));
  assert.deepEqual(asked, [[], [true], [], [], [true], [false]]);
});

Deno.test("pick() tries a key in a burst's cooldown when nothing else is left, seconds after its strike", () => {
  const { request, judge } = aPool("a", "b");
  judge("a", LIMITED, T0);
  judge("b", limitedUntil(T0 + 60 * SECOND), T0);
  assert.equal(request(T0 + 4 * SECOND), "-");
  assert.equal(request(T0 + 5 * SECOND), "a");
});

Deno.test("pick() uses a key that is limited for one model for other models", () => {
  const { pool } = aPool("a");
  const outcome: Outcome = {
    kind: "rate_limited",
    code: "usage_limit_reached",
    untilMs: T0 + 9000,
    scope: "model",
    isMoment: false,
  };
  const verdict = aVerdict(outcome, T0, { status: 429, model: "spark" });
  pool.apply({ record: aRecord("a"), startedMs: T0 }, verdict);
  const choice = (model: string | undefined, nowMs: number) => pool.pick(aChoice({ model }), nowMs)?.key.file;
  assert.equal(choice("spark", T0 + 1), undefined);
  assert.equal(choice("other", T0 + 1), "a.json");
  assert.equal(choice(undefined, T0 + 1), "a.json");
  assert.equal(choice("spark", T0 + 9000), "a.json");
});

Deno.test("previousKey() is the usable key that a session was moved from", () => {
  const { pool, request, judge } = aPool("a", "b");
  request(T0, OK, "s1");
  judge("a", LIMITED, T0 + 1);
  request(T0 + 2, OK, "s1");
  const former = (nowMs: number, ...tried: string[]) =>
    pool.previousKey(aChoice({ session: "s1", tried: new Set(tried) }), nowMs)?.file;
  assert.equal(former(T0 + 3, "b.json"), undefined);
  assert.equal(former(T0 + 31 * SECOND, "b.json"), "a.json");
  assert.equal(former(T0 + 31 * SECOND, "b.json", "a.json"), undefined);
});

Deno.test("pick() leaves a session where it was when no other key served it", () => {
  const { request, judge } = aPool("a", "b", "c");
  request(T0, OK, "s1");
  judge("a", LIMITED, T0 + 1);
  assert.equal(request(T0 + 2, ELSEWHERE, "s1"), "b");
  assert.equal(request(T0 + 3, ELSEWHERE, "s1"), "c");
  judge("a", OK, T0 + 40 * SECOND);
  assert.equal(request(T0 + 41 * SECOND, OK, "s1"), "a");
});

Deno.test("pick() keeps requests of a new session together before the first one is answered", () => {
  const { take } = aPool("a", "b", "c");
  assert.deepEqual([1, 2, 3].map((i) => take(T0 + i, "s1")?.record.file), ["a.json", "a.json", "a.json"]);
});

Deno.test("ownerOf() is the key that made the first known thing, unless that is ejected or gone", () => {
  const { pool, judge } = aPool("a", "b");
  pool.affinity.remember(["x"], "a.json", T0);
  pool.affinity.remember(["y"], "b.json", T0);
  pool.affinity.remember(["z"], "gone.json", T0);
  const owner = (...ids: string[]) => pool.ownerOf(ids, T0 + 1);
  assert.deepEqual(
    [owner(), owner("?"), owner("x", "y"), owner("?", "y"), owner("z"), owner("z", "x")],
    [undefined, undefined, "a.json", "b.json", undefined, "a.json"],
  );
  judge("b", LIMITED, T0);
  judge("a", REJECTED, T0);
  assert.deepEqual([owner("x"), owner("y"), owner("x", "y")], [undefined, "b.json", "b.json"]);
  assert.equal(pool.ownerOf(["x"], T0 + 900 * SECOND), "a.json", "it is on probation");
});

Deno.test("lease() of a thing's owner takes no other key's turn", () => {
  const { pool, request } = aPool("a", "b", "c");
  const choice = aChoice({ owner: "c.json" });
  for (let i = 0; i < 3; i++) pool.lease(pool.pick(choice, T0)!.key, choice, T0);
  assert.equal([1, 2, 3].map((i) => request(T0 + i)).join(""), "abc");
});

const names = fc.integer({ min: 1, max: 8 }).map((count) => [..."abcdefgh"].slice(0, count));

Deno.test("pick() gives each of N equal keys K of K·N requests", () => {
  fc.assert(fc.property(names, fc.integer({ min: 1, max: 10 }), (keys, rounds) => {
    const { request, pool } = aPool(...keys);
    for (let i = 0; i < rounds * keys.length; i++) request(T0 + i);
    assert.deepEqual(pool.describe(T0).map(({ used }) => used), keys.map(() => rounds));
  }));
});

const aLife = fc.array(
  fc.record({
    seconds: fc.nat(1000),
    outcome: fc.oneof(fc.constantFrom(OK, OK, LIMITED, REJECTED), fc.constant(limitedUntil(T0 + 3_000_000))),
    session: fc.constantFrom(undefined, "s1", "s2"),
  }),
  { maxLength: 60 },
);

Deno.test("pick() is never an ejected key, and no cooling one while another is available", () => {
  fc.assert(
    fc.property(names, aLife, (keys, life) => {
      const { pool, take } = aPool(...keys);
      let nowMs = T0;
      for (const { seconds, outcome, session } of life) {
        nowMs += seconds * SECOND;
        const before = pool.describe(nowMs);
        const lease = take(nowMs, session);
        if (!lease) continue;
        const { state, lastStrikeMs } = before.find(({ record }) =>
          record.file === lease.record.file
        )!.health;
        assert.notEqual(state.kind, "blacklist");
        if (state.kind === "cooldown") {
          assert.equal(state.cause, "http_429", "a quota is waited for");
          assert.ok(nowMs - lastStrikeMs >= 5 * SECOND);
          assert.ok(before.every(({ health }) => health.state.kind !== "ok"));
        }
        pool.apply(lease, aVerdict(outcome, nowMs));
      }
    }),
    { numRuns: fuzzRuns(300) },
  );
});

Deno.test("merge() changes no state for the same token, and resets everything for another", () => {
  fc.assert(
    fc.property(names, aLife, (keys, life) => {
      const { pool, request } = aPool(...keys);
      let nowMs = T0;
      for (const { seconds, outcome, session } of life) request(nowMs += seconds * SECOND, outcome, session);
      const before = pool.describe(nowMs).map(({ health }) => health);
      pool.merge(keys.map((name) => aRecord(name)), nowMs);
      assert.deepEqual(pool.describe(nowMs).map(({ health }) => health), before);
      pool.merge(keys.map((name) => aRecord(name, { token: new Secret(`other-${name}`) })), nowMs);
      assert.ok(
        pool.describe(nowMs).every(({ health }) => health.state.kind === "ok" && health.strikes === 0),
      );
    }),
    { numRuns: fuzzRuns(300) },
  );
});

Deno.test("confirmModelRefusals() limits the keys that were refused the model", () => {
  const { pool } = aPool("a", "b");
  pool.confirmModelRefusals([{ file: "a.json", code: "model_not_supported" }], "gpt-6", T0);
  const files = (model: string) =>
    [1, 2].map(() => {
      const choice = aChoice({ model });
      const record = pool.pick(choice, T0)!.key;
      pool.lease(record, choice, T0);
      return record.file;
    });
  assert.deepEqual(files("gpt-6"), ["b.json", "b.json"]);
  assert.deepEqual(files("gpt-5").sort(), ["a.json", "b.json"]);
});

Deno.test("reset() forgets a remembered full window", () => {
  const { pool } = aPool("a", "b");
  pool.noteWindows(aRecord("a"), [aReading({ usedPercent: 100, resetAtMs: T0 + 3600 * SECOND })]);
  assert.equal(pool.pick(aChoice(), T0)?.key.file, "b.json");
  assert.deepEqual(pool.reset({}, T0), ["a.json"]);
  assert.equal(pool.pick(aChoice(), T0)?.key.file, "a.json");
});

/** A pool of keys; `over` says what is special about each. */
function aPoolOf(over: Readonly<Record<string, Partial<AuthRecord>>>) {
  const pool = new KeyPool(POLICY, () => {});
  const records = Object.entries(over).map(([name, fields]) => aRecord(name, fields));
  pool.merge(records, T0);
  const judge = (name: string, outcome: Outcome, nowMs: number, status = 401) => {
    const record = records.find(({ file }) => file === `${name}.json`)!;
    return pool.apply({ record, startedMs: nowMs }, aVerdict(outcome, nowMs, { status }));
  };
  const states = () => pool.describe(T0).map(({ health }) => health.state.kind).join(" ");
  return { pool, judge, states };
}

const EXPIRED = { expiresAtMs: T0 - SECOND };
const DISABLED = { isDisabled: true };

Deno.test("apply() ejects every expired key for a 401, although all were refused alike and had worked", () => {
  const { judge, states } = aPoolOf({ a: EXPIRED, b: EXPIRED });
  for (const name of ["a", "b"]) judge(name, OK, T0 - 60 * SECOND);
  for (const name of ["a", "b"]) assert.equal(judge(name, REJECTED, T0).kind, "auth_rejected");
  assert.equal(states(), "blacklist blacklist");
});

Deno.test("apply() finds the upstream at fault when all keys in service are refused alike, whatever the others are", () => {
  const { judge, states } = aPoolOf({ a: {}, b: {}, c: EXPIRED, d: DISABLED });
  const refusal: Outcome = { kind: "auth_rejected", code: "http_403" };
  judge("a", refusal, T0, 403);
  assert.deepEqual(judge("b", refusal, T0, 403), { kind: "origin_failed", code: "refused_alike" });
  assert.equal(states(), "ok ok ok ok");
});

Deno.test("apply() ejects an expired key for a 403 although half of the keys are ejected", () => {
  const { judge, states } = aPoolOf({ a: {}, b: EXPIRED, c: EXPIRED });
  for (const name of ["a", "b", "c"]) judge(name, { kind: "auth_rejected", code: `own_${name}` }, T0, 403);
  assert.equal(states(), "blacklist blacklist blacklist");
});

Deno.test("beginDueTrials() passes over expired and disabled keys", () => {
  const { pool, judge } = aPoolOf({ a: {}, b: EXPIRED, c: DISABLED });
  for (const name of ["a", "b", "c"]) judge(name, REJECTED, T0 - 2000 * SECOND);
  const trials = pool.beginDueTrials(T0);
  assert.deepEqual(trials.map(({ lease }) => lease.record.file), ["a.json"]);
});

Deno.test("size counts the keys that are not disabled, and describe() shows all", () => {
  const { pool } = aPoolOf({ a: {}, b: EXPIRED, c: DISABLED });
  assert.equal(pool.size, 2);
  assert.equal(pool.describe(T0).length, 3);
});

Deno.test("merge() takes over at once that a key was disabled or enabled", () => {
  const { pool } = aPoolOf({ a: {} });
  const { token } = pool.describe(T0)[0]!.record;
  pool.merge([aRecord("a", { token, isDisabled: true })], T0);
  assert.equal(pool.pick(aChoice(), T0), undefined);
  pool.merge([aRecord("a", { token })], T0);
  assert.equal(pool.pick(aChoice(), T0)?.key.file, "a.json");
});

const FULL = aReading({ usedPercent: 100, resetAtMs: T0 + 3600 * SECOND });
const PAGE = aUsage({ allowed: false, credits: someCredits() });

/** A pool whose keys are full; those named have credits. */
function aFullPool(names: string[], withCredits: string[]) {
  const tools = aPool(...names);
  for (const name of names) tools.pool.noteWindows(aRecord(name), [FULL]);
  for (const name of withCredits) tools.pool.noteCredits(aRecord(name), someCredits());
  return tools;
}

Deno.test("pick() goes on with a full key that has credits", () => {
  const { request } = aFullPool(["a", "b"], ["a"]);
  assert.equal([1, 2, 3].map((i) => request(T0 + i)).join(""), "aaa");
});

Deno.test("pick() spends no credits while a stable key has quota left, in a session as well", () => {
  const { pool, request } = aFullPool(["a", "b"], ["a", "b"]);
  assert.equal(request(T0, OK, "s1"), "a");
  assert.equal(request(T0 + 1, OK, "s1"), "a");
  pool.noteWindows(aRecord("b"), [aReading({ usedPercent: 10 })]);
  assert.equal(request(T0 + 2, OK, "s1"), "b");
  assert.equal(request(T0 + 3), "b");
});

Deno.test("pick() leaves a session on its key where all spend credits", () => {
  const { request } = aFullPool(["a", "b"], ["a", "b"]);
  assert.equal([1, 2, 3].map((i) => request(T0 + i, OK, "s1")).join(""), "aaa");
});

Deno.test("noteUsage() frees a key for the credits that its page names", () => {
  const { pool, judge, states } = aPool("a");
  judge("a", limitedUntil(T0 + 3600 * SECOND), T0);
  pool.noteUsage(aRecord("a"), aUsage({ allowed: false }), T0 + 1);
  assert.equal(states(T0 + 1), "a:cooldown");
  pool.noteUsage(aRecord("a"), PAGE, T0 + 2);
  assert.equal(states(T0 + 2), "a:ok");
});

Deno.test("noteUsage() frees no key for credits in spite of which it was refused, until there are more", () => {
  const { pool, judge, states } = aPool("a");
  pool.noteCredits(aRecord("a"), someCredits());
  judge("a", limitedUntil(T0 + 3600 * SECOND), T0);
  pool.noteUsage(aRecord("a"), PAGE, T0 + 1);
  assert.equal(states(T0 + 1), "a:cooldown");
  pool.noteUsage(aRecord("a"), aUsage({ allowed: false, credits: someCredits({ balance: "99" }) }), T0 + 2);
  assert.equal(states(T0 + 2), "a:ok");
});

Deno.test("apply() trusts refused credits again once a full key has served", () => {
  const { pool, judge, request } = aFullPool(["a", "b"], ["a"]);
  judge("a", limitedUntil(T0 + SECOND), T0);
  judge("b", OK, T0);
  const at = T0 + 2 * SECOND;
  assert.equal(pool.describe(at)[0]!.credits.refused?.balance, "12.50");
  judge("a", OK, at);
  assert.equal(pool.describe(at)[0]!.credits.refused, undefined);
  assert.equal(request(at), "a");
});

Deno.test("reset() forgets refused credits", () => {
  const { pool, judge } = aFullPool(["a"], ["a"]);
  judge("a", limitedUntil(T0 + 3600 * SECOND), T0);
  pool.reset({}, T0 + 1);
  assert.deepEqual(pool.describe(T0 + 1)[0]!.credits, { credits: undefined, refused: undefined });
});

Deno.test("pick() leaves lower priorities alone while a higher key is free, in a session as well", () => {
  const { pool, judge } = aPoolOf({ a: { priority: 10 }, b: {}, c: { priority: -10 } });
  const choice = aChoice({ session: "s" });
  const take = (nowMs: number) => {
    const record = pool.pick(choice, nowMs)!.key;
    pool.lease(record, choice, nowMs);
    pool.affinity.settle("s", record.file, true, nowMs);
    return record.file;
  };
  assert.deepEqual([take(T0), take(T0)], ["a.json", "a.json"]);
  judge("a", limitedUntil(T0 + 60 * SECOND), T0 + 1, 429);
  assert.deepEqual([take(T0 + 2), take(T0 + 3)], ["b.json", "b.json"]);
  judge("b", limitedUntil(T0 + 60 * SECOND), T0 + 4, 429);
  assert.equal(take(T0 + 5), "c.json");
  pool.reset({}, T0 + 6);
  assert.equal(take(T0 + 7), "a.json");
});

Deno.test("pick() leaves a session on its key while the higher one is not proven", () => {
  const { pool, judge } = aPoolOf({ a: { priority: 10 }, b: {} });
  pool.affinity.settle("s", "b.json", true, T0);
  judge("a", { ...LIMITED }, T0, 429);
  assert.equal(pool.pick(aChoice({ session: "s" }), T0 + 120 * SECOND)?.key.file, "b.json");
});

Deno.test("merge() knows a key by its token when its file has another name", () => {
  const { pool, judge, states } = aPoolOf({ a: {}, b: {} });
  judge("a", REJECTED, T0);
  pool.affinity.settle("s", "a.json", true, T0);
  pool.merge([{ ...aRecord("a"), file: "new.json" }, aRecord("b")], T0);
  assert.equal(states(), "blacklist ok");
  assert.equal(pool.affinity.keyOf("s", T0), "new.json");
  // Also when the old name was gone for a while.
  pool.merge([aRecord("b")], T0);
  pool.merge([{ ...aRecord("a"), file: "newer.json" }, aRecord("b")], T0);
  assert.equal(states(), "blacklist ok");
  // Another key of the old name is another key.
  pool.merge([{ ...aRecord("a"), file: "newer.json" }, aRecord("a", { token: new Secret("other") })], T0);
  assert.equal(states(), "blacklist ok");
});
