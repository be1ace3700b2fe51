import assert from "node:assert/strict";
import { ExchangeCount } from "../../src/proxy/exchange_count.ts";

Deno.test("an exchange counts until it has ended, or its client has stopped reading", async () => {
  const exchanges = new ExchangeCount();
  await exchanges.allEnded();
  const answered = Promise.withResolvers<void>();
  exchanges.begin(answered.promise);
  const giveUp = exchanges.begin(new Promise(() => {}));
  assert.equal(exchanges.count, 2);
  let isDrained = false;
  const drained = exchanges.allEnded().then(() => isDrained = true);
  giveUp();
  giveUp();
  assert.deepEqual([exchanges.count, isDrained], [1, false]);
  answered.resolve();
  await drained;
  assert.equal(exchanges.count, 0);
});

Deno.test("an exchange that was given up and ends later counts once", async () => {
  const exchanges = new ExchangeCount();
  const late = Promise.withResolvers<void>();
  exchanges.begin(late.promise)();
  const other = exchanges.begin(new Promise(() => {}));
  late.resolve();
  await late.promise;
  assert.equal(exchanges.count, 1);
  other();
  assert.equal(exchanges.count, 0);
});
