import assert from "node:assert/strict";
import { type Refusal, type SharedKey, UNUSED_KEY } from "../../src/auth/shared_key.ts";
import { areAllKeysRefused, excused, isStormOn, mayEjectAnother, refused } from "../../src/auth/storm.ts";
import { aHealth, aRecord, SECOND, T0 } from "../support/builders.ts";

function aRefusal(over: Partial<Refusal> = {}): Refusal {
  return { status: 403, code: "http_403", atMs: T0, ...over };
}

/** Keys with these refusals, one each; `undefined` for a key without one. */
function keys(refusals: readonly (Partial<Refusal> | undefined)[], lastSuccessMs = 0): SharedKey[] {
  return refusals.map((over) => {
    const key = { ...UNUSED_KEY, lastSuccessMs };
    return over ? refused(aRefusal(over))(key) : key;
  });
}

const PLAIN_401 = { status: 401, code: "http_401" };
const CLOSED = { code: "account_deactivated" };

/** `[what, keys, the last refusal, of all]` */
const CASES: [string, SharedKey[], Partial<Refusal>, boolean][] = [
  ["every key with the same 403", keys([{}, {}]), {}, true],
  ["one of two keys", keys([{}, undefined]), {}, false],
  ["the only key", keys([{}]), {}, false],
  ["other codes", keys([{ code: "x" }, { code: "y" }]), { code: "y" }, false],
  ["other statuses", keys([{ status: 401 }, {}]), {}, false],
  ["a refusal of ten seconds ago", keys([{}, { atMs: T0 + 10_000 }]), { atMs: T0 + 10_000 }, true],
  ["a refusal of longer ago", keys([{}, { atMs: T0 + 10_001 }]), { atMs: T0 + 10_001 }, false],
  ["401s of keys that never worked", keys([PLAIN_401, PLAIN_401]), PLAIN_401, false],
  ["401s of keys that all worked just now", keys([PLAIN_401, PLAIN_401], T0 - SECOND), PLAIN_401, true],
  ["401s of keys that worked an hour ago", keys([PLAIN_401, PLAIN_401], T0 - 3_600_000), PLAIN_401, true],
  ["401s of keys that worked before that", keys([PLAIN_401, PLAIN_401], T0 - 3_600_001), PLAIN_401, false],
  [
    "401s of which one key never worked",
    [
      ...keys([PLAIN_401], T0 - SECOND),
      ...keys([PLAIN_401]),
    ],
    PLAIN_401,
    false,
  ],
  ["accounts that were closed", keys([CLOSED, CLOSED]), CLOSED, false],
];

for (const [what, pool, last, expected] of CASES) {
  Deno.test(`areAllKeysRefused() is ${expected} for ${what}`, () => {
    assert.equal(areAllKeysRefused(pool, aRefusal(last)), expected);
  });
}

Deno.test("a storm lasts until refusals like it stop for ten seconds, and is about no others", () => {
  const storm = keys([{}, {}]).map(excused(aRefusal()));
  const isStorm = (over: Partial<Refusal>) => isStormOn(storm, aRefusal(over));
  assert.deepEqual([isStorm({ atMs: T0 + 10_000 }), isStorm({ atMs: T0 + 10_001 })], [true, false]);
  assert.deepEqual([isStorm({ code: "other" }), isStorm({ status: 401 })], [false, false]);
  assert.equal(isStormOn(keys([{}, {}]), aRefusal()), false);
});

Deno.test("excused() restores the health from before the first of several refusals", () => {
  const worse = aHealth({ hardFailures: 1 });
  const once = { ...refused(aRefusal())(UNUSED_KEY), health: worse };
  const twice = refused(aRefusal({ atMs: T0 + 1 }))(once);
  const restored = excused(aRefusal({ atMs: T0 + 1 }))(twice);
  assert.equal(restored.health, UNUSED_KEY.health);
  assert.equal(excused(aRefusal())({ ...restored, health: worse }).health, worse, "only once");
  const beforeOf = (atMs: number) =>
    refused(aRefusal())({ ...once, refusal: { ...once.refusal!, atMs } }).refusal?.before;
  assert.equal(beforeOf(T0 - 10_000), UNUSED_KEY.health);
  assert.equal(beforeOf(T0 - 10_001), worse, "refusals of long ago do not belong to it");
  const excusedOnce = { ...restored, health: worse };
  assert.equal(refused(aRefusal())(excusedOnce).refusal?.before, worse, "nor does one that is excused");
});

Deno.test("excused() leaves keys alone that were refused otherwise", () => {
  for (const key of keys([{ code: "other" }, { status: 401 }, undefined, { atMs: T0 - 11 * SECOND }])) {
    assert.equal(excused(aRefusal())(key), key);
  }
});

const ejected = aHealth({ state: { kind: "blacklist", untilMs: T0 + SECOND, cause: "http_403" } });

/** `[keys, of them ejected, of them disabled, percent that may be ejected, whether one more may be]` */
const EJECTIONS: [number, number, number, number, boolean][] = [
  [1, 0, 0, 50, true],
  [1, 1, 0, 50, false],
  [3, 0, 0, 50, true],
  [3, 1, 0, 50, false],
  [4, 1, 0, 50, true],
  [4, 2, 0, 50, false],
  [4, 1, 2, 50, false],
  [10, 0, 0, 1, true],
  [10, 1, 0, 1, false],
  [10, 9, 0, 100, true],
  [10, 10, 0, 100, false],
];

for (const [count, out, disabled, maxEjectedPercent, expected] of EJECTIONS) {
  Deno.test(`mayEjectAnother() of ${count} keys, ${out} of them ejected and ${disabled} disabled, at ${maxEjectedPercent} %`, () => {
    const pool = Array.from({ length: count }, (_, at) => ({
      record: aRecord(`k${at}`, { isDisabled: at >= count - disabled }),
      health: at < out ? ejected : aHealth(),
    }));
    assert.equal(mayEjectAnother(pool, { maxEjectedPercent }, T0), expected);
    assert.equal(mayEjectAnother(pool, { maxEjectedPercent }, T0 + SECOND), true, "ejections have ended");
  });
}
