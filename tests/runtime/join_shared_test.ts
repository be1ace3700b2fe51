import assert from "node:assert/strict";
import { joinShared, usedByAll } from "../../src/runtime/join_shared.ts";
import { systemClock } from "../../src/system/clock.ts";

Deno.test("joinShared() does nothing where no pool is shared", async () => {
  const nothing = () => assert.fail("nothing is to be done");
  const keys = Object.create(null);
  assert.equal(
    await joinShared({ shared: undefined, version: "1.0.0" }, {
      keys,
      clock: systemClock,
      publish: nothing,
      keepHome: nothing,
      renew: nothing,
      countWith: nothing,
    }),
    undefined,
  );
  assert.match(String(await usedByAll(undefined, { days: 1, by: "key" })), /shares no pool/);
});
