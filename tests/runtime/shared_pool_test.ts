import assert from "node:assert/strict";
import { shared } from "../../src/api/shared.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import { joinShared } from "../../src/runtime/join_shared.ts";
import { systemClock } from "../../src/system/clock.ts";
import { freePort } from "../../src/system/http.ts";
import { aRecord, POLICY } from "../support/builders.ts";
import { assertIs } from "../support/pages.ts";

Deno.test("a proxy whose engine is away says so once, and shows no secret", async () => {
  const pool = new KeyPool(POLICY, () => {});
  pool.merge([aRecord("a")], systemClock.nowMs());
  const down = Promise.withResolvers<ProxyEvent>();
  const address = {
    hostname: "127.0.0.1",
    port: freePort("127.0.0.1"),
    isTls: false,
    caCerts: undefined,
    username: "user",
    password: "engine-password",
    database: 0,
  };
  const start = {
    address,
    secret: "a-pool-secret-of-more-than-32-characters",
    namespace: "team",
    member: "laptop",
  };
  using member = (await joinShared({ shared: start, version: "1.0.0" }, {
    pool,
    clock: systemClock,
    publish: (event) => down.resolve(event),
  }))!;
  assert.equal((await down.promise).event, "shared.down");
  const page = member.page();
  assertIs(shared, page);
  assert.deepEqual([page.state, page.reason, page.member], ["degraded", "connection refused", "laptop"]);
  for (const hidden of [start.secret, address.password]) {
    assert.ok(!JSON.stringify([page, await down.promise]).includes(hidden));
  }
});
