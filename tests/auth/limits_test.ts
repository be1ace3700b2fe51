import assert from "node:assert/strict";
import fc from "fast-check";
import { namedResetMs, readUsage } from "../../src/auth/limits.ts";
import { T0 } from "../support/builders.ts";

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

const full = { used_percent: 100, limit_window_seconds: 18_000, reset_at: T0_S + 600 };
const fullForLong = { used_percent: 100, limit_window_seconds: 604_800, reset_at: T0_S + 60_000 };
const roomy = { used_percent: 12, limit_window_seconds: 604_800, reset_at: T0_S + 70_000 };

/** `[what, body, expected]` */
const USAGE: [string, unknown, ReturnType<typeof readUsage>][] = [
  ["an account with room", { rate_limit: { allowed: true, limit_reached: false, primary_window: roomy } }, {
    allowed: true,
  }],
  ["a reached limit", {
    rate_limit: { allowed: false, limit_reached: true, primary_window: full, secondary_window: roomy },
  }, {
    allowed: false,
    untilMs: T0 + 600_000,
  }],
  ["two full windows", {
    rate_limit: { limit_reached: true, primary_window: full, secondary_window: fullForLong },
  }, {
    allowed: false,
    untilMs: T0 + 60_000_000,
  }],
  ["a reached limit without windows", { rate_limit: { allowed: false, primary_window: null } }, {
    allowed: false,
  }],
  ["an answer without limits", {}, { allowed: true }],
  ["garbage", "<html>", { allowed: true }],
];

for (const [what, body, expected] of USAGE) {
  Deno.test(`readUsage() reads ${what}`, () => assert.deepEqual(readUsage(body, T0), expected));
}
