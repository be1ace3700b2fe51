import assert from "node:assert/strict";
import { ExchangeCount } from "../../src/system/exchange_count.ts";

Deno.test("an exchange counts until it has ended", async () => {
  const exchanges = new ExchangeCount();
  await exchanges.allEnded();
  const answered = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  exchanges.begin(answered.promise);
  exchanges.begin(left.promise);
  assert.equal(exchanges.count, 2);
  let isDrained = false;
  const drained = exchanges.allEnded().then(() => isDrained = true);
  left.resolve();
  await left.promise;
  assert.deepEqual([exchanges.count, isDrained], [1, false]);
  answered.resolve();
  await drained;
  assert.equal(exchanges.count, 0);
});
