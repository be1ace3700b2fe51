import assert from "node:assert/strict";
import { inBatches } from "../../src/values/batches.ts";

Deno.test("inBatches() gives all results in order, and never runs more than 64 at once", async () => {
  let running = 0;
  let most = 0;
  const items = Array.from({ length: 200 }, (_, index) => index);
  const results = await inBatches(items, async (item) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    return item * 2;
  });
  assert.deepEqual(results, items.map((item) => item * 2));
  assert.equal(most, 64);
  assert.deepEqual(await inBatches([], () => Promise.reject(new Error("not asked"))), []);
});
