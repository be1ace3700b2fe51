import assert from "node:assert/strict";
import fc from "fast-check";
import { FIVE_HOURS_S, parseUsage, permitsRequests, WEEK_S } from "../../src/auth/usage.ts";
import { isObject } from "../../src/values/json.ts";
import { aUsage, T0 } from "../support/builders.ts";
import { oddJson, UNTEXTUAL } from "../support/odd_json.ts";

const T0_S = T0 / 1000;

/** As the backend sends it. */
function aWindow(over: Record<string, unknown> = {}) {
  return {
    used_percent: 42,
    limit_window_seconds: FIVE_HOURS_S,
    reset_after_seconds: 600,
    reset_at: T0_S + 600,
    ...over,
  };
}

const FIVE_HOUR = { windowSeconds: FIVE_HOURS_S, usedPercent: 42, resetAtMs: T0 + 600_000 };

Deno.test("parseUsage() reads a whole answer", () => {
  const body = {
    account_id: "acct-fake",
    email: "a@example.com",
    plan_type: "plus",
    rate_limit: {
      allowed: true,
      limit_reached: false,
      primary_window: aWindow(),
      secondary_window: aWindow({ limit_window_seconds: WEEK_S, used_percent: 7 }),
    },
    additional_rate_limits: [{
      limit_name: "GPT-Spark",
      metered_feature: "codex_bengalfox",
      rate_limit: { allowed: false, limit_reached: true, primary_window: aWindow(), secondary_window: null },
    }],
  };
  assert.deepEqual(parseUsage(body, T0), {
    planType: "plus",
    email: "a@example.com",
    allowed: true,
    windows: [FIVE_HOUR, { ...FIVE_HOUR, windowSeconds: WEEK_S, usedPercent: 7 }],
    additional: [{ name: "GPT-Spark", feature: "codex_bengalfox", allowed: false, windows: [FIVE_HOUR] }],
    credits: undefined,
  });
});

const CREDITS = { has_credits: true, unlimited: false, overage_limit_reached: false, balance: "12.50" };
const REACHED = { allowed: false, limit_reached: true };

/** `[what, page, whether the account may go on]` */
const CREDIT_PAGES: [string, Record<string, unknown>, boolean][] = [
  ["a reached limit", { rate_limit: REACHED }, false],
  ["a reached limit and credits", { rate_limit: REACHED, credits: CREDITS }, true],
  [
    "a reached limit and a numeric balance",
    { rate_limit: REACHED, credits: { ...CREDITS, balance: 3 } },
    true,
  ],
  ["a reached limit and no balance", { rate_limit: REACHED, credits: { ...CREDITS, balance: null } }, true],
  [
    "a reached limit and an empty balance",
    { rate_limit: REACHED, credits: { ...CREDITS, balance: "0" } },
    false,
  ],
  [
    "a reached limit and no credits",
    { rate_limit: REACHED, credits: { ...CREDITS, has_credits: false } },
    false,
  ],
  ["a reached limit and unlimited credits", { rate_limit: REACHED, credits: { unlimited: true } }, true],
  [
    "a reached overage limit",
    { rate_limit: REACHED, credits: { ...CREDITS, overage_limit_reached: true } },
    false,
  ],
  [
    "a reached spend control",
    { rate_limit: REACHED, credits: CREDITS, spend_control: { reached: true } },
    false,
  ],
  [
    "a workspace's limit for its members",
    {
      rate_limit: REACHED,
      credits: CREDITS,
      rate_limit_reached_type: { type: "workspace_member_usage_limit_reached" },
    },
    false,
  ],
  [
    "the account's own limit by name",
    { rate_limit: REACHED, credits: CREDITS, rate_limit_reached_type: { type: "rate_limit_reached" } },
    true,
  ],
  ["credits that are text", { rate_limit: REACHED, credits: "plenty" }, false],
  ["room and no credits", { rate_limit: { allowed: true }, credits: null }, true],
];

for (const [what, page, mayGoOn] of CREDIT_PAGES) {
  Deno.test(`permitsRequests() of a page with ${what} is ${mayGoOn}`, () => {
    assert.equal(permitsRequests(parseUsage(page, T0)!), mayGoOn);
  });
}

/** `[what, rate_limit, windows]` */
const WINDOWS: [string, unknown, unknown[]][] = [
  [
    "a weekly window in the first place",
    { primary_window: aWindow({ limit_window_seconds: WEEK_S }), secondary_window: null },
    [{ ...FIVE_HOUR, windowSeconds: WEEK_S }],
  ],
  ["a window of another length", { secondary_window: aWindow({ limit_window_seconds: 2_592_000 }) }, [
    { ...FIVE_HOUR, windowSeconds: 2_592_000 },
  ]],
  ["no windows", { primary_window: null, secondary_window: null }, []],
  ["no limit at all", null, []],
  ["a limit that is text", "none", []],
  ["numbers as text", {
    primary_window: { used_percent: "42", limit_window_seconds: "18000", reset_after_seconds: "600" },
  }, [FIVE_HOUR]],
  ["a window without use", { primary_window: aWindow({ used_percent: undefined }) }, []],
  ["a window without length", { primary_window: aWindow({ limit_window_seconds: null }) }, []],
  ["a window of no length", { primary_window: aWindow({ limit_window_seconds: 0 }) }, []],
  ["use below nothing", { primary_window: aWindow({ used_percent: -5 }) }, [{
    ...FIVE_HOUR,
    usedPercent: 0,
  }]],
  ["use above all", { primary_window: aWindow({ used_percent: 130 }) }, [{ ...FIVE_HOUR, usedPercent: 100 }]],
  ["reset_at before reset_after_seconds", { primary_window: aWindow({ reset_after_seconds: 5 }) }, [
    FIVE_HOUR,
  ]],
  ["a reset that is over", { primary_window: aWindow({ reset_at: T0_S - 60 }) }, [FIVE_HOUR]],
  ["a reset in 35 days", { primary_window: aWindow({ reset_at: T0_S + 35 * 86_400 }) }, [
    { ...FIVE_HOUR, resetAtMs: T0 + 35 * 86_400_000 },
  ]],
  ["a reset in milliseconds by mistake", { primary_window: aWindow({ reset_at: T0 }) }, [FIVE_HOUR]],
  ["no reset", { primary_window: aWindow({ reset_at: null, reset_after_seconds: 0 }) }, [
    { windowSeconds: FIVE_HOURS_S, usedPercent: 42, resetAtMs: undefined },
  ]],
];

for (const [what, limit, windows] of WINDOWS) {
  Deno.test(`parseUsage() reads ${what}`, () => {
    assert.deepEqual(parseUsage({ rate_limit: limit }, T0)?.windows, windows);
  });
}

/** `[what, rate_limit, allowed]` */
const LIMITS: [string, unknown, boolean][] = [
  ["goes by limit_reached", { allowed: true, limit_reached: true }, false],
  ["goes by allowed", { allowed: false }, false],
  ["takes silence for room", {}, true],
  ["takes null for room", { allowed: null, limit_reached: null }, true],
];

for (const [what, limit, allowed] of LIMITS) {
  Deno.test(`parseUsage() ${what}`, () => {
    assert.equal(parseUsage({ rate_limit: limit }, T0)?.allowed, allowed);
  });
}

Deno.test("parseUsage() names an additional limit by what it has, and drops one without a name", () => {
  const body = {
    rate_limit: null,
    additional_rate_limits: [{ metered_feature: "f" }, { limit_name: "N" }, {}, null],
  };
  const names = parseUsage(body, T0)?.additional.map(({ name, feature }) => [name, feature]);
  assert.deepEqual(names, [["f", "f"], ["N", "N"]]);
});

Deno.test("parseUsage() reads no label that is long or moves the cursor", () => {
  const body = { rate_limit: null, plan_type: "p".repeat(101), email: "a\x1b[2J@example.com" };
  assert.deepEqual(parseUsage(body, T0), aUsage());
});

Deno.test("parseUsage() gives nothing for what is not a usage page", () => {
  for (const body of [undefined, null, "text", 7, [], {}, { error: { message: "no" } }]) {
    assert.equal(parseUsage(body, T0), undefined);
  }
});

Deno.test("parseUsage() never throws, and keeps percentages and resets within their bounds", () => {
  const odd = fc.oneof(fc.anything(), fc.double(), fc.integer().map(String), fc.constant(UNTEXTUAL));
  const window = fc.record({
    used_percent: odd,
    limit_window_seconds: odd,
    reset_at: odd,
    reset_after_seconds: odd,
  }, { requiredKeys: [] });
  const others = oddJson(
    "rate_limit_reached_type",
    "type",
    "credits",
    "overage_limit_reached",
    "spend_control",
  );
  const any = fc.anything();
  fc.assert(fc.property(window, any, any, others, (primary_window, secondary_window, additional, more) => {
    const rate_limit = { primary_window, secondary_window };
    const body = { ...(isObject(more) ? more : {}), rate_limit, additional_rate_limits: additional };
    for (const { usedPercent, windowSeconds, resetAtMs } of parseUsage(body, T0)!.windows) {
      assert.ok(usedPercent >= 0 && usedPercent <= 100 && windowSeconds > 0);
      assert.ok(resetAtMs === undefined || resetAtMs >= T0);
    }
  }));
});
