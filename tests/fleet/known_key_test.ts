import assert from "node:assert/strict";
import type { WindowReading } from "../../src/auth/limits.ts";
import { firstTryBegun, judged, trialBegun, windowsRead } from "../../src/auth/shared_key.ts";
import { refused } from "../../src/auth/storm.ts";
import { isWorthTelling, knownChange, readKnownKey, UNKNOWN_KEY } from "../../src/fleet/known_key.ts";
import { aVerdict, OK, POLICY, REJECTED, SECOND, T0 } from "../support/builders.ts";

const AHEAD_MS = 600 * SECOND;

function changed(...changes: Parameters<typeof knownChange>[0][]) {
  return changes.reduce((key, change) => knownChange(change, "build-1", () => AHEAD_MS)(key), UNKNOWN_KEY);
}

function verdict(outcome: typeof OK | typeof REJECTED, atMs = T0) {
  return judged({ ...aVerdict(outcome, atMs), startedMs: atMs }, POLICY);
}

function reading(over: Partial<WindowReading> = {}): WindowReading {
  const window = {
    limit: "codex",
    windowSeconds: 18_000,
    resetAtMs: T0 + 3600 * SECOND,
    source: "headers",
  } as const;
  return { ...window, usedPercent: 40, atMs: T0, ...over };
}

Deno.test("knownChange() writes times of the store's clock, and who had the verdict", () => {
  const { health, foundBy } = changed(verdict(REJECTED));
  assert.deepEqual([health.lastStrikeMs, health.evidence?.atMs, foundBy], [
    T0 + AHEAD_MS,
    T0 + AHEAD_MS,
    "build-1",
  ]);
  assert.equal(changed(verdict(OK)).foundBy, undefined);
  assert.equal(changed(trialBegun(T0, POLICY)), UNKNOWN_KEY, "nothing to change");
});

Deno.test("readKnownKey() reads what was written, and nothing else", () => {
  const key = changed(
    verdict(OK),
    windowsRead([reading()]),
    refused({ status: null, code: "x", atMs: T0 }),
    verdict(REJECTED),
  );
  const written = JSON.parse(JSON.stringify(key));
  assert.deepEqual(readKnownKey(written), key);
  assert.deepEqual(readKnownKey(JSON.parse(JSON.stringify(UNKNOWN_KEY))), UNKNOWN_KEY);
  const tried = changed(firstTryBegun("run", T0));
  assert.deepEqual([tried.firstTry?.by, isWorthTelling(UNKNOWN_KEY, tried)], ["run", true]);
  assert.deepEqual(readKnownKey(JSON.parse(JSON.stringify(tried))), tried);
  assert.deepEqual(readKnownKey({ ...written, firstTry: "another version's" }), key, "it is a hint only");
  const broken = [
    null,
    {},
    { ...written, health: {} },
    { ...written, windows: [{}] },
    { ...written, windows: 1 },
    { ...written, lastSuccessMs: "1" },
    { ...written, lastSuccessMs: 1e300 },
    { ...written, refusal: {} },
  ];
  for (const value of broken) assert.equal(readKnownKey(value), undefined, JSON.stringify(value));
});

const FIRST = changed(windowsRead([reading()]));
const READINGS: readonly (readonly [what: string, over: Partial<WindowReading>, isWorth: boolean])[] = [
  ["half a percent", { usedPercent: 40.5, atMs: T0 + SECOND }, false],
  ["a whole percent", { usedPercent: 41, atMs: T0 + SECOND }, true],
  ["the same a minute later", { atMs: T0 + 60 * SECOND }, true],
  ["a reset some seconds later", { resetAtMs: T0 + 3610 * SECOND, atMs: T0 + SECOND }, false],
  ["another window", { windowSeconds: 604_800 }, true],
];

for (const [what, over, isWorth] of READINGS) {
  Deno.test(`a reading of ${what} is ${isWorth ? "worth" : "not worth"} telling`, () => {
    const next = knownChange(windowsRead([reading(over)]), "build-1", () => AHEAD_MS)(FIRST);
    assert.equal(isWorthTelling(FIRST, next), isWorth);
  });
}

Deno.test("another health is worth telling, a further success only after a minute", () => {
  const proven = changed(verdict(OK));
  const later = (ms: number) => knownChange(verdict(OK, T0 + ms), "build-1", () => AHEAD_MS)(proven);
  assert.deepEqual([later(SECOND), later(60 * SECOND)].map((next) => isWorthTelling(proven, next)), [
    false,
    true,
  ]);
  assert.equal(isWorthTelling(UNKNOWN_KEY, changed(verdict(REJECTED))), true);
  assert.equal(isWorthTelling(FIRST, { ...FIRST, windows: [] }), true, "a reset");
});
