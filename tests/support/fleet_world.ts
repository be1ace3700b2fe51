// A fleet of members on one engine in memory, each with a pool of its own.

import type { Outcome } from "../../src/auth/outcome.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { Exchange } from "../../src/fleet/exchange.ts";
import { Fleet, tagsOf } from "../../src/fleet/fleet.ts";
import { Seal } from "../../src/fleet/seal.ts";
import { SharedLogins } from "../../src/fleet/shared_logins.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import { Secret } from "../../src/values/secret.ts";
import { aRecord, aVerdict, POLICY } from "./builders.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeEngine, NOT_SHARED } from "./fake_store.ts";

const SECRET = "a-pool-secret-of-more-than-32-characters";
/** The keys of a member that says nothing else. */
export const KEYS = ["a", "b", "c"];

/** Members on one engine. Each has its own clock, which differs from that of the engine by `offMs`. */
export function aFleet(engine = new FakeEngine()) {
  const clock = new FakeClock();
  let runs = 0;
  const join = (name: string, { offMs = 0, keys = KEYS, secret = SECRET } = {}) => {
    const own: FakeClock = Object.create(clock, { nowMs: { value: () => clock.nowMs() + offMs } });
    // Private parts are those of the one clock; only what it shows differs.
    for (const method of ["after", "sleep", "elapsedMs"] as const) {
      Object.defineProperty(own, method, { value: clock[method].bind(clock) });
    }
    const events: ProxyEvent[] = [];
    const pool = new KeyPool(POLICY, () => {});
    const seal = new Seal(new Secret(secret), "team");
    const publish = (event: ProxyEvent) => void events.push(event);
    const exchange = new Exchange({ store: engine.store(-offMs), seal, clock: own, publish });
    const runId = String(++runs).padStart(16, "0");
    const nextTag = tagsOf(runId);
    const logins = new SharedLogins({
      exchange,
      seal,
      clock: own,
      self: { memberId: name, name, mayBeHome: false },
      claims: {},
      nextTag,
      records: () => pool.records,
      changed: () => {},
      keep: () => Promise.resolve(true),
      renew: () => {},
    });
    const self = { id: name, name, host: name, version: "1.0.0" };
    const fleet = new Fleet({
      exchange,
      seal,
      logins,
      affinity: NOT_SHARED,
      pool,
      clock: own,
      self,
      runId,
      nextTag,
    });
    pool.merge(keys.map((key) => aRecord(key)), own.nowMs());
    fleet.start();
    const judge = (key: string, outcome: Outcome, status = 401) => {
      const nowMs = own.nowMs();
      pool.apply({ record: aRecord(key), startedMs: nowMs }, { ...aVerdict(outcome, nowMs), status });
    };
    const report = (key: string) =>
      pool.describe(own.nowMs()).find(({ record }) => record.file === `${key}.json`)!;
    const stateOf = (key: string) => report(key).health.state.kind;
    return { fleet, pool, events, judge, report, stateOf, clock: own };
  };
  return { engine, clock, join, pass: (ms = 10) => clock.advance(ms) };
}
