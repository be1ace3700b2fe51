import assert from "node:assert/strict";
import fc from "fast-check";
import {
  dueAtMs,
  earliestAtMs,
  endMs,
  leadMs,
  lifeMs,
  mayRenewRefused,
  type TokenLife,
} from "../../src/credentials/renewal_due.ts";
import { SECOND, T0 } from "../support/builders.ts";

const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function aLife(lifeMs: number, over: Partial<TokenLife> = {}): TokenLife {
  return { issuedAtMs: T0, expiresAtMs: T0 + lifeMs, renewedAtMs: undefined, ...over };
}

/** `[life, lead]` */
const LEADS: readonly [number, number][] = [
  [10 * DAY, DAY],
  [30 * DAY, DAY],
  [DAY, 0.1 * DAY],
  [HOUR, 6 * MINUTE],
  [30 * MINUTE, 5 * MINUTE],
  [10 * MINUTE, 2.5 * MINUTE],
  [2 * MINUTE, 30 * SECOND],
];

for (const [life, lead] of LEADS) {
  Deno.test(`leadMs() of a life of ${life / MINUTE} minutes is ${lead / MINUTE} minutes`, () => {
    assert.equal(leadMs(life), lead);
  });
}

Deno.test("dueAtMs() is within the lead, at most a fifth of it later, and always the same for a key", () => {
  fc.assert(fc.property(fc.integer({ min: SECOND, max: 60 * DAY }), fc.string(), (life, key) => {
    const due = dueAtMs(aLife(life), key)!;
    const lead = leadMs(life);
    assert.ok(due >= T0 + life - lead - 1 && due <= T0 + life - 0.8 * lead + 1);
    assert.equal(dueAtMs(aLife(life), key), due);
  }));
});

Deno.test("dueAtMs() spreads the keys that were made together", () => {
  const times = Array.from({ length: 40 }, (_, index) => dueAtMs(aLife(10 * DAY), `key-${index}.json`)!);
  assert.ok(Math.max(...times) - Math.min(...times) > 3 * HOUR);
});

Deno.test("dueAtMs() never comes within a minute or a quarter of the life after a renewal", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 * DAY }), fc.integer({ min: -DAY, max: DAY }), (life, skew) => {
      const renewed = aLife(life, { renewedAtMs: T0 + skew });
      assert.ok(dueAtMs(renewed, "work.json")! >= T0 + skew + Math.max(MINUTE, Math.floor(life / 4)));
    }),
  );
});

/** `[what, life, end by our clock]` */
const ENDS: readonly [string, TokenLife, number | undefined][] = [
  ["of a token from elsewhere is what it says", aLife(HOUR), T0 + HOUR],
  [
    "of a token that we got counts from then: the issuer's clock may be ahead",
    aLife(HOUR, { renewedAtMs: T0 - 10 * MINUTE }),
    T0 + 50 * MINUTE,
  ],
  [
    "of a token that we got counts from then: the issuer's clock may lag",
    aLife(HOUR, { renewedAtMs: T0 + 10 * MINUTE }),
    T0 + 70 * MINUTE,
  ],
  ["without `iat` is what it says", aLife(HOUR, { issuedAtMs: undefined, renewedAtMs: T0 }), T0 + HOUR],
  [
    "is unknown for a token that does not expire",
    { expiresAtMs: undefined, issuedAtMs: T0, renewedAtMs: T0 },
    undefined,
  ],
];

for (const [what, life, end] of ENDS) {
  Deno.test(`endMs() ${what}`, () => {
    assert.equal(endMs(life), end);
    if (end === undefined) assert.equal(dueAtMs(life, "work.json"), undefined);
  });
}

Deno.test("lifeMs() takes the time of the renewal when the token does not say when it was made, else ten days", () => {
  assert.equal(lifeMs(aLife(HOUR, { issuedAtMs: undefined, renewedAtMs: T0 })), HOUR);
  assert.equal(lifeMs(aLife(HOUR, { issuedAtMs: undefined })), 10 * DAY);
  assert.equal(lifeMs(aLife(-HOUR)), 10 * DAY);
});

Deno.test("earliestAtMs() does not limit a token that we did not get", () => {
  assert.equal(earliestAtMs(aLife(HOUR)), 0);
});

/** `[last, before that, allowed]`, seconds ago */
const REFUSED: readonly [number | undefined, number | undefined, boolean][] = [
  [undefined, undefined, true],
  [5, undefined, true],
  [5, 3600, true],
  [5, 59, false],
  [60, 61, true],
];

for (const [last, before, allowed] of REFUSED) {
  Deno.test(`mayRenewRefused() is ${allowed} after renewals ${last} s and ${before} s ago`, () => {
    const at = (seconds: number | undefined) => seconds === undefined ? undefined : T0 - seconds * SECOND;
    assert.equal(mayRenewRefused({ lastMs: at(last), beforeMs: at(before) }, T0), allowed);
  });
}
