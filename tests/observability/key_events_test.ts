import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { keyEvent } from "../../src/observability/key_events.ts";
import { aRecord, aVerdict, LIMITED, OK, POLICY, REJECTED, SECOND, T0 } from "../support/builders.ts";

/** Plays `[second, outcome or undefined for waiting]` on one key and tells the events. */
function eventsOf(story: [number, Outcome | undefined][]): string[] {
  let nowMs = T0;
  const told: string[] = [];
  const pool = new KeyPool(POLICY, (change) => {
    const event = keyEvent(change, nowMs);
    if (event) told.push(`${event.level} ${event.event}: ${event.message}`);
  });
  pool.merge([aRecord("a")], T0);
  for (const [second, outcome] of story) {
    nowMs = T0 + second * SECOND;
    if (!outcome) pool.expirePenalties(nowMs);
    else {pool.apply(
        { record: aRecord("a"), startedMs: nowMs },
        aVerdict(outcome, nowMs, { status: 401, requestId: "req_1" }),
      );}
  }
  return told;
}

Deno.test("keyEvent() reports that a key is blacklisted, on probation and restored", () => {
  assert.deepEqual(eventsOf([[0, OK], [1, REJECTED], [901, undefined], [902, OK], [922, OK]]), [
    "warning auth.blacklisted: a.json is blacklisted for 15m (http_401)",
    "info auth.probation: a.json is on probation",
    "info auth.restored: a.json serves again",
  ]);
});

Deno.test("keyEvent() reports a cooldown and the success that ends it", () => {
  assert.deepEqual(eventsOf([[0, LIMITED], [30, undefined], [31, OK]]), [
    "warning auth.cooldown: a.json is in cooldown for 30s (http_429)",
    "info auth.restored: a.json serves again",
  ]);
});

Deno.test("keyEvent() reports nothing for a limit of one model: the key still serves", () => {
  const pool = new KeyPool(POLICY, (change) => assert.equal(keyEvent(change, T0), undefined));
  pool.merge([aRecord("a")], T0);
  const outcome: Outcome = {
    kind: "rate_limited",
    code: "usage_limit_reached",
    scope: "model",
    isMoment: false,
    untilMs: undefined,
  };
  const verdict = { outcome, nowMs: T0, status: 429, requestId: "req_1", model: "spark" };
  pool.apply({ record: aRecord("a"), startedMs: T0 }, verdict);
});

Deno.test("keyEvent() holds the cause, the end and the attempt that the state rests on", () => {
  const pool = new KeyPool(POLICY, (change) => {
    assert.deepEqual(keyEvent(change, T0)?.fields, {
      auth_file: "a.json",
      auth_email: "a@example.com",
      state: "blacklist",
      cause: "http_401",
      until: new Date(T0 + 900 * SECOND).toISOString(),
      status: 403,
      request_id: "req_7",
    });
  });
  pool.merge([aRecord("a")], T0);
  const verdict = aVerdict(REJECTED, T0, { status: 403, requestId: "req_7" });
  pool.apply({ record: aRecord("a"), startedMs: T0 }, verdict);
});
