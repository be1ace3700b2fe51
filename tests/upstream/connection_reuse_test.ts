import assert from "node:assert/strict";
import { ConnectionReuse } from "../../src/upstream/connection_reuse.ts";
import { FakeClock } from "../support/fake_clock.ts";

function aReuse() {
  const clock = new FakeClock();
  let drops = 0;
  const reuse = new ConnectionReuse(clock, () => drops++);
  return {
    clock,
    reuse,
    drops: () => drops,
    /** `count` answers, evenly over a time. */
    async answers(count: number, withinMs: number) {
      for (let i = 0; i < count; i++) {
        reuse.noteAnswer(false);
        await clock.advance(withinMs / count);
      }
    },
  };
}

/** `[answers, in how many ms, ms since the last, reuses]` */
const LOADS: readonly [number, number, number, boolean][] = [
  [0, 0, 0, false],
  [1, 0, 0, false],
  [49, 0, 0, false],
  [50, 0, 0, true],
  [50, 0, 1000, true],
  [50, 0, 1001, false],
  [50, 900, 0, true],
  [50, 2000, 0, false],
  [1000, 1000, 0, true],
  [1000, 30_000, 0, false],
  [5000, 10_000, 800, true],
  [5000, 10_000, 950, false],
];

for (const [count, withinMs, idleMs, expected] of LOADS) {
  Deno.test(`ConnectionReuse ${idleMs} ms after ${count} answers in ${withinMs} ms: ${expected}`, async () => {
    const { clock, reuse, answers } = aReuse();
    await answers(count, withinMs);
    await clock.advance(idleMs);
    assert.equal(reuse.mayReuse(), expected);
  });
}

/** `[sleep (ms), drops what is used]` */
const SLEEPS: readonly [number, boolean][] = [
  [0, false],
  [1999, false],
  [2000, true],
  [8 * 3_600_000, true],
  [-1999, false],
  [-3_600_000, true],
];

for (const [sleepMs, isDropped] of SLEEPS) {
  Deno.test(`ConnectionReuse ${isDropped ? "drops" : "keeps"} used connections over a sleep of ${sleepMs} ms`, async () => {
    const { clock, reuse, answers, drops } = aReuse();
    await answers(50, 0);
    clock.suspend(sleepMs);
    assert.equal(reuse.mayReuse(), !isDropped);
    assert.equal(drops(), isDropped ? 1 : 0);
    // Once: what was opened since is alive.
    await answers(50, 0);
    assert.equal(reuse.mayReuse(), true);
    assert.equal(drops(), isDropped ? 1 : 0);
  });
}

Deno.test("ConnectionReuse forgets its load when a used connection was dead", async () => {
  const { reuse, answers, drops } = aReuse();
  await answers(100, 0);
  reuse.drop();
  assert.deepEqual([reuse.mayReuse(), drops()], [false, 1]);
});

Deno.test("ConnectionReuse knows when a used connection was last answered on", async () => {
  const { clock, reuse } = aReuse();
  assert.equal(reuse.lastUsedMs, -Infinity);
  reuse.noteAnswer(true);
  await clock.advance(500);
  reuse.noteAnswer(false);
  assert.equal(reuse.lastUsedMs, 0);
});
