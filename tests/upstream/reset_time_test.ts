import assert from "node:assert/strict";
import { FARTHEST_RESET_MS } from "../../src/auth/usage.ts";
import fc from "fast-check";
import { errorDetails, errorDetailsIn } from "../../src/upstream/error_details.ts";
import { durationMs, isMoment, isPlausible, momentMs, resetTimeMs } from "../../src/upstream/reset_time.ts";
import { fuzzRuns } from "../support/fuzz.ts";

const NOW_MS = Date.parse("2026-11-25T12:00:00Z");
const NOW_S = NOW_MS / 1000;
const HOUR_S = 3600;

interface Shape {
  readonly what: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly isQuota?: boolean;
  /** Seconds from now; absent when no time is named. */
  readonly expectedS?: number;
}

const SHAPES: readonly Shape[] = [
  { what: "resets_at in epoch seconds", body: { error: { resets_at: NOW_S + HOUR_S } }, expectedS: HOUR_S },
  { what: "resets_at in milliseconds", body: { error: { resets_at: NOW_MS + 5000 } }, expectedS: 5 },
  { what: "resets_at as digits in a text", body: { error: { resets_at: `${NOW_S + 60}` } }, expectedS: 60 },
  {
    what: "resets_at as ISO 8601",
    body: { error: { resets_at: "2026-11-25T13:00:00Z" } },
    expectedS: HOUR_S,
  },
  {
    what: "resets_at with an offset",
    body: { error: { resets_at: "2026-11-25T14:00:00+01:00" } },
    expectedS: HOUR_S,
  },
  { what: "resets_at in a flat body", body: { code: "x", resets_at: NOW_S + 60 }, expectedS: 60 },
  { what: "resets_at under detail", body: { detail: { resets_at: NOW_S + 60 } }, expectedS: 60 },
  { what: "resets_at in a list", body: [{ error: { resets_at: NOW_S + 60 } }], expectedS: 60 },
  { what: "resets_at in a list under errors", body: { errors: [{ resets_at: NOW_S + 60 }] }, expectedS: 60 },
  { what: "resets_at in an event", body: { response: { error: { resets_at: NOW_S + 60 } } }, expectedS: 60 },
  {
    what: "resets_at beside the error",
    body: { error: { code: "x" }, resets_at: NOW_S + 60 },
    expectedS: 60,
  },
  { what: "resetsAt", body: { error: { resetsAt: NOW_S + 60 } }, expectedS: 60 },
  { what: "reset_at", body: { error: { reset_at: NOW_S + 60 } }, expectedS: 60 },
  { what: "resets_in_seconds", body: { error: { resets_in_seconds: 90 } }, expectedS: 90 },
  { what: "resets_in_seconds as a text", body: { error: { resets_in_seconds: "90" } }, expectedS: 90 },
  { what: "reset_after_seconds", body: { error: { reset_after_seconds: 90 } }, expectedS: 90 },
  { what: "retry_after in the body", body: { retry_after: 12 }, expectedS: 12 },
  { what: "retryDelay with a unit", body: { error: { details: [{ retryDelay: "27s" }] } }, expectedS: 27 },
  { what: "35 days", body: { error: { resets_in_seconds: 35 * 86_400 } }, expectedS: 35 * 86_400 },
  { what: "more than any window has", body: { error: { resets_in_seconds: 50 * 86_400 } } },
  { what: "a time that has passed", body: { error: { resets_at: NOW_S - 60 } } },
  {
    what: "a passed time and a pause",
    body: { error: { resets_at: NOW_S - 60, resets_in_seconds: 30 } },
    expectedS: 30,
  },
  { what: "zero seconds", body: { error: { resets_in_seconds: 0 } } },
  { what: "a negative pause", headers: { "retry-after": "-5" } },
  {
    what: "nonsense",
    body: { error: { resets_at: "soon", resets_in_seconds: {} } },
    headers: { "retry-after": "later" },
  },
  { what: "Retry-After in seconds", headers: { "retry-after": "7" }, expectedS: 7 },
  { what: "Retry-After with a fraction", headers: { "retry-after": "2.5" }, expectedS: 2.5 },
  {
    what: "Retry-After as a date",
    headers: { "retry-after": "Wed, 25 Nov 2026 12:00:30 GMT" },
    expectedS: 30,
  },
  { what: "Retry-After as epoch seconds", headers: { "retry-after": `${NOW_S + 30}` }, expectedS: 30 },
  { what: "Retry-After with a unit", headers: { "retry-after": "30s" }, expectedS: 30 },
  { what: "retry-after-ms", headers: { "retry-after-ms": "1500", "retry-after": "2" }, expectedS: 1.5 },
  { what: "x-ratelimit-reset-requests", headers: { "x-ratelimit-reset-requests": "6m0s" }, expectedS: 360 },
  {
    what: "x-ratelimit-reset-tokens in ms",
    headers: { "x-ratelimit-reset-tokens": "350ms" },
    expectedS: 0.35,
  },
  {
    what: "x-ratelimit-reset with hours",
    headers: { "x-ratelimit-reset-requests": "1h2m3s" },
    expectedS: 3723,
  },
  { what: "x-ratelimit-reset in plain seconds", headers: { "x-ratelimit-reset": "20" }, expectedS: 20 },
  { what: "x-ratelimit-reset as a moment", headers: { "x-ratelimit-reset": `${NOW_S + 20}` }, expectedS: 20 },
  { what: "ratelimit-reset of the IETF draft", headers: { "ratelimit-reset": "20" }, expectedS: 20 },
  {
    what: "of two limits the one that is used up",
    headers: {
      "x-ratelimit-reset-requests": "6m0s",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-tokens": "1s",
      "x-ratelimit-remaining-tokens": "900",
    },
    expectedS: 360,
  },
  {
    what: "of two limits that both have room the shorter",
    headers: { "x-ratelimit-reset-requests": "6m0s", "x-ratelimit-reset-tokens": "1s" },
    expectedS: 1,
  },
  { what: "a window's reset-at", headers: { "x-codex-primary-reset-at": `${NOW_S + 60}` }, expectedS: 60 },
  {
    what: "a window's reset-after-seconds",
    headers: { "x-codex-primary-reset-after-seconds": "60" },
    expectedS: 60,
  },
  {
    what: "of several windows the full one",
    headers: {
      "x-codex-primary-used-percent": "100",
      "x-codex-primary-reset-after-seconds": "60",
      "x-codex-secondary-used-percent": "40",
      "x-codex-secondary-reset-after-seconds": "9000",
    },
    expectedS: 60,
  },
  {
    what: "of two full windows the later",
    headers: {
      "x-codex-primary-used-percent": "100",
      "x-codex-primary-reset-after-seconds": "60",
      "x-codex-secondary-used-percent": "100",
      "x-codex-secondary-reset-at": `${NOW_S + 9000}`,
    },
    expectedS: 9000,
  },
  {
    what: "a quota's own time before a short Retry-After",
    body: { error: { resets_at: NOW_S + HOUR_S } },
    headers: { "retry-after": "5" },
    isQuota: true,
    expectedS: HOUR_S,
  },
  {
    what: "a burst's Retry-After before the window",
    body: { error: { resets_at: NOW_S + HOUR_S } },
    headers: { "retry-after": "5" },
    expectedS: 5,
  },
  {
    what: "a quota with Retry-After alone",
    headers: { "retry-after": "500" },
    isQuota: true,
    expectedS: 500,
  },
  ...([
    ["Please try again in 2.5s.", 2.5],
    ["Please try again in 350ms.", 0.35],
    ["Please try again in 6m0s. Visit https://x", 360],
    ["try again in 45 seconds", 45],
    ["Rate limited, retry after 50 seconds", 50],
    ["Please wait 2 minutes", 120],
    ["Your limit resets in 3 hours", 3 * HOUR_S],
    ["Try again in 1 hour 30 minutes", 5400],
    ["Try again in 1 day and 2 hours.", 26 * HOUR_S],
    ["try again in 3 days", 3 * 86_400],
    ["try again in 2 weeks", 14 * 86_400],
    ["Please retry in 1h5m10s", 3910],
    ["try again at 2026-11-25T12:01:00Z", 60],
    ["resets at 2026-11-25 12:01:00 UTC", 60],
  ] as const).map(([message, expectedS]): Shape => ({
    what: `the words "${message}"`,
    body: { error: { message } },
    expectedS,
  })),
  { what: "words in plain text", body: "Too many requests. Retry after 50 seconds.", expectedS: 50 },
  { what: "words under detail", body: { detail: "try again in 45 seconds" }, expectedS: 45 },
  {
    what: "numbers that are no time",
    body: { error: { message: "Limit 3 requests per minute; try again later" } },
  },
  { what: "nothing", body: {} },
];

for (const { what, body, headers = {}, isQuota = false, expectedS } of SHAPES) {
  Deno.test(`resetTimeMs() reads ${what}`, () => {
    const details = errorDetails(body);
    const ms = resetTimeMs({ headers: new Headers(headers), details, isQuota }, NOW_MS);
    assert.equal(ms === undefined ? undefined : (ms - NOW_MS) / 1000, expectedS);
  });
}

const DAY_S = 86_400;

/** `[what, headers, body, seconds from now or undefined]`, for a limit that is not a quota. */
const NAMED: [string, Record<string, string>, unknown, number | undefined][] = [
  ["nothing", {}, undefined, undefined],
  ["Retry-After in seconds", { "retry-after": "7" }, undefined, 7],
  ["Retry-After as a date", { "retry-after": new Date(NOW_MS + 90_000).toUTCString() }, undefined, 90],
  ["Retry-After that is garbage", { "retry-after": "soon" }, undefined, undefined],
  ["Retry-After of zero", { "retry-after": "0" }, undefined, undefined],
  ["resets_at", {}, { error: { resets_at: NOW_S + 3600 } }, 3600],
  ["resets_in_seconds", {}, { error: { resets_in_seconds: 120 } }, 120],
  ["resets_at before resets_in_seconds", {}, { error: { resets_at: NOW_S + 60, resets_in_seconds: 5 } }, 60],
  ["Retry-After before the body", { "retry-after": "3" }, { error: { resets_at: NOW_S + 60 } }, 3],
  ["a past resets_at is passed over", {}, { error: { resets_at: NOW_S - 5, resets_in_seconds: 8 } }, 8],
  ["a moment in milliseconds that is now", {}, { error: { resets_at: NOW_MS } }, undefined],
  ["a window's reset", { "x-codex-primary-reset-at": String(NOW_S + 50) }, {}, 50],
  [
    "only full windows count",
    {
      "x-codex-primary-used-percent": "40",
      "x-codex-primary-reset-at": String(NOW_S + 50),
      "x-codex-secondary-used-percent": "100",
      "x-codex-secondary-reset-at": String(NOW_S + 5 * DAY_S),
    },
    {},
    5 * DAY_S,
  ],
  [
    "the last of several full windows",
    {
      "x-codex-primary-used-percent": "100",
      "x-codex-primary-reset-at": String(NOW_S + 50),
      "x-codex-secondary-used-percent": "101.5",
      "x-codex-secondary-reset-at": String(NOW_S + 500),
    },
    {},
    500,
  ],
  ["a time beyond any window", {}, { error: { resets_at: NOW_S + 400 * DAY_S } }, undefined],
  [
    "of two limits that have room, if only for one, the shorter",
    {
      "x-ratelimit-reset-requests": "6m0s",
      "x-ratelimit-remaining-requests": "1",
      "x-ratelimit-reset-tokens": "1s",
      "x-ratelimit-remaining-tokens": "5",
    },
    {},
    1,
  ],
  ["a wait in a sentence", {}, { error: { message: "Please try again in 2.5s." } }, 2.5],
  ["a wait in milliseconds", {}, { error: { message: "try again in 350ms" } }, 0.35],
  ["a reset that is text", {}, { error: { resets_at: "tomorrow" } }, undefined],
];

for (const [what, headers, body, seconds] of NAMED) {
  Deno.test(`resetTimeMs() of a burst reads ${what}`, () => {
    const details = errorDetails(body);
    const ms = resetTimeMs({ headers: new Headers(headers), details, isQuota: false }, NOW_MS);
    assert.equal(ms === undefined ? undefined : (ms - NOW_MS) / 1000, seconds);
  });
}

Deno.test("durationMs() refuses what is not a duration", () => {
  for (const value of ["", "s", "5 apples", "1h apples", null, undefined, {}, NaN, "1e9"]) {
    assert.equal(durationMs(value), undefined, String(value));
  }
});

Deno.test("resetTimeMs() never throws and never names a time that cannot be right", () => {
  fc.assert(
    fc.property(fc.json(), fc.string(), fc.boolean(), (body, pause, isQuota) => {
      const headers = new Headers();
      if (/^[\x20-\x7e]*$/.test(pause)) headers.set("retry-after", pause);
      const ms = resetTimeMs({ headers, details: errorDetailsIn(body), isQuota }, NOW_MS);
      assert(ms === undefined || (ms > NOW_MS && ms <= NOW_MS + 40 * 86_400_000));
    }),
    { numRuns: fuzzRuns() },
  );
});

const KINDS_OF_TIME:
  readonly (readonly [what: string, headers: Record<string, string>, body: unknown, isMoment: boolean])[] = [
    ["resets_at", {}, { error: { resets_at: (NOW_MS + 60_000) / 1000 } }, true],
    ["resets_in_seconds", {}, { error: { resets_in_seconds: 60 } }, false],
    ["Retry-After in seconds", { "retry-after": "3" }, {}, false],
    ["Retry-After as a date", { "retry-after": new Date(NOW_MS + 60_000).toUTCString() }, {}, true],
    ["the nearest moment", {}, { error: { resets_at: NOW_MS + 2 } }, true],
    ["the farthest moment", {}, { error: { resets_at: NOW_MS + FARTHEST_RESET_MS } }, true],
    ["nothing", {}, {}, false],
  ];

for (const [what, headers, body, expected] of KINDS_OF_TIME) {
  Deno.test(`isMoment() tells a moment from a duration: ${what}`, () => {
    const details = errorDetailsIn(JSON.stringify(body));
    assert.equal(isMoment({ headers: new Headers(headers), details, isQuota: true }, NOW_MS), expected);
  });
}

Deno.test("isPlausible() takes times from the next millisecond to the end of the longest window", () => {
  const ahead = [0, 1, FARTHEST_RESET_MS, FARTHEST_RESET_MS + 1];
  assert.deepEqual(ahead.map((ms) => isPlausible(NOW_MS + ms, NOW_MS)), [false, true, true, false]);
  assert.equal(isPlausible(undefined, NOW_MS), false);
});

Deno.test("momentMs() tells seconds from milliseconds by their size", () => {
  // Texts that Date.parse() would make a date of.
  assert.deepEqual(["May 1", "x 5", "5 6", "later 2"].map(momentMs), Array(4).fill(undefined));
  assert.deepEqual([1e11 - 1, 1e11, NOW_MS].map(momentMs), [(1e11 - 1) * 1000, 1e11, NOW_MS]);
});
