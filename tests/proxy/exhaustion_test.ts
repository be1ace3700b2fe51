import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import type { WindowReading } from "../../src/auth/limits.ts";
import type { AuthRecord } from "../../src/auth/record.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { poolExhausted, type PoolExhaustion } from "../../src/proxy/exhaustion.ts";
import {
  aReading,
  aRecord,
  aVerdict,
  limitedUntil,
  OK,
  POLICY,
  REJECTED,
  SECOND,
  T0,
} from "../support/builders.ts";

const EXPIRED = { expiresAtMs: T0 };
const DISABLED = { isDisabled: true };

function exhausted(
  penalties: Record<string, Outcome>,
  {
    isCodex = false,
    bound = undefined as PoolExhaustion["bound"],
    policy = POLICY,
    windows = [] as WindowReading[],
  } = {},
) {
  const pool = new KeyPool(policy, () => {});
  pool.merge(Object.keys(penalties).map((name) => aRecord(name)), T0);
  for (const [name, outcome] of Object.entries(penalties)) {
    pool.apply(
      { record: aRecord(name), startedMs: T0 },
      aVerdict(outcome, T0, { status: 1, requestId: "req_1" }),
    );
  }
  for (const record of pool.records) pool.noteWindows(record, windows);
  const reports = pool.describe(T0);
  return poolExhausted({
    reports,
    bound,
    mainOnly: false,
    model: undefined,
    refused: new Map(),
    authDir: "/auths",
    isCodex,
  }, T0);
}

Deno.test("poolExhausted() names the time of the key that is back first", () => {
  const later = limitedUntil(T0 + 3600 * SECOND);
  const sooner = limitedUntil(T0 + 90.2 * SECOND);
  const refusal = exhausted({ a: later, b: sooner, c: REJECTED });
  assert.deepEqual([refusal.status, refusal.type, refusal.retry?.afterS], [429, "usage_limit_reached", 91]);
  assert.equal(refusal.retry?.resetsAtS, T0 / SECOND + 91);
});

Deno.test("poolExhausted() says how many keys, why, and what to type", () => {
  const { message } = exhausted({ a: REJECTED, b: { kind: "auth_rejected", code: "token_revoked" } });
  assert.equal(
    message,
    'cdx2 has no usable key: 2 keys: 2 blacklisted (http_401, token_revoked). Type "cdx2 doctor" to see each key and its cause.',
  );
  assert.match(exhausted({}).message, /no auth file in \/auths .*cdx2 auth import/);
  assert.match(exhausted({ a: OK }).message, /1 key, all tried/);
});

/** `[what, the fields of each key, what the message says]` */
const UNUSED: [string, Partial<AuthRecord>[], RegExp][] = [
  [
    "expired keys",
    [EXPIRED, EXPIRED],
    /2 keys: 2 expired\. Log in again with "cdx2 auth login --replace KEY"/,
  ],
  ["one expired key", [EXPIRED], /1 key: 1 expired\. Log in again/],
  ["expired and disabled keys", [EXPIRED, DISABLED], /2 keys: 1 expired, 1 disabled\. Log in again/],
  [
    "disabled keys",
    [DISABLED, DISABLED],
    /2 keys: 2 disabled\. Type "cdx2 auth enable KEY" to use one again/,
  ],
  ["an expired key that is disabled", [{ ...EXPIRED, ...DISABLED }], /1 key: 1 disabled\./],
];

for (const [what, keys, says] of UNUSED) {
  Deno.test(`poolExhausted() says of ${what} what to type, and ends the client's retries`, () => {
    const pool = new KeyPool(POLICY, () => {});
    pool.merge(keys.map((fields, at) => aRecord(`k${at}`, fields)), T0);
    const refusal = poolExhausted(
      {
        reports: pool.describe(T0),
        bound: undefined,
        mainOnly: false,
        model: undefined,
        authDir: "/auths",
        refused: new Map(),
        isCodex: false,
      },
      T0,
    );
    assert.deepEqual([refusal.status, refusal.type, refusal.retry], [503, "no_usable_keys", undefined]);
    assert.match(refusal.message, says);
  });
}

const SOON: Outcome = {
  kind: "rate_limited",
  code: "http_429",
  scope: "key",
  isMoment: false,
  untilMs: T0 + 12 * SECOND,
};

/** `[what, the key's last outcome, status, seconds]` for a request that only this key can serve. */
const ONE_ACCOUNT: readonly [string, Outcome, number, number | undefined][] = [
  ["waits for its quota", limitedUntil(T0 + 3600 * SECOND), 429, 3600],
  ["had a burst", SOON, 429, 5],
  ["is ejected", REJECTED, 503, undefined],
  ["has recovered meanwhile", OK, 429, 1],
];

for (const [what, outcome, status, afterS] of ONE_ACCOUNT) {
  Deno.test(`poolExhausted() answers ${status} for what lives at a key that ${what}`, () => {
    const refusal = exhausted({ a: outcome }, { bound: "owner" });
    assert.deepEqual([refusal.status, refusal.retry?.afterS], [status, afterS]);
    assert.match(refusal.message, /what it names lives at one account: 1 key/);
  });
}

Deno.test("poolExhausted() names the reset of keys that are down to their reserve", () => {
  const policy = { ...POLICY, minRemainingPercent: 5 };
  const windows = [aReading({ usedPercent: 96, resetAtMs: T0 + 600 * SECOND })];
  const refusal = exhausted({ a: OK }, { policy, windows });
  assert.deepEqual([refusal.type, refusal.retry?.afterS], ["usage_limit_reached", 600]);
});

for (const [what, outcome, status, afterS] of ONE_ACCOUNT) {
  Deno.test(`poolExhausted() answers ${status} for a pinned key that ${what}`, () => {
    const refusal = exhausted({ a: outcome }, { bound: "pinned" });
    assert.deepEqual([refusal.status, refusal.retry?.afterS], [status, afterS]);
    assert.match(
      refusal.message,
      /^cdx2 uses no other key than a\.json for this request, as it asks, and .*: 1 key/,
    );
  });
}

Deno.test("poolExhausted() says that keys with an upstream of their own do not serve this", () => {
  const pool = new KeyPool(POLICY, () => {});
  pool.merge([aRecord("a", { upstream: "https://api.openai.com/v1" })], T0);
  const exhaustion = {
    reports: pool.describe(T0),
    bound: undefined,
    model: undefined,
    authDir: "/auths",
    refused: new Map(),
    isCodex: true,
  };
  const refusal = poolExhausted({ ...exhaustion, mainOnly: true }, T0);
  assert.deepEqual([refusal.status, refusal.type], [400, "no_usable_keys"]);
  assert.match(refusal.message, /an upstream that only one key has gets model requests, .* uncompressed/);
});
