import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { runProber } from "../../src/proxy/prober.ts";
import { Upstreams } from "../../src/upstream/upstreams.ts";
import { aRecord, aVerdict, LIMITED, limitedUntil, POLICY, REJECTED, SECOND } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";

/** A key after `outcome`, probed against an upstream that gives these replies. */
function aProbedKey(outcome: Outcome, ...replies: Reply[]) {
  const clock = new FakeClock();
  const upstream = new FakeSend(...replies);
  const pool = new KeyPool(POLICY, () => {});
  pool.merge([aRecord("a")], clock.nowMs());
  const verdict = aVerdict(outcome, clock.nowMs());
  pool.apply({ record: aRecord("a"), startedMs: clock.nowMs() }, verdict);
  const ports = {
    pool,
    clock,
    send: upstream.send,
    upstreams: new Upstreams("http://upstream.example/backend-api"),
    userAgent: "cdx2/test",
    randomId: () => "req_probe",
  };
  const stop = new AbortController();
  void runProber(ports, stop.signal);
  const state = () => {
    const [report] = pool.describe(clock.nowMs());
    return report!.health.state;
  };
  return { clock, upstream, state, pool, stop };
}

const USABLE = answer(200, { rate_limit: { allowed: true, limit_reached: false } });

Deno.test("runProber() heals an ejected key with two answers, a trial interval apart", async () => {
  const { clock, upstream, state } = aProbedKey(REJECTED, USABLE);
  await clock.advance(899 * SECOND);
  assert.equal(upstream.requests.length, 0);
  await clock.advance(2 * SECOND);
  assert.deepEqual([upstream.requests.length, state().kind], [1, "probation"]);
  await clock.advance(20 * SECOND);
  assert.deepEqual([upstream.requests.length, state().kind], [2, "ok"]);
  await clock.advance(100 * SECOND);
  assert.equal(upstream.requests.length, 2);
});

Deno.test("runProber() ejects a key again that is still dead", async () => {
  const { clock, state } = aProbedKey(REJECTED, answer(401, { error: { code: "token_revoked" } }));
  await clock.advance(901 * SECOND);
  assert.equal(state().kind, "blacklist");
});

Deno.test("runProber() ejects no key because the page of the trial is refused", async () => {
  const { clock, state } = aProbedKey(LIMITED, answer(401, { detail: "Unauthorized" }));
  await clock.advance(60 * SECOND);
  assert.equal(state().kind, "ok");
});

Deno.test("runProber() clears a cooled key's strikes without a client's request", async () => {
  const { clock, pool, upstream } = aProbedKey(LIMITED, USABLE);
  await clock.advance(32 * SECOND);
  assert.equal(pool.describe(clock.nowMs())[0]!.health.strikes, 0);
  assert.equal(upstream.tokens[0], "token-of-a");
});

Deno.test("runProber() cools a key on when its usage says that the limit stands", async () => {
  const clockStart = new FakeClock().nowMs();
  const resetAt = clockStart / 1000 + 4000;
  const usage = {
    rate_limit: {
      limit_reached: true,
      primary_window: { used_percent: 100, limit_window_seconds: 18_000, reset_at: resetAt },
    },
  };
  const { clock, state } = aProbedKey(limitedUntil(clockStart + 10 * SECOND), answer(200, usage));
  await clock.advance(12 * SECOND);
  assert.deepEqual(state(), { kind: "cooldown", untilMs: resetAt * 1000, cause: "usage_limit_reached" });
});

Deno.test("runProber() frees a key whose quota came back sooner than named", async () => {
  const named = limitedUntil(new FakeClock().nowMs() + 10_000 * SECOND);
  const spent = answer(200, { rate_limit: { limit_reached: true } });
  const { clock, upstream, state, pool } = aProbedKey(named, spent, answer(404), USABLE);
  await clock.advance(4999 * SECOND);
  assert.equal(upstream.requests.length, 0);
  await clock.advance(61 * SECOND);
  assert.deepEqual([upstream.requests.length, state().kind], [2, "cooldown"]);
  assert.equal(pool.describe(clock.nowMs())[0]!.health.strikes, 1, "a question counts no strike");
  await clock.advance(60 * SECOND);
  assert.deepEqual([upstream.requests.length, state().kind], [3, "ok"]);
});

/** Answers that prove nothing about the key leave it on trial. */
for (
  const [what, reply] of [["503", answer(503)], ["no connection", "not_sent"], ["no answer", "hang"]] as const
) {
  Deno.test(`runProber() learns nothing from ${what} and tries again an interval later`, async () => {
    const { clock, upstream, state } = aProbedKey(REJECTED, reply);
    await clock.advance(901 * SECOND);
    await clock.advance(18 * SECOND);
    assert.deepEqual([upstream.requests.length, state().kind], [1, "probation"]);
    await clock.advance(3 * SECOND);
    assert.equal(upstream.requests.length, 2);
  });
}

Deno.test("runProber() stops when told", async () => {
  const { clock, upstream, stop } = aProbedKey(REJECTED, USABLE);
  stop.abort();
  await clock.advance(2000 * SECOND);
  assert.equal(upstream.requests.length, 0);
  assert.equal(clock.pendingTimers, 0);
});
