import assert from "node:assert/strict";
import fc from "fast-check";
import type { Outcome } from "../../src/auth/outcome.ts";
import { RecordedUpstream } from "../../src/replay/recorded_upstream.ts";
import type { History } from "../../src/replay/history.ts";
import { type Answer, replay, type UpstreamModel } from "../../src/replay/replay.ts";
import { limitedUntil, REJECTED, SECOND, T0 } from "../support/builders.ts";
import { anArrival, hours, KEYS, RULES, SERVED } from "../support/replays.ts";

const RUNS = { numRuns: 300 };

/** An upstream that serves, except where a test says otherwise. */
function anUpstream(answer: (file: string, nowMs: number) => Partial<Answer> = () => ({})): UpstreamModel {
  return {
    answer: (_request, file, { nowMs }) => ({ ...SERVED, ...answer(file, nowMs) }),
    trial: (file, nowMs): Outcome => answer(file, nowMs).outcome ?? { kind: "ok" },
  };
}

/** The keys that each request was given, by their first letters. */
function picks({ requests }: History): string {
  return requests.map(({ attempts }) => attempts.map(({ file }) => file[0]).join("") || "-").join(" ");
}

Deno.test("replay() rotates requests over the keys, and keeps a session on its key", () => {
  const requests = [0, 1, 2, 3, 4, 5].map((index) =>
    anArrival(index, T0 + index * 10 * SECOND, index % 2 === 0 ? { session: "s" } : {})
  );
  assert.equal(picks(replay(requests, { keys: KEYS, upstream: anUpstream(), rules: RULES })), "a b a c a a");
  assert.equal(
    picks(replay(requests, { keys: KEYS, upstream: anUpstream(), rules: { ...RULES, rotation: "request" } })),
    "a b c a b c",
  );
});

Deno.test("replay() tries the next key, and remembers what it has learnt", () => {
  const requests = [0, 1, 2].map((index) => anArrival(index, T0 + index * 10 * SECOND));
  const dead = anUpstream((file) => file === "a.json" ? { outcome: REJECTED, status: 401 } : {});
  const history = replay(requests, { keys: KEYS, upstream: dead, rules: RULES });
  assert.equal(picks(history), "ab c b");
  assert.deepEqual(history.transitions.map(({ event, file }) => [event, file]), [[
    "auth.blacklisted",
    "a.json",
  ]]);
});

Deno.test("replay() learns which key lacks a model when another key has served it", () => {
  const requests = ["gpt-6", "gpt-6", "gpt-5", "gpt-6"].map((model, index) =>
    anArrival(index, T0 + index * 10 * SECOND, { model })
  );
  const refused: Outcome = { kind: "model_refused", code: "model_not_supported" };
  const upstream: UpstreamModel = {
    answer: ({ model }, file) =>
      model === "gpt-6" && file === "a.json" ? { ...SERVED, outcome: refused, status: 400 } : SERVED,
    trial: () => ({ kind: "ok" }),
  };
  const keys = ["a.json", "b.json"];
  assert.equal(picks(replay(requests, { keys, upstream, rules: RULES })), "ab b a b");
});

Deno.test("replay() applies a verdict when the answer ends", () => {
  const requests = [anArrival(0, T0), anArrival(1, T0 + SECOND), anArrival(2, T0 + 2 * SECOND)];
  const slow = anUpstream((file) =>
    file === "a.json" ? { outcome: REJECTED, status: 401, latencyMs: 60 * SECOND } : {}
  );
  assert.equal(
    picks(replay(requests, { keys: ["a.json", "b.json"], upstream: slow, rules: RULES })),
    "ab b ab",
  );
});

Deno.test("replay() holds a request until a key is free, and refuses it when that takes too long", () => {
  const limited = anUpstream((_file, nowMs) => {
    return nowMs < T0 + 15 * SECOND ? { outcome: limitedUntil(T0 + 15 * SECOND), status: 429 } : {};
  });
  const requests = [anArrival(0, T0), anArrival(1, T0 + 5 * SECOND)];
  const held = replay(requests, { keys: ["a.json"], upstream: limited, rules: RULES });
  assert.deepEqual([picks(held), held.requests[1]!.attempts[0]!.startedMs], ["a a", T0 + 15 * SECOND]);
  const refused = replay(requests, {
    keys: ["a.json"],
    upstream: limited,
    rules: { ...RULES, holdMs: 9 * SECOND },
  });
  assert.deepEqual(
    refused.requests.map(({ refusal }) => refusal),
    ["usage_limit_reached", "usage_limit_reached"],
  );
});

Deno.test("replay() counts the hold time from the arrival of the request", () => {
  const limits = anUpstream((file, nowMs) => {
    if (file === "b.json") return { outcome: limitedUntil(T0 + 25 * SECOND), status: 429 };
    const isFull = nowMs >= T0;
    return isFull ? { outcome: limitedUntil(T0 + 3600 * SECOND), status: 429, latencyMs: 10 * SECOND } : {};
  });
  const requests = [anArrival(0, T0 - 60 * SECOND), anArrival(1, T0 - 50 * SECOND), anArrival(2, T0)];
  const history = replay(requests, { keys: ["a.json", "b.json"], upstream: limits, rules: RULES });
  assert.equal(picks(history), "a ba a");
  assert.equal(history.requests[2]!.refusal, "usage_limit_reached");
});

Deno.test("replay() sends a held request when its key serves sooner", () => {
  const burst: Outcome = {
    kind: "rate_limited",
    code: "http_429",
    scope: "key",
    isMoment: false,
    untilMs: undefined,
  };
  const short = anUpstream((_file, nowMs) =>
    nowMs === T0 ? { outcome: burst, status: 429 } : { latencyMs: 3 * SECOND }
  );
  const requests = [anArrival(0, T0), anArrival(1, T0 + 8 * SECOND), anArrival(2, T0 + 10 * SECOND)];
  const rules = { ...RULES, holdMs: 4 * SECOND };
  const history = replay(requests, { keys: ["a.json"], upstream: short, rules });
  const starts = history.requests.map(({ attempts }) =>
    attempts.map(({ startedMs }) => (startedMs - T0) / SECOND)
  );
  assert.deepEqual(starts, [[0], [8], [11]]);
});

Deno.test("replay() asks keys that wait for their quota whether it is back", () => {
  const sooner = anUpstream((_file, nowMs) => {
    return nowMs < T0 + 2000 * SECOND ? { outcome: limitedUntil(T0 + 3600 * SECOND), status: 429 } : {};
  });
  const requests = [anArrival(0, T0), anArrival(1, T0 + 2400 * SECOND)];
  assert.equal(picks(replay(requests, { keys: ["a.json"], upstream: sooner, rules: RULES })), "a a");
});

Deno.test("replay() ignores a reset time that has passed", () => {
  const late = anUpstream(() => ({ outcome: limitedUntil(T0), status: 429 }));
  const requests = [anArrival(0, T0), anArrival(1, T0 + 60 * SECOND)];
  const [transition] = replay(requests, { keys: ["a.json"], upstream: late, rules: RULES }).transitions;
  assert.deepEqual([transition!.atMs, transition!.untilMs], [T0 + 2 * SECOND, T0 + 32 * SECOND]);
});

Deno.test("replay() tries ejected keys in the background, at most once a second", () => {
  const healing = anUpstream((file, nowMs) => {
    return file === "a.json" && nowMs < T0 + 60 * SECOND ? { outcome: REJECTED, status: 401 } : {};
  });
  const requests = [
    anArrival(0, T0 + 500),
    anArrival(1, T0 + 2000 * SECOND),
    anArrival(2, T0 + 2001 * SECOND),
  ];
  const history = replay(requests, { keys: ["a.json", "b.json"], upstream: healing, rules: RULES });
  assert.deepEqual(
    history.transitions.map(({ event, atMs }) => [event, (atMs - T0) / SECOND]),
    [["auth.blacklisted", 2.5], ["auth.probation", 903], ["auth.restored", 923]],
  );
  assert.equal(picks(history), "ab a b");
});

Deno.test("replay() applies the usage windows of an answer, and leaves a full key before it refuses", () => {
  const full = {
    limit: "codex",
    windowSeconds: 18_000,
    usedPercent: 100,
    source: "headers" as const,
    atMs: T0,
  };
  const filling = anUpstream((file) =>
    file === "a.json" ? { readings: [{ ...full, resetAtMs: T0 + 3600 * SECOND }] } : {}
  );
  const requests = [0, 1, 2].map((index) => anArrival(index, T0 + index * 10 * SECOND, { session: "s" }));
  assert.equal(picks(replay(requests, { keys: KEYS, upstream: filling, rules: RULES })), "a b b");
});

Deno.test("replay() makes no further attempt after the client has seen a part", () => {
  const broken = anUpstream(() => ({ outcome: limitedUntil(T0 + 3600 * SECOND), isCommitted: true }));
  const history = replay([anArrival(0, T0)], { keys: KEYS, upstream: broken, rules: RULES });
  assert.equal(picks(history), "a");
  assert.equal(history.transitions.length, 1);
});

Deno.test("replay() serves or refuses every request, and is deterministic", () => {
  fc.assert(
    fc.property(hours(), ({ requests, upstream, rules }) => {
      const history = replay(requests, { keys: KEYS, upstream, rules });
      assert.equal(history.requests.length, requests.length);
      for (const { attempts, refusal } of history.requests) assert.ok(attempts.length > 0 || refusal);
      assert.deepEqual(replay(requests, { keys: KEYS, upstream, rules }), history);
    }),
    RUNS,
  );
});

Deno.test("replay() never picks an ejected key", () => {
  fc.assert(
    fc.property(hours(), ({ requests, upstream, rules }) => {
      const { requests: past, transitions } = replay(requests, { keys: KEYS, upstream, rules });
      const ejections = transitions.filter(({ event }) => event === "auth.blacklisted");
      for (const { file, startedMs } of past.flatMap(({ attempts }) => attempts)) {
        for (const ejection of ejections.filter((ejection) => ejection.file === file)) {
          // By order and not by time: a storm is recognised, and taken back, in the moment of its last refusal.
          const end = transitions.slice(transitions.indexOf(ejection) + 1).find((transition) =>
            transition.file === file
          );
          const endMs = Math.min(ejection.untilMs!, end?.atMs ?? Infinity);
          assert.ok(startedMs <= ejection.atMs || startedMs >= endMs, `${file} at ${startedMs - T0}`);
        }
      }
    }),
    RUNS,
  );
});

// What leaves no trace cannot be repeated: the first of two successful trials, and trials that all fail alike. Nor
// what came of trials at the very end.
Deno.test("replay() of a recording under the same rules repeats its requests", () => {
  fc.assert(
    fc.property(hours(["c.json"]), ({ requests, upstream, rules }) => {
      const rulesThen = { ...rules, trialSuccesses: 1 };
      const recorded = replay(requests, { keys: KEYS, upstream, rules: rulesThen });
      const repeated = replay(recorded.requests, {
        keys: KEYS,
        upstream: new RecordedUpstream(recorded),
        rules: rulesThen,
      });
      assert.deepEqual(repeated.requests, recorded.requests);
    }),
    RUNS,
  );
});
