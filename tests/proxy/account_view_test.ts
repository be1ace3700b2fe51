// What one key shows of itself is tested with its page, in tests/api/health_test.ts.

import assert from "node:assert/strict";
import { KeyPool } from "../../src/auth/rotation.ts";
import { accountsNow } from "../../src/proxy/account_view.ts";
import { aRecord, aVerdict, LIMITED, POLICY, T0 } from "../support/builders.ts";

const HOUR_MS = 3_600_000;

Deno.test("accountsNow() shows all keys, by the wall clock also when that was set", () => {
  const clock = { wallAheadMs: 0 };
  const pool = new KeyPool(POLICY, () => {}, clock);
  pool.merge([aRecord("a"), aRecord("b")], T0);
  const verdict = aVerdict(LIMITED, T0, { status: 429, requestId: "req_1" });
  pool.apply({ record: aRecord("b"), startedMs: T0 }, verdict);
  const shown = () => accountsNow({ pool, policy: POLICY, nowMs: T0 });
  const { accounts: [free, limited], reports, wallMs } = shown();
  assert.deepEqual([free!.status, limited!.status, reports.length], ["OK", "COOLDOWN", 2]);
  assert.equal(wallMs, T0);

  clock.wallAheadMs = HOUR_MS;
  pool.wall.move(HOUR_MS);
  const { accounts: [, later], wallMs: laterMs } = shown();
  assert.equal(laterMs, T0 + HOUR_MS);
  assert.equal(Date.parse(later!.until!) - laterMs, later!.cooldown_seconds * 1000);
});
