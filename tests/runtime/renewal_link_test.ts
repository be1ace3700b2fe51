import assert from "node:assert/strict";
import type { Renewal } from "../../src/api/renewals.ts";
import { fingerprint } from "../../src/auth/fingerprint.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import { RenewalLink } from "../../src/runtime/renewal_link.ts";
import { Secret } from "../../src/values/secret.ts";
import { aChoice, aRecord, POLICY, REJECTED, T0 } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";

const A = aRecord("a");
const RENEWED: Renewal = {
  file: "a.json",
  outcome: "renewed",
  message: "a.json is renewed",
  token_expires_at: null,
  next_try_at: null,
  login_needed: false,
};

function aLink() {
  const pool = new KeyPool(POLICY, () => {});
  pool.merge([A], T0);
  const events: ProxyEvent[] = [];
  const asked: (readonly [string, string])[] = [];
  // The folder has the new token already.
  const refresh = () => {
    pool.merge([{ ...A, token: new Secret("new") }], T0);
    return Promise.resolve({ records: [], rejected: [] });
  };
  const link = new RenewalLink((request) => {
    asked.push([request.file, request.kind === "token_refused" ? request.accessHash : request.kind]);
  });
  const connect = () =>
    link.connect({
      keys: { pool, refresh },
      publish: (event) => events.push(event),
      clock: new FakeClock(T0),
      renewsHere: true,
      shared: undefined,
    });
  const refuse = () => {
    const verdict = { outcome: REJECTED, nowMs: T0, status: 401, requestId: "req", model: undefined };
    pool.apply(pool.lease(A, aChoice(), T0), verdict);
  };
  return { link, connect, pool, events, asked, refuse };
}

Deno.test("RenewalLink asks by the hash of the token, and puts the new token to use", async () => {
  const { link, connect, pool, events, asked, refuse } = aLink();
  connect();
  refuse();
  assert.deepEqual(asked, [["a.json", fingerprint(A.token)]]);
  await link.take({ kind: "renewal_ended", file: "a.json", renewal: RENEWED });
  assert.equal(pool.pick(aChoice(), T0)?.key.token.reveal(), "new");
  assert.deepEqual(events.map(({ event }) => event), ["auth.refreshed"]);
});

Deno.test("RenewalLink lets the refusal count when there is no renewal", async () => {
  const { link, connect, pool, events, refuse } = aLink();
  connect();
  refuse();
  await link.take({ kind: "renewal_ended", file: "a.json", renewal: undefined });
  assert.equal(pool.describe(T0)[0]!.health.state.kind, "blacklist");
  assert.deepEqual(events, []);
});

Deno.test("RenewalLink keeps what it is told before it is connected", async () => {
  const { link, connect, pool } = aLink();
  pool.merge([aRecord("a", { expiresAtMs: T0 - 1 })], T0);
  await link.take({ kind: "renewals_queued", files: [] });
  connect();
  assert.equal(pool.pick(aChoice(), T0)?.key.file, "a.json");
});

Deno.test("RenewalLink asks for the renewal of a key that a request waits for to come first", async () => {
  const { link, connect, pool, asked } = aLink();
  pool.merge([aRecord("a", { expiresAtMs: T0 - 1 })], T0);
  connect();
  await link.take({ kind: "renewals_queued", files: ["a.json"] });
  pool.renewals.hasten(pool.renewals.renewing(aChoice(), T0));
  assert.deepEqual(asked, [["a.json", "renewal_awaited"]]);
});
