import assert from "node:assert/strict";
import { Exchange } from "../../src/fleet/exchange.ts";
import { Seal } from "../../src/fleet/seal.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeEngine } from "../support/fake_store.ts";

Deno.test("an exchange is settled once it has read everything, or knows that it cannot", async () => {
  for (const isAway of [false, true]) {
    const clock = new FakeClock();
    const engine = new FakeEngine();
    const seal = new Seal(new Secret("a-pool-secret-of-more-than-32-characters"), "team");
    const said: string[] = [];
    const publish = ({ message }: { readonly message: string }) => void said.push(message);
    using exchange = new Exchange({ store: engine.store(5000), seal, clock, publish });
    let synced = 0;
    exchange.start([], { read: () => {}, synced: () => void synced++, upText: () => "1 members" });
    if (isAway) engine.goDown("connection refused");
    await exchange.settled;
    await clock.advance(1);
    assert.equal(exchange.state.kind, isAway ? "degraded" : "up");
    assert.equal(exchange.storeNowMs, clock.nowMs() + 5000);
    if (isAway) engine.comeBack();
    await clock.advance(31_000);
    assert.ok(synced > 0 && exchange.state.kind === "up");
    assert.match(said.at(-1)!, /the shared pool is there: 1 members/);
  }
});
