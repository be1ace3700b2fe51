import assert from "node:assert/strict";
import type { AuthRecord } from "../../src/auth/record.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import {
  type AdditionalLimit,
  FIVE_HOURS_S,
  type Usage,
  type UsageWindow,
  WEEK_S,
} from "../../src/auth/usage.ts";
import { type KeyStanding, mostRoom, PoolUsage, usagePage } from "../../src/codex/pool_usage.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { usageBody } from "../support/answers.ts";
import {
  aHealth,
  aRecord,
  aUsage,
  aVerdict,
  limitedUntil,
  POLICY,
  SECOND,
  someCredits,
  T0,
} from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";

const DAY_S = 86_400;

function aWindow(windowSeconds: number, usedPercent: number, resetAfterS = 60): UsageWindow {
  return { windowSeconds, usedPercent, resetAtMs: T0 + resetAfterS * SECOND };
}

function aKey(name: string, over: Partial<Usage> = {}): KeyStanding {
  const usage = aUsage(over);
  return {
    record: aRecord(name),
    usage,
    goesOnWith: usage.allowed ? "quota" : usage.credits ? "credits" : "none",
  };
}

/** `[what counts, the better key, the other]` */
const BETTER: [string, Partial<Usage>, Partial<Usage>][] = [
  [
    "may go on, however little is left",
    { windows: [aWindow(WEEK_S, 99)] },
    { allowed: false, windows: [aWindow(WEEK_S, 10)] },
  ],
  [
    "has more left in its fullest window",
    { windows: [aWindow(FIVE_HOURS_S, 50), aWindow(WEEK_S, 50)] },
    { windows: [aWindow(FIVE_HOURS_S, 0), aWindow(WEEK_S, 60)] },
  ],
  [
    "has quota left, over one with credits",
    { windows: [aWindow(WEEK_S, 99)] },
    { allowed: false, credits: someCredits(), windows: [aWindow(WEEK_S, 100)] },
  ],
  [
    "has credits, over one that has to wait",
    { allowed: false, credits: someCredits(), windows: [aWindow(WEEK_S, 100, 9000)] },
    { allowed: false, windows: [aWindow(WEEK_S, 100, 10)] },
  ],
  ["names a window", { windows: [aWindow(WEEK_S, 90)] }, { windows: [] }],
  [
    "is back first, when none may go on",
    { allowed: false, windows: [aWindow(FIVE_HOURS_S, 100, 500), aWindow(WEEK_S, 20, 9000)] },
    { allowed: false, windows: [aWindow(FIVE_HOURS_S, 100, 100), aWindow(WEEK_S, 100, 8000)] },
  ],
  [
    "says when it is back, when none may go on",
    { allowed: false, windows: [aWindow(WEEK_S, 100, 8000)] },
    { allowed: false, windows: [aWindow(WEEK_S, 60)] },
  ],
];

for (const [what, better, other] of BETTER) {
  Deno.test(`mostRoom() prefers the key that ${what}`, () => {
    const keys = [aKey("other", other), aKey("better", better)];
    for (const order of [keys, keys.toReversed()]) {
      assert.equal(mostRoom(order)?.record.file, "better.json");
    }
  });
}

Deno.test("mostRoom() knows none of none", () => {
  assert.equal(mostRoom([]), undefined);
});

Deno.test("usagePage() is as Codex reads it, for the client's own account", () => {
  const spark: AdditionalLimit = {
    name: "GPT-Spark",
    feature: "codex_bengalfox",
    allowed: false,
    windows: [aWindow(FIVE_HOURS_S, 100, 60)],
  };
  const key = aKey("a", {
    planType: "pro",
    email: "a@example.com",
    windows: [aWindow(WEEK_S, 7.4, 900), aWindow(FIVE_HOURS_S, 41.6, 60.4)],
    additional: [spark],
  });
  const nowS = T0 / 1000;
  assert.deepEqual(usagePage(key, "acct-mine", T0), {
    user_id: null,
    account_id: "acct-mine",
    email: null,
    plan_type: "pro",
    rate_limit: {
      allowed: true,
      limit_reached: false,
      primary_window: {
        used_percent: 42,
        limit_window_seconds: FIVE_HOURS_S,
        reset_after_seconds: 60,
        reset_at: nowS + 60,
      },
      secondary_window: {
        used_percent: 7,
        limit_window_seconds: WEEK_S,
        reset_after_seconds: 900,
        reset_at: nowS + 900,
      },
    },
    additional_rate_limits: [{
      limit_name: "GPT-Spark",
      metered_feature: "codex_bengalfox",
      rate_limit: {
        allowed: false,
        limit_reached: true,
        primary_window: {
          used_percent: 100,
          limit_window_seconds: FIVE_HOURS_S,
          reset_after_seconds: 60,
          reset_at: nowS + 60,
        },
        secondary_window: null,
      },
    }],
    credits: null,
    rate_limit_reached_type: null,
  });
});

Deno.test("usagePage() says when the whole pool is exhausted", () => {
  const page = usagePage(aKey("a", { allowed: false }), undefined, T0) as Record<string, unknown>;
  assert.deepEqual([page["account_id"], page["rate_limit_reached_type"]], [null, {
    type: "rate_limit_reached",
  }]);
});

Deno.test("usagePage() of a key that goes on with its credits says so, and that nothing is reached", () => {
  const windows = [aWindow(FIVE_HOURS_S, 100), aWindow(WEEK_S, 100)];
  const key = aKey("a", { allowed: false, windows, credits: someCredits() });
  const page = usagePage(key, "acct-mine", T0) as Record<string, Record<string, unknown>>;
  const { allowed, limit_reached, primary_window } = page["rate_limit"]!;
  assert.deepEqual([allowed, limit_reached, page["rate_limit_reached_type"]], [true, false, null]);
  assert.equal((primary_window as Record<string, unknown>)["used_percent"], 100);
  assert.deepEqual(page["credits"], {
    has_credits: true,
    unlimited: false,
    overage_limit_reached: false,
    balance: "12.50",
  });
});

Deno.test("usagePage() tells of credits that do not help", () => {
  const credits = someCredits({ hasCredits: false, balance: "0" });
  const page = usagePage(aKey("a", { credits }), undefined, T0) as Record<string, unknown>;
  assert.deepEqual(page["credits"], {
    has_credits: false,
    unlimited: false,
    overage_limit_reached: false,
    balance: "0",
  });
});

/** `[from the usage page, from the auth file, plan]` */
const PLANS: [string | undefined, string | undefined, string][] = [
  ["team", "plus", "team"],
  [undefined, "plus", "plus"],
  [undefined, undefined, "unknown"],
];

for (const [planType, plan, expected] of PLANS) {
  Deno.test(`usagePage() names the plan ${expected} for ${planType} and ${plan}`, () => {
    const key = aKey("a", planType === undefined ? {} : { planType });
    const record = aRecord("a", plan === undefined ? {} : { plan });
    const page = usagePage({ ...key, record }, undefined, T0) as Record<string, unknown>;
    assert.equal(page["plan_type"], expected);
  });
}

/** `[lengths, primary, secondary]` */
const PLACES: [number[], number | null, number | null][] = [
  [[FIVE_HOURS_S, WEEK_S], FIVE_HOURS_S, WEEK_S],
  [[WEEK_S], null, WEEK_S],
  [[30 * DAY_S], 30 * DAY_S, null],
  [[30 * DAY_S, FIVE_HOURS_S], FIVE_HOURS_S, 30 * DAY_S],
  [[], null, null],
];

for (const [lengths, primary, secondary] of PLACES) {
  Deno.test(`usagePage() puts windows of [${lengths}] seconds in their places`, () => {
    const windows = lengths.map((length) => aWindow(length, 1));
    const page = usagePage(aKey("a", { windows }), undefined, T0);
    const { rate_limit: limit } = page as { rate_limit: Record<string, Record<string, number> | null> };
    const lengthOf = (place: string) => limit[place]?.["limit_window_seconds"] ?? null;
    assert.deepEqual([lengthOf("primary_window"), lengthOf("secondary_window")], [primary, secondary]);
  });
}

Deno.test("usagePage() gives a window without a reset, and one that was reset since, the present time", () => {
  for (const resetAtMs of [undefined, T0 - 30 * SECOND]) {
    const windows = [{ windowSeconds: FIVE_HOURS_S, usedPercent: 5, resetAtMs }];
    const page = usagePage(aKey("a", { windows }), undefined, T0);
    const { rate_limit: limit } = page as { rate_limit: Record<string, Record<string, number>> };
    const { reset_at, reset_after_seconds } = limit["primary_window"]!;
    assert.deepEqual([reset_at, reset_after_seconds], [T0 / 1000, 0]);
  }
});

/** A pool of keys whose usage the replies tell in turn. */
function aPool(names: string[], ...replies: Reply[]) {
  return aPoolOf(names.map((name) => aRecord(name)), ...replies);
}

function aPoolOf(records: AuthRecord[], ...replies: Reply[]) {
  const clock = new FakeClock();
  const upstream = new FakeSend(...replies);
  const pool = new KeyPool(POLICY, () => {});
  pool.merge(records, clock.nowMs());
  const evidence: string[] = [];
  const usage = new PoolUsage({
    pool,
    clock,
    upstream: new Upstream("http://upstream.example/backend-api"),
    send: upstream.send,
    userAgent: "cdx2/test",
    onUsage: (record, page, nowMs) => {
      evidence.push(`${record.file} ${page.allowed} ${nowMs}`);
      pool.noteUsage(record, page, nowMs);
    },
  });
  const best = async () => (await usage.best())?.record.file;
  return { clock, upstream, pool, evidence, best, usage };
}

function used(percent: number): Reply {
  const fiveHour = { usedPercent: percent, resetAfterSeconds: 600 };
  return answer(200, usageBody(fiveHour, { usedPercent: 0, resetAfterSeconds: 9000 }));
}

Deno.test("PoolUsage asks every key as itself and finds the best", async () => {
  const { upstream, best, evidence, clock } = aPool(["a", "b", "c"], used(100), used(20), used(30));
  assert.equal(await best(), "b.json");
  assert.deepEqual(upstream.tokens, ["token-of-a", "token-of-b", "token-of-c"]);
  assert.ok(upstream.requests.every(({ url }) => url === "http://upstream.example/backend-api/wham/usage"));
  const at = clock.nowMs();
  assert.deepEqual(evidence, [`a.json false ${at}`, `b.json true ${at}`, `c.json true ${at}`]);
});

Deno.test("PoolUsage asks a key once a minute, however many want to know", async () => {
  const { upstream, best, clock } = aPool(["a"], used(20));
  await Promise.all([best(), best()]);
  await clock.advance(59 * SECOND);
  await best();
  assert.equal(upstream.requests.length, 1);
  await clock.advance(SECOND);
  await best();
  assert.equal(upstream.requests.length, 2);
});

Deno.test("PoolUsage does not wait for a silent key, and asks it again", async () => {
  const { upstream, best, clock } = aPool(["a", "b"], "hang", used(20), used(0));
  const first = best();
  await clock.advance(3 * SECOND);
  assert.equal(await first, "b.json");
  assert.equal(await best(), "a.json");
  assert.equal(upstream.requests.length, 3);
});

Deno.test("PoolUsage asks no ejected key and knows nothing without any", async () => {
  const { upstream, best, pool, clock } = aPool(["a"], used(20));
  const untilMs = clock.nowMs() + 900 * SECOND;
  pool.restore(
    "a.json",
    aHealth({ state: { kind: "blacklist", untilMs, cause: "http_401" } }),
    clock.nowMs(),
  );
  assert.equal(await best(), undefined);
  assert.equal(upstream.requests.length, 0);
});

/** A page of an account at its limit, with these credits. */
function full(balance: string): Reply {
  const credits = { has_credits: true, unlimited: false, balance };
  const window = { used_percent: 100, limit_window_seconds: FIVE_HOURS_S, reset_after_seconds: 600 };
  return answer(200, { rate_limit: { allowed: false, primary_window: window }, credits });
}

Deno.test("PoolUsage finds a key that goes on with its credits when no other may go on", async () => {
  const { usage } = aPool(["a", "b"], used(100), full("3"));
  const best = await usage.best();
  assert.deepEqual([best?.record.file, best?.goesOnWith], ["b.json", "credits"]);
});

Deno.test("PoolUsage does not count on credits in spite of which the upstream refused a request", async () => {
  const { usage, pool, clock } = aPool(["a"], full("3"), full("3"));
  assert.equal((await usage.best())?.goesOnWith, "credits");
  const lease = { record: aRecord("a"), startedMs: clock.nowMs() };
  pool.apply(lease, aVerdict(limitedUntil(clock.nowMs() + 3600 * SECOND), clock.nowMs()));
  await clock.advance(60 * SECOND);
  assert.equal((await usage.best())?.goesOnWith, "none");
  assert.equal(pool.describe(clock.nowMs())[0]!.health.state.kind, "cooldown");
});

Deno.test("PoolUsage asks no disabled key, and an expired one only when there are no others", async () => {
  const expired = aRecord("b", { expiresAtMs: 1 });
  const disabled = aRecord("c", { isDisabled: true });
  const mixed = aPoolOf([aRecord("a"), expired, disabled], used(10));
  await mixed.best();
  assert.deepEqual(mixed.upstream.tokens, ["token-of-a"]);
  const alone = aPoolOf([expired, disabled], used(10));
  await alone.best();
  assert.deepEqual(alone.upstream.tokens, ["token-of-b"]);
});

Deno.test("PoolUsage asks the key in one file alone, also an ejected one", async () => {
  const { usage, upstream, pool, clock } = aPool(["a", "b"], used(90));
  const nowMs = clock.nowMs();
  pool.restore("b.json", aHealth({ state: { kind: "blacklist", untilMs: nowMs + 1e6, cause: "x" } }), nowMs);
  assert.equal((await usage.of("b.json"))?.usage.windows[0]?.usedPercent, 90);
  assert.deepEqual(upstream.tokens, ["token-of-b"]);
  assert.equal(await usage.of("c.json"), undefined);
});

Deno.test("PoolUsage judges the credits of one key as those of all", async () => {
  const { usage, pool, clock } = aPool(["a", "b"], full("3"), full("3"));
  assert.equal((await usage.of("a.json"))?.goesOnWith, "credits");
  const lease = { record: aRecord("a"), startedMs: clock.nowMs() };
  pool.apply(lease, aVerdict(limitedUntil(clock.nowMs() + 3600 * SECOND), clock.nowMs()));
  await clock.advance(60 * SECOND);
  assert.equal((await usage.of("a.json"))?.goesOnWith, "none");
});
