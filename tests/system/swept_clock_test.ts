import assert from "node:assert/strict";
import fc from "fast-check";
import { SWEEP_MS, sweptClock } from "../../src/system/swept_clock.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("sweptClock() looks after all long delays with one timer, which ends with them", async () => {
  const clock = new FakeClock();
  const swept = sweptClock(clock);
  const cancels = [5000, 60_000, 300_000].map((delayMs) => swept.after(delayMs, () => {}));
  assert.equal(clock.pendingTimers, 1);
  for (const cancel of cancels) cancel();
  await clock.advance(SWEEP_MS);
  assert.equal(clock.pendingTimers, 0);
  swept.after(5000, () => {});
  assert.equal(clock.pendingTimers, 1);
});

Deno.test("sweptClock() leaves short delays exact", async () => {
  const clock = new FakeClock();
  let firedMs: number | undefined;
  sweptClock(clock).after(20, () => firedMs = clock.elapsedMs());
  await clock.advance(1000);
  assert.equal(firedMs, 20);
});

Deno.test("sweptClock() runs what an act plans, and not what it cancels", async () => {
  const clock = new FakeClock();
  const swept = sweptClock(clock);
  const ran: string[] = [];
  swept.after(2000, () => {
    ran.push("first");
    cancelSecond();
    swept.after(2000, () => ran.push("third"));
  });
  const cancelSecond = swept.after(2000, () => ran.push("second"));
  await clock.advance(5000);
  assert.deepEqual(ran, ["first", "third"]);
});

Deno.test("sweptClock() fires once, never early, and late by less than a sweep", async () => {
  const delay = fc.record({ waitMs: fc.nat(3000), delayMs: fc.integer({ min: 0, max: 20_000 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(delay, { maxLength: 8 }), async (delays) => {
      const clock = new FakeClock();
      const swept = sweptClock(clock);
      const latenessMs: number[] = [];
      for (const { waitMs, delayMs } of delays) {
        await clock.advance(waitMs);
        const dueMs = clock.elapsedMs() + delayMs;
        swept.after(delayMs, () => latenessMs.push(clock.elapsedMs() - dueMs));
      }
      await clock.advance(30_000);
      assert.equal(latenessMs.length, delays.length);
      assert.ok(latenessMs.every((ms) => ms >= 0 && ms <= SWEEP_MS));
    }),
    { numRuns: 50 },
  );
});

Deno.test("sweptClock() tells the same time, also after the computer slept", () => {
  const clock = new FakeClock();
  const swept = sweptClock(clock);
  clock.suspend(60_000);
  assert.deepEqual([swept.nowMs(), swept.elapsedMs()], [clock.nowMs(), clock.elapsedMs()]);
});

Deno.test("sweptClock() does not count the time in which this process stood still", async () => {
  const clock = new FakeClock();
  const swept = sweptClock(clock);
  const fired: [string, number][] = [];
  const after = (name: string, delayMs: number) =>
    swept.after(delayMs, () => fired.push([name, clock.elapsedMs()]));
  after("due before", 1000);
  after("due meanwhile", 5000);
  after("due later", 90_000);
  await clock.advance(900);
  clock.standStill(60_000);
  after("planned after it", 5000);
  await clock.advance(120_000);
  // From 1000 on nothing ran until 60,900: 59,900 do not count.
  assert.deepEqual(fired, [
    ["due before", 60_900],
    ["due meanwhile", 64_900],
    ["planned after it", 65_900],
    ["due later", 149_900],
  ]);
});
