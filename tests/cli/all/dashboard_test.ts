import assert from "node:assert/strict";
import fc from "fast-check";
import type { Credits } from "../../../src/auth/credits.ts";
import type { AuthRecord } from "../../../src/auth/record.ts";
import { FIVE_HOURS_S, type Usage, WEEK_S } from "../../../src/auth/usage.ts";
import { type AskedKey, type DashboardOptions, dashboardView } from "../../../src/cli/all/dashboard.ts";
import type { Thresholds } from "../../../src/cli/all/page.ts";
import { aRecord, someCredits, T0 } from "../../support/builders.ts";
import { anAskedKey, aUsageWindow, noAnswer } from "../../support/asked_keys.ts";

const THRESHOLDS: Thresholds = { warn_at: 70, cooldown_at: 90, only: "both" };

function view(keys: readonly AskedKey[], { thresholds, ...options }: Partial<DashboardOptions> = {}) {
  return dashboardView(keys, { thresholds: { ...THRESHOLDS, ...thresholds }, nowMs: T0, ...options });
}

function only(key: AskedKey, thresholds: Partial<Thresholds> = {}) {
  return view([key], { thresholds: { ...THRESHOLDS, ...thresholds } }).accounts[0]!;
}

Deno.test("dashboardView() has the fields of the contract", () => {
  const { aggregate, availability, accounts, forecast, ...rest } = view([
    anAskedKey("home", { used: [100, 10], resets: [7500, 90_000], usage: { allowed: false } }),
    anAskedKey("work", { used: [40, 10], resets: [600, 90_000], usage: { planType: "plus" } }),
    noAnswer("lost", "token rejected (401)"),
  ]);
  assert.deepEqual(forecast.keys.map(({ key, windows }) => [key, windows.length]), [["home.json", 2], [
    "work.json",
    2,
  ]]);
  assert.equal(forecast.rates, "mean");
  assert.deepEqual(rest, { ok: true, thresholds: THRESHOLDS, retrieved_at: "2027-01-15T08:00:00.000Z" });
  assert.deepEqual(aggregate, {
    status: "COOLDOWN",
    counts: { ok: 1, warn: 0, cooldown: 1, unknown: 1 },
    global_exhaustion: 40,
    max_used: 100,
    min_reset_seconds: 600,
    total: 3,
  });
  assert.deepEqual(availability, {
    available_now: 1,
    cooldown_now: 1,
    unknown_now: 1,
    next_available_in_seconds: 7500,
    next_available_file: "home.json",
  });
  assert.deepEqual(accounts[0], {
    file: "work.json",
    email: "work@example.com",
    status: "OK",
    disabled: false,
    expired: false,
    borrowed: false,
    token_expires_at: null,
    renewal: null,
    plan_type: "plus",
    current: true,
    five_hour: { status: "OK", used_percent: 40, reset_after_seconds: 600 },
    weekly: { status: "OK", used_percent: 10, reset_after_seconds: 90_000 },
    other_windows: [],
    limit_reached: false,
    credits: null,
    error: null,
  });
  const unknown = { status: "UNKNOWN", used_percent: null, reset_after_seconds: null };
  assert.deepEqual(accounts[2], {
    file: "lost.json",
    email: "lost@example.com",
    status: "UNKNOWN",
    disabled: false,
    expired: false,
    borrowed: false,
    token_expires_at: null,
    renewal: null,
    plan_type: null,
    current: false,
    five_hour: unknown,
    weekly: unknown,
    other_windows: [],
    limit_reached: false,
    credits: null,
    error: "token rejected (401)",
  });
});

/** `[five hours, weekly, allowed, statuses of both and of the key]` */
const STATUSES: [number, number, boolean, string][] = [
  [0, 0, true, "OK OK OK"],
  [69.9, 0, true, "OK OK OK"],
  [70, 0, true, "WARN OK WARN"],
  [0, 89, true, "OK WARN WARN"],
  [90, 75, true, "COOLDOWN WARN COOLDOWN"],
  [0, 100, true, "OK COOLDOWN COOLDOWN"],
  [20, 30, false, "COOLDOWN COOLDOWN COOLDOWN"],
];

for (const [fiveHour, weekly, allowed, expected] of STATUSES) {
  Deno.test(`dashboardView() judges ${fiveHour}%, ${weekly}%, allowed ${allowed} as ${expected}`, () => {
    const account = only(anAskedKey("work", { used: [fiveHour, weekly], usage: { allowed } }));
    assert.equal(`${account.five_hour?.status} ${account.weekly?.status} ${account.status}`, expected);
  });
}

/** `[what, use of both windows, allowed, credits, statuses of both windows and of the key]` */
const WITH_CREDITS: [string, [number, number], boolean, Partial<Credits>, string][] = [
  ["a full window", [100, 10], false, {}, "COOLDOWN OK WARN"],
  ["a full window that is still allowed", [100, 10], true, {}, "COOLDOWN OK WARN"],
  ["two full windows", [100, 100], false, {}, "COOLDOWN COOLDOWN WARN"],
  ["a reached limit that no window shows", [20, 30], false, {}, "OK OK OK"],
  ["much room", [20, 30], true, {}, "OK OK OK"],
  ["a nearly full window", [92, 10], true, { isUnlimited: true }, "COOLDOWN OK WARN"],
  ["no credits left", [100, 10], false, { balance: "0" }, "COOLDOWN COOLDOWN COOLDOWN"],
  ["a reached limit on spending", [100, 10], false, { isCapped: true }, "COOLDOWN COOLDOWN COOLDOWN"],
];

for (const [what, used, allowed, over, expected] of WITH_CREDITS) {
  Deno.test(`dashboardView() judges an account with credits and ${what} as ${expected}`, () => {
    const { aggregate, availability, accounts: [account] } = view([
      anAskedKey("work", { used, usage: { allowed, credits: someCredits(over) } }),
    ]);
    assert.equal(`${account!.five_hour?.status} ${account!.weekly?.status} ${account!.status}`, expected);
    assert.equal(availability.available_now, account!.status === "COOLDOWN" ? 0 : 1);
    assert.equal(aggregate.status, account!.status);
  });
}

Deno.test("dashboardView() shows whether credits can be used, and how much there is", () => {
  const account = only(anAskedKey("work", { usage: { credits: someCredits() } }));
  assert.deepEqual(account.credits, { has_credits: true, unlimited: false, balance: "12.50" });
  const empty = only(anAskedKey("work", { usage: { credits: someCredits({ balance: "0" }) } }));
  assert.deepEqual(empty.credits, { has_credits: false, unlimited: false, balance: "0" });
});

function withRecord(key: AskedKey, over: Partial<AuthRecord>): AskedKey {
  return { ...key, record: { ...key.record, ...over } };
}

const EXPIRED = { expiresAtMs: T0 - 1 };

Deno.test("dashboardView() counts no disabled key and no unasked expired one as usable, and puts them last", () => {
  const keys = [
    withRecord(noAnswer("off", "disabled"), { isDisabled: true }),
    withRecord(noAnswer("old", "its token has expired"), EXPIRED),
    noAnswer("lost", "token rejected (401)"),
    anAskedKey("work"),
  ];
  const { accounts, availability, aggregate } = view(keys);
  assert.deepEqual(accounts.map(({ file, status }) => `${file} ${status}`), [
    "work.json OK",
    "lost.json UNKNOWN",
    "off.json UNKNOWN",
    "old.json UNKNOWN",
  ]);
  assert.deepEqual([availability.available_now, availability.unknown_now, aggregate.counts.ok], [1, 3, 1]);
  assert.deepEqual(accounts.map(({ disabled, expired }) => [disabled, expired]), [
    [false, false],
    [false, false],
    [true, false],
    [false, true],
  ]);
});

Deno.test("dashboardView() never judges an expired key as OK, although it answers", () => {
  assert.equal(only(withRecord(anAskedKey("old"), EXPIRED)).status, "WARN");
  assert.equal(only(withRecord(anAskedKey("old", { used: [100, 0] }), EXPIRED)).status, "COOLDOWN");
});

Deno.test("dashboardView() applies other thresholds", () => {
  assert.equal(only(anAskedKey("work", { used: [50, 0] }), { warn_at: 40 }).status, "WARN");
  assert.equal(
    only(anAskedKey("work", { used: [50, 0] }), { warn_at: 40, cooldown_at: 50 }).status,
    "COOLDOWN",
  );
});

Deno.test("dashboardView() looks at one window only when asked to", () => {
  const key = anAskedKey("work", { used: [95, 10] });
  const weekly = only(key, { only: "weekly" });
  assert.deepEqual([weekly.status, weekly.five_hour, weekly.weekly?.used_percent], ["OK", null, 10]);
  const fiveHour = only(key, { only: "5h" });
  assert.deepEqual([fiveHour.status, fiveHour.weekly, fiveHour.five_hour?.used_percent], [
    "COOLDOWN",
    null,
    95,
  ]);
});

/** `[what, windows of the answer, statuses of 5 hours, week and key, other windows]` */
const ODD: [string, Usage["windows"], string, number[]][] = [
  ["no windows", [], "UNKNOWN UNKNOWN UNKNOWN", []],
  ["only a weekly window", [aUsageWindow(WEEK_S, 75)], "UNKNOWN WARN WARN", []],
  ["only a monthly window", [aUsageWindow(2_592_000, 75)], "UNKNOWN UNKNOWN WARN", [2_592_000]],
  [
    "three windows",
    [aUsageWindow(86_400, 5), aUsageWindow(WEEK_S, 5), aUsageWindow(FIVE_HOURS_S, 95)],
    "COOLDOWN OK COOLDOWN",
    [86_400],
  ],
];

for (const [what, windows, expected, others] of ODD) {
  Deno.test(`dashboardView() judges an account with ${what}`, () => {
    const account = only(anAskedKey("work", { usage: { windows } }));
    assert.equal(`${account.five_hour?.status} ${account.weekly?.status} ${account.status}`, expected);
    assert.deepEqual(account.other_windows.map(({ window_seconds }) => window_seconds), others);
  });
}

Deno.test("dashboardView() sorts usable keys first, then by what is left, by the wait, by name", () => {
  const keys = [
    noAnswer("b-silent", "no answer within 8s"),
    noAnswer("a-silent", "no answer within 8s"),
    anAskedKey("full-for-long", { used: [100, 0], resets: [9000, 1] }),
    anAskedKey("full", { used: [100, 0], resets: [60, 1] }),
    anAskedKey("nearly", { used: [0, 80] }),
    anAskedKey("fresh", { used: [5, 5] }),
  ];
  const files = ["fresh", "nearly", "full", "full-for-long", "a-silent", "b-silent"];
  assert.deepEqual(view(keys).accounts.map(({ file }) => file), files.map((name) => `${name}.json`));
});

/** `[what, options, the current key]` */
const CURRENT: [string, Partial<DashboardOptions>, string][] = [
  ["the key that the proxy used last", { lastUsedFile: "full.json", login: aRecord("good") }, "full"],
  [
    "the login of Codex when the proxy's key is gone",
    { lastUsedFile: "x.json", login: aRecord("full") },
    "full",
  ],
  ["the login of Codex by its token", { login: aRecord("x", { token: aRecord("full").token }) }, "full"],
  ["the login of Codex by its e-mail alone", { login: namedOnly({ email: "FULL@example.com" }) }, "full"],
  ["the login of Codex by its account alone", { login: namedOnly({ accountId: "acct-full" }) }, "full"],
  ["the best, when the e-mail is of another account", {
    login: aRecord("x", { email: "full@example.com" }),
  }, "best"],
  ["the best, when Codex has an unknown login", { login: namedOnly({}) }, "best"],
  ["the best, when nothing is known", {}, "best"],
];

function namedOnly(names: { email?: string; accountId?: string }) {
  return aRecord("of Codex", { file: "auth.json", accountId: undefined, email: undefined, ...names });
}

for (const [what, options, current] of CURRENT) {
  Deno.test(`dashboardView() marks ${what} as current, and puts it first`, () => {
    const keys = [
      anAskedKey("full", { used: [100, 100] }),
      anAskedKey("good", { used: [30, 0] }),
      anAskedKey("best"),
    ];
    const { accounts } = view(keys, options);
    assert.deepEqual(accounts.filter((account) => account.current), [accounts[0]]);
    assert.equal(accounts[0]?.file, `${current}.json`);
  });
}

/** `[what, used, resets, seconds]` */
const WAITS: [string, [number, number], [number, number?], number | null][] = [
  ["the full window", [100, 10], [60, 5], 60],
  ["the later of two full windows", [100, 100], [60, 5000], 5000],
  ["no time when a full window names none", [100, 100], [60], null],
  ["no time when no window explains the limit", [10, 10], [60, 5000], null],
];

for (const [what, used, resets, seconds] of WAITS) {
  Deno.test(`dashboardView() says when a key is usable again: ${what}`, () => {
    const { availability } = view([anAskedKey("work", { used, resets, usage: { allowed: false } })]);
    assert.equal(availability.next_available_in_seconds, seconds);
    assert.equal(availability.next_available_file, seconds === null ? null : "work.json");
  });
}

Deno.test("dashboardView() has no figures for an empty pool", () => {
  const { ok, aggregate, availability, accounts } = view([]);
  assert.deepEqual([ok, aggregate.status, aggregate.global_exhaustion, aggregate.max_used], [
    false,
    "UNKNOWN",
    null,
    null,
  ]);
  assert.deepEqual([availability.available_now, accounts], [0, []]);
});

Deno.test("dashboardView() takes e-mail and plan from the answer when the file has none, and shows no token", () => {
  const key = {
    ...anAskedKey("work", { usage: { email: "a@b.example" } }),
    record: aRecord("work", { email: undefined, plan: "team" }),
  };
  const shown = view([key]);
  assert.deepEqual([shown.accounts[0]?.email, shown.accounts[0]?.plan_type], ["a@b.example", "team"]);
  assert.doesNotMatch(JSON.stringify(shown), /token-of-|acct-/);
});

Deno.test("dashboardView() shows each key once and counts them all, in any pool", () => {
  const percent = fc.integer({ min: 0, max: 100 });
  const key = fc.tuple(fc.boolean(), percent, percent, fc.boolean());
  fc.assert(fc.property(fc.array(key), fc.nat(5), (drawn, lastUsed) => {
    const keys = drawn.map(([asked, fiveHour, weekly, allowed], index) =>
      asked
        ? anAskedKey(`key${index}`, { used: [fiveHour, weekly], usage: { allowed } })
        : noAnswer(`key${index}`, "no answer")
    );
    const { accounts, aggregate, availability } = view(keys, { lastUsedFile: `key${lastUsed}.json` });
    assert.equal(new Set(accounts.map(({ file }) => file)).size, keys.length);
    assert.equal(accounts.filter(({ current }) => current).length, Math.min(1, keys.length));
    const { ok, warn, cooldown, unknown } = aggregate.counts;
    assert.equal(ok + warn + cooldown + unknown, keys.length);
    const { available_now, cooldown_now, unknown_now } = availability;
    assert.deepEqual([available_now, cooldown_now, unknown_now], [ok + warn, cooldown, unknown]);
    const usable = accounts.slice(1).map(({ status }) => status === "OK" || status === "WARN");
    assert.deepEqual(usable, [...usable].sort((a, b) => Number(b) - Number(a)));
  }));
});
