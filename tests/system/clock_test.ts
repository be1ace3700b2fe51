import assert from "node:assert/strict";
import {
  type ClockMove,
  holdsWithin,
  moveBetween,
  OwnClock,
  readClocks,
  systemClock,
  wallMs,
  withDeadline,
} from "../../src/system/clock.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { runScript } from "../support/script.ts";

const SHORT_MS = 20;
// Longer than a timer can count.
const ENDLESS_MS = 2 ** 40;

Deno.test("nowMs() is the wall-clock time", () => {
  assert.ok(Math.abs(systemClock.nowMs() - Date.now()) < 1000);
});

Deno.test("after() acts once, after its time", async () => {
  const startedMs = systemClock.elapsedMs();
  const actsMs: number[] = [];
  systemClock.after(SHORT_MS, () => actsMs.push(systemClock.elapsedMs() - startedMs));
  await systemClock.sleep(3 * SHORT_MS);
  assert.equal(actsMs.length, 1);
  assert.ok(actsMs[0]! >= SHORT_MS - 1, `it took ${actsMs[0]} ms`);
});

Deno.test("after() does not act when it was cancelled, nor at once for a very long delay", async () => {
  let count = 0;
  const cancels = [0, SHORT_MS, ENDLESS_MS, Infinity].map((delayMs) =>
    systemClock.after(delayMs, () => count++)
  );
  cancels[0]!();
  cancels[1]!();
  await systemClock.sleep(2 * SHORT_MS);
  for (const cancel of cancels) cancel();
  assert.equal(count, 0);
});

Deno.test("after() lets the process end before its time", async () => {
  const { stdout } = await runScript(
    "system/clock.ts",
    'it.systemClock.after(1_000, () => console.log("it waited")); console.log("begun");',
  );
  assert.equal(stdout, "begun\n");
});

Deno.test("sleep() lasts as long as asked", async () => {
  const startedMs = systemClock.elapsedMs();
  await systemClock.sleep(SHORT_MS);
  const tookMs = systemClock.elapsedMs() - startedMs;
  assert.ok(tookMs >= SHORT_MS - 1, `it took ${tookMs} ms`);
});

Deno.test("sleep() ends when its signal aborts, or has aborted before", async () => {
  const leaving = new AbortController();
  const sleeping = [ENDLESS_MS, 1000].map((delayMs) => systemClock.sleep(delayMs, leaving.signal));
  leaving.abort();
  await Promise.all(sleeping);
  await systemClock.sleep(ENDLESS_MS, leaving.signal);
});

const never = () => new Promise<string>(() => {});

Deno.test("withDeadline() resolves and rejects as the work does, and leaves no timer", async () => {
  const clock = new FakeClock();
  assert.equal(await withDeadline(clock, 1000, () => Promise.resolve("done")), "done");
  await assert.rejects(withDeadline(clock, 1000, () => Promise.reject(new Error("broken"))), /broken/);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("withDeadline() aborts the work at its deadline, and waits for it no longer", async () => {
  const clock = new FakeClock();
  let signal: AbortSignal | undefined;
  const result = withDeadline(clock, 1000, (deadline) => (signal = deadline, never()));
  await clock.advance(999);
  assert.equal(signal?.aborted, false);
  await clock.advance(1);
  assert.equal(signal?.aborted, true);
  assert.equal(await result, undefined);
});

Deno.test("withDeadline() takes work that the deadline broke for late, not for broken", async () => {
  const clock = new FakeClock();
  const result = withDeadline(
    clock,
    1000,
    (deadline) =>
      new Promise<string>((_, reject) =>
        deadline.addEventListener("abort", () => reject(new Error("aborted")))
      ),
  );
  await clock.advance(1000);
  assert.equal(await result, undefined);
});

const NOON = { wallMs: 1_800_000_000_000, elapsedMs: 5_000, uptimeMs: 90_000 };

const MOVES: readonly (readonly [
  what: string,
  passed: { wallS: number; elapsedS: number; uptimeS: number },
  move: ClockMove | undefined,
])[] = [
  ["nothing", { wallS: 1, elapsedS: 1, uptimeS: 1 }, undefined],
  ["the whole seconds of the uptime", { wallS: 1, elapsedS: 1, uptimeS: 2 }, undefined],
  ["a correction of a second", { wallS: 2, elapsedS: 1, uptimeS: 1 }, undefined],
  ["a clock set back", { wallS: -3599, elapsedS: 1, uptimeS: 1 }, { sleptMs: 0, setMs: -3_600_000 }],
  ["a clock set ahead", { wallS: 3601, elapsedS: 1, uptimeS: 1 }, { sleptMs: 0, setMs: 3_600_000 }],
  ["a sleep", { wallS: 3601, elapsedS: 1, uptimeS: 3602 }, { sleptMs: 3_600_000, setMs: 0 }],
  ["a sleep, the clock set back meanwhile", { wallS: 1, elapsedS: 1, uptimeS: 61 }, {
    sleptMs: 60_000,
    setMs: -60_000,
  }],
  ["a sleep of a clock that stands still with it", { wallS: 9, elapsedS: 9, uptimeS: 9 }, undefined],
];

for (const [what, { wallS, elapsedS, uptimeS }, move] of MOVES) {
  Deno.test(`moveBetween() finds ${what}`, () => {
    const after = {
      wallMs: NOON.wallMs + wallS * 1000,
      elapsedMs: NOON.elapsedMs + elapsedS * 1000,
      uptimeMs: NOON.uptimeMs + uptimeS * 1000,
    };
    assert.deepEqual(moveBetween(NOON, after), move);
  });
}

Deno.test("OwnClock counts sleeps, and knows by how much the wall clock was set", () => {
  const clock = new OwnClock();
  const before = clock.nowMs();
  assert.ok(Math.abs(before - Date.now()) < 1_000);
  clock.move({ sleptMs: 3_600_000, setMs: 0 });
  clock.move({ sleptMs: 0, setMs: -60_000 });
  assert.ok(clock.nowMs() >= before + 3_600_000);
  assert.equal(clock.wallAheadMs, -60_000);
  assert.ok(Math.abs(wallMs(clock) - (before + 3_540_000)) < 1_000);
});

Deno.test("readClocks() reads clocks that agree", async () => {
  const before = readClocks();
  await systemClock.sleep(5);
  assert.equal(moveBetween(before, readClocks()), undefined);
});

Deno.test("holdsWithin() looks again after each change, and ends in time without one", async () => {
  const clock = new FakeClock();
  let change = Promise.withResolvers<void>();
  let value = 0;
  const becomes = (wanted: number) =>
    holdsWithin(clock, 100, { holds: () => value === wanted, nextChange: () => change.promise });
  const set = (next: number) => {
    value = next;
    change.resolve();
    change = Promise.withResolvers<void>();
  };
  assert.equal(await becomes(0), true);
  const two = becomes(2);
  set(1);
  await clock.advance(50);
  set(2);
  assert.equal(await two, true);
  const three = becomes(3);
  await clock.advance(100);
  assert.equal(await three, false);
  assert.equal(clock.pendingTimers, 0);
});
