import assert from "node:assert/strict";
import { KeyPool } from "../../src/auth/rotation.ts";
import { joinShared } from "../../src/runtime/join_shared.ts";
import { systemClock } from "../../src/system/clock.ts";
import { POLICY } from "../support/builders.ts";

Deno.test("joinShared() does nothing where no pool is shared", async () => {
  const pool = new KeyPool(POLICY, () => {});
  const publish = () => assert.fail("nothing is to be said");
  assert.equal(
    await joinShared({ shared: undefined, version: "1.0.0" }, { pool, clock: systemClock, publish }),
    undefined,
  );
});
