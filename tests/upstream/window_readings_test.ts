import assert from "node:assert/strict";
import { errorDetails } from "../../src/upstream/error_details.ts";
import {
  limitScope,
  readWindowEvent,
  readWindowHeaders,
  readWindows,
} from "../../src/upstream/window_readings.ts";
import { aReading, T0 } from "../support/builders.ts";

const T0_S = T0 / 1000;

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

const WINDOW = { "x-codex-primary-used-percent": "100", "x-codex-primary-window-minutes": "300" };
const SPARK = { "x-codex-spark-primary-used-percent": "100", "x-codex-spark-primary-window-minutes": "300" };

/** `[what, headers, the limits that are read]` */
const ACTIVE: [string, Record<string, string>, string[]][] = [
  ["no active limit", WINDOW, ["codex"]],
  ["the account's limit active", { ...WINDOW, "x-codex-active-limit": "premium" }, ["codex"]],
  ["both limits named", { ...WINDOW, ...SPARK }, ["codex", "codex_spark"]],
  ["both named, and the account's active", { ...WINDOW, ...SPARK, "x-codex-active-limit": "premium" }, [
    "codex",
    "codex_spark",
  ]],
  [
    "a family's limit active, and named twice",
    { ...WINDOW, ...SPARK, "x-codex-active-limit": "codex_spark" },
    [
      "codex_spark",
    ],
  ],
  ["a family's limit active, and named once", { ...WINDOW, "x-codex-active-limit": "codex_spark" }, [
    "codex_spark",
  ]],
];

for (const [what, headers, limits] of ACTIVE) {
  Deno.test(`readWindowHeaders() with ${what} reads ${limits.join(" and ")}`, () => {
    const readings = readWindowHeaders(new Headers(headers), T0);
    assert.deepEqual(readings.map(({ limit }) => limit).sort(), limits);
  });
}

Deno.test("readWindowHeaders() passes over a window that is said not to exist", () => {
  const none = {
    "x-codex-secondary-used-percent": "0",
    "x-codex-secondary-window-minutes": "0",
    "x-codex-secondary-reset-at": "",
  };
  assert.deepEqual(readWindowHeaders(new Headers(none), T0), []);
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

Deno.test("readWindows() knows the window that a refusal names", () => {
  const error = { type: "usage_limit_reached", resets_at: T0_S + 60, limit_window_minutes: 300 };
  assert.deepEqual(readWindows(new Headers(), errorDetails({ error }), T0), [
    {
      limit: "codex",
      windowSeconds: 18_000,
      usedPercent: 100,
      source: "refusal",
      atMs: T0,
      resetAtMs: T0 + 60_000,
    },
  ]);
  assert.deepEqual(
    readWindows(new Headers(), errorDetails({ error: { resets_at: T0_S + 60 } }), T0),
    [],
  );
  assert.deepEqual(
    readWindows(new Headers({ "x-codex-active-limit": "spark" }), errorDetails({ error }), T0),
    [],
  );
});

Deno.test("readWindowEvent() repeats no name that is none", () => {
  const event = { rate_limits: { primary: { used_percent: 1 } }, metered_limit_name: `sk-${"x".repeat(60)}` };
  assert.equal(readWindowEvent(event, T0)[0]?.limit, "other");
});

Deno.test("readWindowHeaders() reads the time until a reset where no moment is named", () => {
  const headers = new Headers({
    "x-codex-primary-used-percent": "100",
    "x-codex-primary-window-minutes": "300",
    "x-codex-primary-reset-after-seconds": "90",
  });
  assert.deepEqual(readWindowHeaders(headers, T0), [aReading({ usedPercent: 100, resetAtMs: T0 + 90_000 })]);
});

Deno.test("readWindowEvent() reads the time until a reset where no moment is named", () => {
  const event = {
    rate_limits: { primary: { used_percent: 5, window_minutes: 300, reset_after_seconds: 90 } },
  };
  assert.equal(readWindowEvent(event, T0)[0]?.resetAtMs, T0 + 90_000);
});

/** `[what, headers, body, scope]` */
const SCOPES: [string, Record<string, string>, unknown, "key" | "model"][] = [
  ["nothing", {}, {}, "key"],
  ["a full window of the account", { "x-codex-primary-used-percent": "100" }, {}, "key"],
  ["the account's limit by name", { "x-codex-active-limit": "codex" }, {}, "key"],
  ["a family's limit by name", { "x-codex-active-limit": "codex_bengalfox" }, {}, "model"],
  [
    "the account's limit by the name that it has on every plan",
    { "x-codex-active-limit": "premium" },
    {},
    "key",
  ],
  [
    "a name of no family, beside a full window",
    { "x-codex-active-limit": "ultra", "x-codex-primary-used-percent": "100" },
    {},
    "key",
  ],
  [
    "a family's limit by a name of its own",
    {
      "x-codex-active-limit": "spark",
      "x-spark-primary-used-percent": "100",
      "x-codex-primary-used-percent": "100",
    },
    {},
    "model",
  ],
  ["a family's limit by name and nothing else", { "x-codex-active-limit": "spark" }, {}, "model"],
  ["the account's limit in the body", {}, { error: { limit_name: "premium" } }, "key"],
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
    assert.equal(limitScope(new Headers(headers), errorDetails(body), T0), scope);
  });
}
