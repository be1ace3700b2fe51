import assert from "node:assert/strict";
import { clearedBy, currentWindows, fixFor, isTroubled } from "../../../src/cli/doctor/standing.ts";
import type { Fields } from "../../../src/values/json.ts";
import { anAccount, isoIn, NOW_MS } from "../../support/doctor_facts.ts";

function modelLimit(model: string): Fields {
  return { model, reason: "usage_limit_reached", until: isoIn(60) };
}

function used(used_percent: number, limit = "codex"): Fields {
  return { windows: [{ limit, limit_window_seconds: 18_000, used_percent, reset_at: isoIn(60) }] };
}

const TROUBLES: { what: string; over: Fields; isTroubled: boolean }[] = [
  { what: "a stable key", over: {}, isTroubled: false },
  { what: "a key that cools down", over: { status: "COOLDOWN" }, isTroubled: true },
  { what: "a strike that is left", over: { rate_limit_strikes: 1 }, isTroubled: true },
  { what: "a token that has expired", over: { token_expires_at: isoIn(-1) }, isTroubled: true },
  { what: "a limit of one model", over: { model_limits: [modelLimit("gpt-5")] }, isTroubled: true },
  { what: "a window that is used up", over: { usage: used(100) }, isTroubled: true },
  { what: "a window with room", over: { usage: used(99) }, isTroubled: false },
  { what: "a used-up window of one model", over: { usage: used(100, "codex_spark") }, isTroubled: false },
  { what: "a token that holds", over: { token_expires_at: isoIn(1) }, isTroubled: false },
];

for (const { what, over, isTroubled: expected } of TROUBLES) {
  Deno.test(`isTroubled() is ${expected} for ${what}`, () => {
    assert.equal(isTroubled(anAccount(over), NOW_MS), expected);
  });
}

const CLEARINGS: { state: Fields; by: string | undefined }[] = [
  { state: {}, by: undefined },
  { state: { rate_limit_strikes: 2 }, by: 'a success, or "cdx2 reset --name work.json"' },
  {
    state: { status: "COOLDOWN" },
    by: 'a success, a new token in the file, or "cdx2 reset --name work.json"',
  },
  { state: { status: "BLACKLIST" }, by: 'a new token in the file, or "cdx2 reset --name work.json"' },
  {
    state: { status: "PROBATION", probation_successes: 1 },
    by: '2 successes in a row (1 so far), a new token in the file, or "cdx2 reset --name work.json"',
  },
  {
    state: { status: "BLACKLIST", file: "it's mine.json" },
    by: `a new token in the file, or "cdx2 reset --name 'it'\\''s mine.json'"`,
  },
];

for (const { state, by } of CLEARINGS) {
  Deno.test(`clearedBy() of ${JSON.stringify(state)} can be typed as it stands`, () => {
    assert.equal(clearedBy(anAccount(state)), by);
  });
}

Deno.test("fixFor() says what helps against the cause, an expired token first", () => {
  assert.equal(fixFor(anAccount(), { nowMs: NOW_MS, renewals: new Map() }), undefined);
  assert.match(
    fixFor(anAccount({ reason: "insufficient_quota" }), { nowMs: NOW_MS, renewals: new Map() }) ?? "",
    /credit/,
  );
  const ended = anAccount({ reason: "insufficient_quota", token_expires_at: isoIn(-1) });
  assert.match(fixFor(ended, { nowMs: NOW_MS, renewals: new Map() }) ?? "", /log in again/);
});

Deno.test("currentWindows() leaves out what was read before a reset", () => {
  const window = (length: number, reset_at: string | number | null) => ({
    limit_window_seconds: length,
    used_percent: 40,
    reset_at,
  });
  const windows = [
    window(1, isoIn(60)),
    window(2, isoIn(-60)),
    window(3, NOW_MS / 1000 + 60),
    window(4, null),
  ];
  const account = anAccount({ usage: { windows } });
  assert.deepEqual(currentWindows(account, NOW_MS).map((window) => window.limit_window_seconds), [1, 3, 4]);
});
