import assert from "node:assert/strict";
import { RecordedUpstream } from "../../src/replay/recorded_upstream.ts";
import type { KeyTransition, PastAttempt, PastRequest } from "../../src/replay/history.ts";
import { SECOND, T0 } from "../support/builders.ts";
import { anArrival, aPastAttempt, aPastRequest, aTransition } from "../support/replays.ts";

const MINUTE = 60 * SECOND;

/** A request that began this many minutes after T0, with attempts of a second each. */
function past(
  minute: number,
  attempts: readonly Partial<PastAttempt>[],
  over: Partial<PastRequest> = {},
): PastRequest {
  const startedMs = T0 + minute * MINUTE;
  const whole = attempts.map((attempt) =>
    aPastAttempt({ startedMs, endedMs: startedMs + SECOND, ...attempt })
  );
  return aPastRequest(minute, startedMs, { attempts: whole, ...over });
}

/** What a key answers to a request of its own, this many minutes after T0. */
function answer(
  { requests = [], transitions = [] }: {
    requests?: readonly PastRequest[];
    transitions?: readonly KeyTransition[];
  },
  { file = "a.json", minute, model }: { file?: string; minute: number; model?: string },
) {
  const asked = anArrival(minute, T0 + minute * MINUTE, model === undefined ? {} : { model });
  return new RecordedUpstream({ requests, transitions }).answer(asked, file, {
    nowMs: asked.arrivedMs,
    earlier: 0,
  });
}

const LIMITED = { outcome: "rate_limited", status: 429, error: "usage_limit_reached" } as const;
const REJECTED = { outcome: "auth_rejected", status: 401, error: "http_401" } as const;

Deno.test("answer() of a key that was asked is the recorded one", () => {
  const requests = [past(1, [REJECTED, { file: "b.json" }])];
  const { outcome, status, latencyMs } = answer({ requests }, { minute: 1 });
  assert.deepEqual([outcome, status, latencyMs], [{ kind: "auth_rejected", code: "http_401" }, 401, SECOND]);
});

Deno.test("answer() of another key is what it was last found to be, else what it was found to be next, else ok", () => {
  const requests = [past(5, [REJECTED]), past(20, [{}]), past(40, [REJECTED])];
  const kinds = [1, 10, 30, 50].map((minute) => answer({ requests }, { minute }).outcome.kind);
  assert.deepEqual(kinds, ["auth_rejected", "auth_rejected", "ok", "auth_rejected"]);
  assert.equal(answer({ requests }, { file: "b.json", minute: 10 }).outcome.kind, "ok");
});

Deno.test("answer() of a limited key holds until the recorded end of its cooldown, and then what was found next", () => {
  const untilMs = T0 + 30 * MINUTE;
  const transitions = [
    aTransition({ atMs: T0 + 5 * MINUTE, requestId: "req_5", cause: LIMITED.error, untilMs }),
  ];
  const requests = [past(5, [LIMITED, { file: "b.json" }])];
  assert.deepEqual(answer({ requests, transitions }, { minute: 29 }).outcome, {
    kind: "rate_limited",
    code: "usage_limit_reached",
    scope: "key",
    isMoment: false,
    untilMs,
  });
  assert.equal(answer({ requests, transitions }, { minute: 30 }).outcome.kind, "ok");
  const again = aTransition({
    atMs: T0 + 30 * MINUTE + SECOND,
    cause: LIMITED.error,
    untilMs: T0 + 60 * MINUTE,
  });
  assert.equal(
    answer({ requests, transitions: [...transitions, again] }, { minute: 30 }).outcome.kind,
    "rate_limited",
  );
});

Deno.test("answer() of a key in a burst names no time, so that the rules make their own", () => {
  const transitions = [
    aTransition({ atMs: T0, requestId: "req_0", cause: "http_429", untilMs: T0 + 10 * MINUTE }),
  ];
  const requests = [past(0, [{ ...LIMITED, error: "http_429" }])];
  const { outcome } = answer({ requests, transitions }, { minute: 5 });
  assert.deepEqual(outcome, {
    kind: "rate_limited",
    code: "http_429",
    scope: "key",
    isMoment: false,
    untilMs: undefined,
  });
});

Deno.test("answer() takes a 429 that left the key without a penalty for one of the model", () => {
  const requests = [past(0, [LIMITED], { model: "spark" })];
  assert.equal(answer({ requests }, { minute: 5, model: "spark" }).outcome.kind, "rate_limited");
  assert.equal(answer({ requests }, { minute: 5, model: "other" }).outcome.kind, "ok");
});

const LACKING = { outcome: "model_refused", status: 400, error: "model_not_supported" } as const;
const SERVED_BY_B = { file: "b.json" };

/** `[what, requests, minute, model, outcome of the key a]` */
const MODELS: readonly [string, readonly PastRequest[], number, string, string][] = [
  ["it lacked", [past(5, [LACKING, SERVED_BY_B], { model: "new" })], 9, "new", "model_refused"],
  ["it was found to lack later", [past(5, [LACKING, SERVED_BY_B], { model: "new" })], 1, "new", "ok"],
  ["is another", [past(5, [LACKING, SERVED_BY_B], { model: "new" })], 9, "old", "ok"],
  [
    "every key refused",
    [past(5, [LACKING, { ...LACKING, file: "b.json" }], { model: "new" })],
    9,
    "new",
    "ok",
  ],
  [
    "it lacked before it served another",
    [past(5, [LACKING, SERVED_BY_B], { model: "new" }), past(6, [{}], { model: "old" })],
    9,
    "new",
    "model_refused",
  ],
  [
    "it has served since",
    [past(5, [LACKING, SERVED_BY_B], { model: "new" }), past(6, [{}], { model: "new" })],
    9,
    "new",
    "ok",
  ],
];

for (const [what, requests, minute, model, expected] of MODELS) {
  Deno.test(`answer() for a model that ${what} is ${expected}`, () => {
    assert.equal(answer({ requests }, { minute, model }).outcome.kind, expected);
  });
}

Deno.test("answer() uses what trials found out", () => {
  const ejected = aTransition({
    event: "auth.blacklisted",
    state: "blacklist",
    cause: "gone",
    untilMs: T0 + 15 * MINUTE,
  });
  const restored = aTransition({ event: "auth.restored", state: "ok", atMs: T0 + 20 * MINUTE });
  const notBlamed = { ...restored, state: "blacklist" as const };
  const kindAt = (minute: number, ...transitions: readonly KeyTransition[]) =>
    answer({ transitions }, { minute }).outcome.kind;
  assert.equal(kindAt(10, ejected, restored), "auth_rejected");
  assert.equal(kindAt(16, ejected, restored), "ok");
  assert.equal(kindAt(16, ejected), "auth_rejected");
  assert.equal(kindAt(21, ejected, notBlamed), "auth_rejected");
});

Deno.test("answer() of a key that serves is what was wrong with the request, or the upstream", () => {
  const own = (attempt: Partial<PastAttempt>) =>
    answer({ requests: [past(1, [attempt])] }, { file: "b.json", minute: 1 });
  assert.deepEqual(own({ outcome: "client_error", status: 400 }).outcome, {
    kind: "client_error",
    code: undefined,
  });
  assert.equal(
    own({ outcome: "origin_failed", status: 503, error: "http_503" }).outcome.kind,
    "origin_failed",
  );
  assert.equal(own({ outcome: "ok" }).latencyMs, SECOND);
  assert.equal(own(REJECTED).outcome.kind, "ok");
});

Deno.test("answer() repeats a failed connection, and says whether it was tried again", () => {
  const silent = { outcome: "origin_failed", status: null, error: "refused" } as const;
  const failureOf = (request: PastRequest) => answer({ requests: [request] }, { minute: 1 }).failure;
  const failure = { isUnsent: true, isTimeout: false, isLost: false, reason: "refused" };
  assert.deepEqual(failureOf(past(1, [silent, silent])), failure);
  assert.deepEqual(failureOf(past(1, [silent])), { ...failure, isUnsent: false });
  assert.equal(failureOf(past(1, [silent], { refusal: "upstream_timeout" }))?.isTimeout, true);
});

Deno.test("answer() is committed when a refusal ended a request that the proxy did not refuse", () => {
  const isCommitted = (...requests: readonly PastRequest[]) =>
    answer({ requests }, { minute: 1 }).isCommitted;
  assert.equal(isCommitted(past(1, [LIMITED])), true);
  assert.equal(isCommitted(past(1, [LIMITED], { refusal: "usage_limit_reached" })), false);
  assert.equal(isCommitted(past(1, [LIMITED, { file: "b.json" }])), false);
});

Deno.test("trial() finds what is known about the key", () => {
  const upstream = new RecordedUpstream({ requests: [past(5, [REJECTED])], transitions: [] });
  assert.equal(upstream.trial("a.json", T0 + 10 * MINUTE).kind, "auth_rejected");
  assert.equal(upstream.trial("b.json", T0 + 10 * MINUTE).kind, "ok");
});
