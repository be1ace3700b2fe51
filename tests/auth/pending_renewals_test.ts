// A refused token, its renewal, and what the pool makes of both.

import assert from "node:assert/strict";
import type { AuthRecord } from "../../src/auth/record.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { Secret } from "../../src/values/secret.ts";
import { aChoice, aRecord, POLICY, REJECTED, T0 } from "../support/builders.ts";

const A = aRecord("a");
const B = aRecord("b");
const NEW_A: AuthRecord = { ...A, token: new Secret("a new token") };

/** A pool whose refused tokens are listed in `asked`. */
function aPool(
  ...records: AuthRecord[]
): { pool: KeyPool; asked: string[]; hastened: string[]; refuse: (record: AuthRecord) => void } {
  const pool = new KeyPool(POLICY, () => {});
  const asked: string[] = [];
  const hastened: string[] = [];
  pool.renewals.askWith(({ file }) => asked.push(file), (file) => hastened.push(file));
  pool.renewals.queue([]);
  pool.merge(records, T0);
  const refuse = (record: AuthRecord) => {
    const lease = pool.lease(record, aChoice(), T0);
    pool.apply(lease, { outcome: REJECTED, nowMs: T0, status: 401, requestId: "req", model: undefined });
  };
  return { pool, asked, hastened, refuse };
}

function stateOf(pool: KeyPool, file: string): string {
  return pool.describe(T0).find(({ record }) => record.file === file)!.health.state.kind;
}

Deno.test("KeyPool asks for one renewal of a refused token, and gives its key to nobody meanwhile", () => {
  const { pool, asked, refuse } = aPool(A, B);
  for (let count = 0; count < 5; count++) refuse(A);
  assert.deepEqual([asked, stateOf(pool, "a.json")], [["a.json"], "ok"]);
  assert.equal(pool.pick(aChoice(), T0)?.key.file, "b.json");
  assert.equal(pool.nextAvailableMs(aChoice({ tried: new Set(["b.json"]) }), T0), undefined);
  assert.deepEqual(pool.renewals.renewing(aChoice(), T0), ["a.json"]);
  assert.deepEqual(pool.renewals.renewing(aChoice({ tried: new Set(["a.json"]) }), T0), []);
  assert.deepEqual([pool.renewals.hasNewToken(A, T0), pool.renewals.hasNewToken(B, T0)], [true, false]);
});

const REFUSED_AT_ONCE: readonly (readonly [what: string, key: AuthRecord])[] = [
  ["has no refresh token", aRecord("a", { hasRefreshToken: false })],
  ["has expired", aRecord("a", { expiresAtMs: T0 - 1 })],
];
for (const [what, key] of REFUSED_AT_ONCE) {
  Deno.test(`KeyPool asks once for another token, and ejects at once, when the refused one ${what}`, () => {
    const { pool, asked, refuse } = aPool(key, B);
    refuse(key);
    refuse(key);
    assert.deepEqual([asked, stateOf(pool, "a.json")], [["a.json"], "blacklist"]);
    pool.merge([{ ...key, token: new Secret("a new token") }, B], T0);
    assert.equal(stateOf(pool, "a.json"), "ok");
  });
}

Deno.test("KeyPool uses a key again, without a penalty, once its token is renewed", () => {
  const { pool, refuse } = aPool(A);
  refuse(A);
  pool.merge([NEW_A], T0);
  assert.equal(pool.pick(aChoice(), T0)?.key, NEW_A);
  pool.renewals.end("a.json", true);
  assert.equal(stateOf(pool, "a.json"), "ok");
});

Deno.test("KeyPool ejects a key when its renewal fails, and does not ask again for this token", () => {
  const { pool, asked, refuse } = aPool(A, B);
  refuse(A);
  pool.renewals.end("a.json", false);
  assert.equal(stateOf(pool, "a.json"), "blacklist");
  pool.reset({}, T0);
  refuse(A);
  assert.deepEqual([asked, stateOf(pool, "a.json")], [["a.json"], "blacklist"]);
  pool.merge([NEW_A, B], T0);
  refuse(NEW_A);
  assert.deepEqual(asked, ["a.json", "a.json"]);
});

Deno.test("KeyPool does not renew for a 403, nor without anybody who renews", () => {
  const { pool, asked } = aPool(A, B);
  const verdict = { outcome: REJECTED, nowMs: T0, status: 403, requestId: "req", model: undefined };
  pool.apply(pool.lease(A, aChoice(), T0), verdict);
  assert.deepEqual([asked, stateOf(pool, "a.json")], [[], "blacklist"]);
  const alone = new KeyPool(POLICY, () => {});
  alone.merge([A, B], T0);
  alone.apply(alone.lease(A, aChoice(), T0), { ...verdict, status: 401 });
  assert.equal(stateOf(alone, "a.json"), "blacklist");
});

Deno.test("KeyPool asks no expired key that waits for its renewal, and wakes who waits", async () => {
  const expired = aRecord("a", { expiresAtMs: T0 - 1 });
  const { pool } = aPool(expired);
  assert.equal(pool.pick(aChoice(), T0)?.key, expired, "a last resort");
  pool.renewals.queue(["a.json"]);
  assert.equal(pool.pick(aChoice(), T0), undefined);
  assert.deepEqual(pool.renewals.renewing(aChoice(), T0), ["a.json"]);
  const woken = pool.nextChange();
  pool.renewals.end("a.json", false);
  await woken;
  assert.equal(pool.pick(aChoice(), T0)?.key, expired);
});

Deno.test("KeyPool waits with expired keys until it is told what is queued", () => {
  const expired = aRecord("a", { expiresAtMs: T0 - 1 });
  const pool = new KeyPool(POLICY, () => {});
  pool.renewals.askWith(() => {}, () => {});
  pool.merge([expired, B], T0);
  assert.equal(pool.pick(aChoice({ tried: new Set(["b.json"]) }), T0), undefined);
  pool.renewals.queue([]);
  assert.equal(pool.pick(aChoice({ tried: new Set(["b.json"]) }), T0)?.key, expired);
});

Deno.test("PendingRenewals end by themselves when nobody answers", () => {
  const { pool, refuse } = aPool(A);
  refuse(A);
  assert.equal(pool.pick(aChoice(), T0 + 60_000), undefined);
  assert.equal(pool.pick(aChoice(), T0 + 75_000)?.key, A);
});

Deno.test("KeyPool tells once that a request waits for the renewal of a key, until that has ended", () => {
  const old = { expiresAtMs: T0 - 1 };
  const { pool, hastened } = aPool(aRecord("a", old), aRecord("b", old));
  pool.renewals.queue(["a.json", "b.json"]);
  const wait = (pinned?: string) => pool.renewals.hasten(pool.renewals.renewing(aChoice({ pinned }), T0));
  wait("b.json");
  wait("b.json");
  assert.deepEqual(hastened, ["b.json"]);
  wait();
  assert.deepEqual(hastened, ["b.json", "a.json"]);
  pool.renewals.end("b.json", false);
  pool.renewals.queue(["b.json"]);
  wait("b.json");
  assert.deepEqual(hastened, ["b.json", "a.json", "b.json"]);
});
