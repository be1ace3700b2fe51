import assert from "node:assert/strict";
import type { Renewal } from "../../src/api/renewals.ts";
import { fingerprint } from "../../src/auth/fingerprint.ts";
import type { AuthRecord } from "../../src/auth/record.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import { RenewalLink, type RenewalSharer } from "../../src/runtime/renewal_link.ts";
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

function aLink(shared?: RenewalSharer) {
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
  const clock = new FakeClock(T0);
  const connect = () =>
    link.connect({
      keys: { pool, refresh },
      publish: (event) => events.push(event),
      clock,
      renewsHere: true,
      shared,
    });
  const refuse = () => {
    const verdict = { outcome: REJECTED, nowMs: T0, status: 401, requestId: "req", model: undefined };
    pool.apply(pool.lease(A, aChoice(), T0), verdict);
  };
  return { link, connect, pool, events, asked, refuse, clock, refresh };
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

const stateOf = (pool: KeyPool) => pool.describe(T0)[0]!.health.state.kind;

Deno.test("RenewalLink waits for the member that renews the login, and its token is used at once", async () => {
  const wanted: string[] = [];
  const shared = { asks: ({ file }: AuthRecord) => wanted.push(file) > 0, takesLogins: () => {} };
  const { connect, pool, asked, refuse, clock, refresh } = aLink(shared);
  connect();
  refuse();
  await clock.advance(14_000);
  assert.deepEqual([wanted, asked, stateOf(pool)], [["a.json"], [], "ok"]);
  assert.equal(pool.pick(aChoice(), T0), undefined, "meanwhile the key gets no request");
  await refresh();
  await clock.advance(1);
  assert.equal(pool.pick(aChoice(), T0)?.key.token.reveal(), "new");
  await clock.advance(60_000);
  assert.equal(stateOf(pool), "ok");
});

Deno.test("RenewalLink lets the refusal count when the member that renews the login brings no token", async () => {
  const { connect, pool, refuse, clock } = aLink({ asks: () => true, takesLogins: () => {} });
  connect();
  refuse();
  await clock.advance(14_999);
  assert.equal(stateOf(pool), "ok");
  await clock.advance(1);
  assert.equal(stateOf(pool), "blacklist");
});

Deno.test("RenewalLink renews here when no other member does, and tells the pool what the files hold", async () => {
  const held: number[] = [];
  const { link, connect, asked, refuse } = aLink({
    asks: () => false,
    takesLogins: (logins) => void held.push(logins.length),
  });
  connect();
  refuse();
  assert.equal(asked.length, 1);
  await link.take({ kind: "logins_held", logins: [] });
  assert.deepEqual(held, [0]);
});
