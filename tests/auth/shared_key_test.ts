import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Outcome } from "../../src/auth/outcome.ts";
import {
  firstTryAnswered,
  firstTryBegun,
  isUntested,
  judged,
  penaltiesEnded,
  quotaFound,
  restoredHealth,
  type SharedChange,
  type SharedKey,
  trialBegun,
  triedElsewhere,
  UNUSED_KEY,
  windowsRead,
} from "../../src/auth/shared_key.ts";
import { refused } from "../../src/auth/storm.ts";
import { aHealth, aVerdict, LIMITED, OK, POLICY, REJECTED, SECOND, T0 } from "../support/builders.ts";

function verdict(outcome: Outcome, atMs = T0): SharedChange {
  return judged({ ...aVerdict(outcome, atMs), startedMs: atMs }, POLICY);
}

function reading(usedPercent: number, atMs: number) {
  const window = { limit: "codex", windowSeconds: 18_000, resetAtMs: undefined, source: "headers" } as const;
  return { ...window, usedPercent, atMs };
}

const QUOTA: Outcome = {
  kind: "rate_limited",
  code: "usage_limit_reached",
  scope: "key",
  untilMs: T0 + 3600 * SECOND,
  isMoment: false,
};

const REFUSAL = { status: 403, code: "http_403", atMs: T0 };

Deno.test("judged() ends a refusal with a success, unless it was the upstream's fault", () => {
  const key = refused(REFUSAL)(UNUSED_KEY);
  assert.equal(verdict(OK, T0 + 1)(key).refusal, undefined);
  const isExcused = { ...key, refusal: { ...key.refusal!, isExcused: true } };
  assert.equal(verdict(OK, T0 + 1)(isExcused).refusal, isExcused.refusal);
  assert.equal(verdict(OK, T0 + 1)(key).lastSuccessMs, T0 + 1);
  assert.equal(verdict(OK, T0)({ ...key, lastSuccessMs: T0 + 5 }).lastSuccessMs, T0 + 5, "a late report");
});

/** `[what is known, whether that leaves the key untested]` */
const KNOWN: Readonly<Record<string, readonly [key: SharedKey, isUntested: boolean]>> = {
  "nothing": [UNUSED_KEY, true],
  "a success": [{ ...UNUSED_KEY, lastSuccessMs: T0 }, false],
  "a refusal": [{ ...UNUSED_KEY, refusal: refused(REFUSAL)(UNUSED_KEY).refusal }, false],
  "a penalty": [{ ...UNUSED_KEY, health: verdict(REJECTED)(UNUSED_KEY).health }, false],
  "how full its windows are": [{ ...UNUSED_KEY, windows: [reading(5, T0)] }, true],
};

for (const [what, [key, expected]] of Object.entries(KNOWN)) {
  Deno.test(`a key of which ${what} is known is ${expected ? "un" : ""}tested, and one member tries it first accordingly`, () => {
    assert.equal(isUntested(key), expected);
    const begun = firstTryBegun("a", T0)(key);
    if (expected) assert.deepEqual(begun, { ...key, firstTry: { by: "a", untilMs: T0 + 1000 } });
    else assert.equal(begun, key);
    const firstTry = { by: "a", untilMs: T0 + 1000 };
    assert.deepEqual(triedElsewhere({ ...key, firstTry }, "b", T0), expected ? firstTry : undefined);
  });
}

Deno.test("a first try keeps others away for a second, and not the member that makes it", () => {
  assert.equal(triedElsewhere(UNUSED_KEY, "b", T0), undefined);
  const tried = firstTryBegun("a", T0)(UNUSED_KEY);
  assert.equal(triedElsewhere(tried, "a", T0), undefined);
  assert.equal(triedElsewhere(tried, "b", T0 + 999), tried.firstTry);
  assert.equal(firstTryBegun("b", T0 + 999)(tried), tried);
  assert.equal(triedElsewhere(tried, "b", T0 + 1000), undefined);
  assert.deepEqual(firstTryBegun("b", T0 + 1000)(tried).firstTry, { by: "b", untilMs: T0 + 2000 });
});

Deno.test("firstTryAnswered() ends a first try, and changes no other key", () => {
  assert.deepEqual(firstTryAnswered()(firstTryBegun("a", T0)(UNUSED_KEY)), UNUSED_KEY);
  assert.equal(firstTryAnswered()(UNUSED_KEY), UNUSED_KEY);
});

Deno.test("a change made twice counts an ejection once, so that an uncertain one may be made again", () => {
  const once = verdict(REJECTED)(UNUSED_KEY);
  assert.equal(once.health.hardFailures, 1);
  assert.equal(verdict(REJECTED)(once).health.hardFailures, 1);
});

Deno.test("changes that find nothing to do return the very key", () => {
  const changes = [trialBegun(T0, POLICY), quotaFound(), restoredHealth(UNUSED_KEY.health)];
  for (const change of changes) assert.equal(change(UNUSED_KEY), UNUSED_KEY);
});

Deno.test("quotaFound() ends the wait for a quota and no other", () => {
  const limited = verdict(QUOTA)(UNUSED_KEY);
  assert.equal(limited.health.state.kind, "cooldown");
  assert.equal(quotaFound()(limited).health.state.kind, "ok");
  const burst = verdict(LIMITED)(UNUSED_KEY);
  assert.equal(quotaFound()(burst), burst);
  const ejected = verdict(REJECTED)(UNUSED_KEY);
  assert.equal(quotaFound()(ejected), ejected);
});

Deno.test("restoredHealth() counts only where nothing else is known", () => {
  const saved = aHealth({ hardFailures: 3 });
  assert.equal(restoredHealth(saved)(UNUSED_KEY).health, saved);
  const reset = penaltiesEnded()({ ...UNUSED_KEY, health: aHealth({ hardFailures: 1 }), lastSuccessMs: T0 });
  assert.equal(restoredHealth(saved)(reset), reset);
});

Deno.test("windowsRead() keeps the newest reading of a window in whatever order they come", () => {
  const readings = fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 20 })), {
    minLength: 1,
  });
  fc.assert(fc.property(readings, (told) => {
    const key = told.reduce(
      (known, [percent, atMs]) => windowsRead([reading(percent, atMs)])(known),
      UNUSED_KEY,
    );
    assert.equal(key.windows.length, 1);
    assert.equal(key.windows[0]!.atMs, Math.max(...told.map(([, atMs]) => atMs)));
  }));
});
