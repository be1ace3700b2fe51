import assert from "node:assert/strict";
import fc from "fast-check";
import {
  limitScope,
  mergeReadings,
  namedResetMs,
  readWindowEvent,
  readWindowHeaders,
  readWindowRefusal,
  tightestWindow,
  usageReadings,
  usageResetMs,
} from "../../src/auth/limits.ts";
import type { UsageWindow } from "../../src/auth/usage.ts";
import { aReading, aUsage, T0 } from "../support/builders.ts";

const T0_S = T0 / 1000;
const DAY_S = 86_400;

/** `[what, headers, body, seconds from now or undefined]` */
const NAMED: [string, Record<string, string>, unknown, number | undefined][] = [
  ["nothing", {}, undefined, undefined],
  ["Retry-After in seconds", { "retry-after": "7" }, undefined, 7],
  ["Retry-After as a date", { "retry-after": new Date(T0 + 90_000).toUTCString() }, undefined, 90],
  ["Retry-After that is garbage", { "retry-after": "soon" }, undefined, undefined],
  ["Retry-After of zero", { "retry-after": "0" }, undefined, undefined],
  ["resets_at", {}, { error: { resets_at: T0_S + 3600 } }, 3600],
  ["resets_in_seconds", {}, { error: { resets_in_seconds: 120 } }, 120],
  ["resets_at before resets_in_seconds", {}, { error: { resets_at: T0_S + 60, resets_in_seconds: 5 } }, 60],
  ["Retry-After before the body", { "retry-after": "3" }, { error: { resets_at: T0_S + 60 } }, 3],
  ["a past resets_at is passed over", {}, { error: { resets_at: T0_S - 5, resets_in_seconds: 8 } }, 8],
  ["a time in milliseconds by mistake", {}, { error: { resets_at: T0 } }, undefined],
  ["a window's reset", { "x-codex-primary-reset-at": String(T0_S + 50) }, {}, 50],
  [
    "only full windows count",
    {
      "x-codex-primary-used-percent": "40",
      "x-codex-primary-reset-at": String(T0_S + 50),
      "x-codex-secondary-used-percent": "100",
      "x-codex-secondary-reset-at": String(T0_S + 5 * DAY_S),
    },
    {},
    5 * DAY_S,
  ],
  [
    "the last of several full windows",
    {
      "x-codex-primary-used-percent": "100",
      "x-codex-primary-reset-at": String(T0_S + 50),
      "x-codex-secondary-used-percent": "101.5",
      "x-codex-secondary-reset-at": String(T0_S + 500),
    },
    {},
    500,
  ],
  ["a time beyond any window", {}, { error: { resets_at: T0_S + 400 * DAY_S } }, undefined],
  ["a wait in words", {}, { error: { message: "Please try again in 2.5s." } }, 2.5],
  ["a wait in milliseconds", {}, { error: { message: "try again in 350ms" } }, 0.35],
  ["a reset that is text", {}, { error: { resets_at: "tomorrow" } }, undefined],
];

for (const [what, headers, body, seconds] of NAMED) {
  Deno.test(`namedResetMs() reads ${what}`, () => {
    const expected = seconds === undefined ? undefined : T0 + seconds * 1000;
    assert.equal(namedResetMs(new Headers(headers), body, T0), expected);
  });
}

Deno.test("namedResetMs() never throws and never names the past", () => {
  fc.assert(fc.property(fc.anything(), fc.string(), (body, retryAfter) => {
    const headers = new Headers();
    if (/^[\x20-\x7e]*$/.test(retryAfter)) headers.set("retry-after", retryAfter);
    const named = namedResetMs(headers, { error: body }, T0);
    assert.ok(named === undefined || named > T0);
  }));
});

Deno.test("readWindowHeaders() reads every family of limits", () => {
  const headers = new Headers({
    "x-codex-primary-used-percent": "61.5",
    "x-codex-primary-window-minutes": "300",
    "x-codex-primary-reset-at": String(T0_S + 50),
    "x-codex-secondary-used-percent": "7",
    "x-codex-bengalfox-primary-used-percent": "100",
    "x-codex-bengalfox-primary-window-minutes": "10080",
    "x-codex-credits-balance": "3",
    "x-broken-primary-used-percent": "a lot",
  });
  assert.deepEqual(readWindowHeaders(headers, T0).sort((a, b) => a.usedPercent - b.usedPercent), [
    aReading({ windowSeconds: 0, usedPercent: 7 }),
    aReading({ usedPercent: 61.5, resetAtMs: T0 + 50_000 }),
    aReading({ limit: "codex_bengalfox", windowSeconds: 604_800, usedPercent: 100 }),
  ]);
});

Deno.test("readWindowEvent() reads the windows that a stream tells of", () => {
  const event = {
    type: "codex.rate_limits",
    rate_limits: { primary: { used_percent: 33, window_minutes: 300, reset_at: T0_S + 9 }, secondary: null },
  };
  assert.deepEqual(readWindowEvent(event, T0), [
    {
      limit: "codex",
      windowSeconds: 18_000,
      usedPercent: 33,
      resetAtMs: T0 + 9000,
      source: "event",
      atMs: T0,
    },
  ]);
  assert.deepEqual(readWindowEvent(undefined, T0), []);
});

Deno.test("readWindowRefusal() knows the window that a refusal names", () => {
  const error = { type: "usage_limit_reached", resets_at: T0_S + 60, limit_window_minutes: 300 };
  assert.deepEqual(readWindowRefusal(new Headers(), { error }, T0), [
    {
      limit: "codex",
      windowSeconds: 18_000,
      usedPercent: 100,
      source: "refusal",
      atMs: T0,
      resetAtMs: T0 + 60_000,
    },
  ]);
  assert.deepEqual(readWindowRefusal(new Headers(), { error: { resets_at: T0_S + 60 } }, T0), []);
  assert.deepEqual(readWindowRefusal(new Headers({ "x-codex-active-limit": "spark" }), { error }, T0), []);
});

Deno.test("readWindowEvent() repeats no name that is none", () => {
  const event = { rate_limits: { primary: { used_percent: 1 } }, metered_limit_name: `sk-${"x".repeat(60)}` };
  assert.equal(readWindowEvent(event, T0)[0]?.limit, "other");
});

Deno.test("mergeReadings() keeps the newest reading of each window", () => {
  const weekly = aReading({ windowSeconds: 604_800 });
  const fresh = aReading({ usedPercent: 60, atMs: T0 + 1 });
  assert.deepEqual(mergeReadings([aReading({}), weekly], [fresh]), [weekly, fresh]);
});

Deno.test("tightestWindow() looks at the account's windows for as long as they count", () => {
  const readings = [
    aReading({ usedPercent: 100, resetAtMs: T0 + 1000 }),
    aReading({ windowSeconds: 604_800, usedPercent: 70 }),
    aReading({ limit: "codex_bengalfox", usedPercent: 100 }),
  ];
  assert.equal(tightestWindow(readings, T0)?.usedPercent, 100);
  assert.equal(tightestWindow(readings, T0 + 1000)?.usedPercent, 70);
  assert.equal(tightestWindow(readings, T0 + 600_000), undefined);
});

/** `[what, headers, body, scope]` */
const SCOPES: [string, Record<string, string>, unknown, "key" | "model"][] = [
  ["nothing", {}, {}, "key"],
  ["a full window of the account", { "x-codex-primary-used-percent": "100" }, {}, "key"],
  ["the account's limit by name", { "x-codex-active-limit": "codex" }, {}, "key"],
  ["a family's limit by name", { "x-codex-active-limit": "codex_bengalfox" }, {}, "model"],
  ["a family's limit in the body", {}, { error: { limit_name: "GPT-Spark" } }, "model"],
  [
    "a full family and an account with room",
    { "x-codex-primary-used-percent": "40", "x-codex-bengalfox-primary-used-percent": "100" },
    {},
    "model",
  ],
  [
    "both full",
    { "x-codex-primary-used-percent": "100", "x-codex-bengalfox-primary-used-percent": "100" },
    {},
    "key",
  ],
];

for (const [what, headers, body, scope] of SCOPES) {
  Deno.test(`limitScope() of ${what} is the ${scope}`, () => {
    assert.equal(limitScope(new Headers(headers), body, T0), scope);
  });
}

Deno.test("usageResetMs() is when the last full window ends", () => {
  const window = (usedPercent: number, seconds: number) => ({
    windowSeconds: seconds,
    usedPercent,
    resetAtMs: T0 + seconds * 1000,
  });
  const usage = (...windows: UsageWindow[]) => aUsage({ allowed: false, windows });
  assert.equal(usageResetMs(usage(window(100, 600), window(100, 900), window(12, 1200))), T0 + 900_000);
  assert.equal(usageResetMs(usage(window(99, 600))), undefined);
});

Deno.test("usageReadings() are those of the account and of its model families", () => {
  const windows = [{ windowSeconds: 18_000, usedPercent: 5, resetAtMs: undefined }];
  const additional = [{ name: "GPT-Spark", feature: "codex_bengalfox", allowed: true, windows }];
  assert.deepEqual(
    usageReadings(aUsage({ windows, additional }), T0).map(({ limit, source }) => [limit, source]),
    [["codex", "usage"], ["codex_bengalfox", "usage"]],
  );
});
