import assert from "node:assert/strict";
import { areAllKeysRefused, type KeyRefusal, RefusalLedger } from "../../src/auth/storm.ts";
import { aHealth, SECOND, T0 } from "../support/builders.ts";

const HEALTH = aHealth();

function refused(file: string, over: Partial<KeyRefusal> = {}): KeyRefusal {
  return { file, status: 403, code: "http_403", atMs: T0, before: HEALTH, ...over };
}

function keys(files: string, lastSuccessMs = 0) {
  return [...files].map((file) => ({ file, lastSuccessMs }));
}

/** `[what, refusals, keys, of all]`; the last refusal is the newest. */
const CASES: [string, KeyRefusal[], ReturnType<typeof keys>, boolean][] = [
  ["every key with the same 403", [refused("a"), refused("b")], keys("ab"), true],
  ["one of two keys", [refused("a")], keys("ab"), false],
  ["the only key", [refused("a")], keys("a"), false],
  ["other codes", [refused("a", { code: "x" }), refused("b", { code: "y" })], keys("ab"), false],
  ["other statuses", [refused("a", { status: 401 }), refused("b")], keys("ab"), false],
  ["a refusal of long ago", [refused("a"), refused("b", { atMs: T0 + 11 * SECOND })], keys("ab"), false],
  ["401s of keys that never worked", both({ status: 401, code: "http_401" }), keys("ab"), false],
  [
    "401s of keys that all worked just now",
    both({ status: 401, code: "http_401" }),
    keys("ab", T0 - SECOND),
    true,
  ],
  ["accounts that were closed", both({ code: "account_deactivated" }), keys("ab"), false],
];

function both(over: Partial<KeyRefusal>): KeyRefusal[] {
  return [refused("a", over), refused("b", over)];
}

for (const [what, refusals, pool, expected] of CASES) {
  Deno.test(`areAllKeysRefused() is ${expected} for ${what}`, () => {
    assert.equal(areAllKeysRefused(refusals, pool, refusals.at(-1)!), expected);
  });
}

Deno.test("RefusalLedger counts further refusals as the upstream's fault, until they stop for ten seconds", () => {
  const ledger = new RefusalLedger();
  const isUpstreamFault = (file: string, second: number) =>
    ledger.isUpstreamFault(refused(file, { atMs: T0 + second * SECOND }), keys("ab"));
  assert.deepEqual([isUpstreamFault("a", 0), isUpstreamFault("b", 1)], [false, true]);
  ledger.takeRefusals();
  assert.deepEqual([isUpstreamFault("a", 5), isUpstreamFault("a", 14)], [true, true]);
  assert.equal(isUpstreamFault("a", 30), false);
});

Deno.test("takeRefusals() returns the health of the keys before the refusals", () => {
  const ledger = new RefusalLedger();
  const worse = aHealth({ hardFailures: 1 });
  ledger.isUpstreamFault(refused("a"), keys("ab"));
  ledger.isUpstreamFault(refused("a", { before: worse, atMs: T0 + 1 }), keys("ab"));
  assert.equal(ledger.takeRefusals()[0]?.before, HEALTH);
  assert.deepEqual(ledger.takeRefusals(), []);
});

Deno.test("forget() removes the refusal of a key that has served", () => {
  const ledger = new RefusalLedger();
  ledger.isUpstreamFault(refused("a"), keys("ab"));
  ledger.forget("a");
  assert.equal(ledger.isUpstreamFault(refused("b"), keys("ab")), false);
});
