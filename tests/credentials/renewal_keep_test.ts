// New tokens are never lost, and never put over what another program has written.

import assert from "node:assert/strict";
import { T0 } from "../support/builders.ts";
import { RenewalWorld } from "../support/renewal_world.ts";

const HOUR = 3_600_000;

Deno.test("renewKey() keeps what another program writes meanwhile, and the new tokens aside", async () => {
  const world = new RenewalWorld();
  world.during = () => world.put({ refreshToken: "rt_foreign", session: "session-2" });
  const outcome = await world.renew();
  assert.ok(outcome.kind === "kept_aside");
  assert.equal(world.login().refresh, "rt_foreign");
  assert.equal(world.login(outcome.path).refresh, "rt_new_1");
});

Deno.test("renewKey() puts tokens that were kept aside into the file once it can be written", async () => {
  const world = new RenewalWorld(T0 + 8.5 * HOUR);
  world.during = () => world.files.failAt("/keys", "no_space");
  const renewing = world.renew("due");
  await world.clock.advance(10_000);
  const outcome = await renewing;
  assert.ok(outcome.kind === "kept_aside", outcome.kind);
  assert.equal(world.login().refresh, "rt_1");
  world.files.healAt("/keys");
  const next = await world.renew("due");
  assert.deepEqual([next.kind, world.login().refresh], ["adopted", "rt_new_1"]);
  assert.equal(world.files.text(outcome.path), undefined);
  assert.deepEqual(world.sent, ["rt_1"]);
});
