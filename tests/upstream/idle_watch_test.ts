import assert from "node:assert/strict";
import { IdleWatch } from "../../src/upstream/idle_watch.ts";
import { FakeClock } from "../support/fake_clock.ts";

function aWatch() {
  const clock = new FakeClock();
  let fired = 0;
  const watch = new IdleWatch(clock, 1000, () => fired++);
  return { clock, watch, fired: () => fired };
}

Deno.test("IdleWatch notices a wait that lasts, counted from where it began", async () => {
  const { clock, watch, fired } = aWatch();
  await clock.advance(600);
  watch.begin();
  await clock.advance(999);
  assert.equal(fired(), 0);
  await clock.advance(1);
  assert.deepEqual([fired(), clock.pendingTimers], [1, 0]);
});

Deno.test("IdleWatch takes each new wait for itself, with one timer for all of them", async () => {
  const { clock, watch, fired } = aWatch();
  for (let round = 0; round < 10; round++) {
    watch.begin();
    await clock.advance(900);
    assert.deepEqual([fired(), clock.pendingTimers], [0, 1]);
  }
});

Deno.test("IdleWatch notices nothing before a wait begins, or once it is stopped", async () => {
  const { clock, watch, fired } = aWatch();
  await clock.advance(5000);
  assert.equal(fired(), 0);
  watch.begin();
  watch.stop();
  await clock.advance(5000);
  assert.deepEqual([fired(), clock.pendingTimers], [0, 0]);
});
