import assert from "node:assert/strict";
import type { Account } from "../../src/api/account.ts";
import { readLineFile } from "../../src/runtime/line_file.ts";
import { LineKeeper } from "../../src/runtime/line_keeper.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { anAccountOf } from "../support/pages.ts";

const BY = { pid: 4711, startedAt: "2026-01-01T00:00:00.000Z" };

/** A keeper, the keys that it sees, and the file that it writes. */
function aKeeper({ lookMs = 0 } = {}) {
  const clock = new FakeClock();
  let accounts: readonly Account[] = [];
  let text = "";
  let isFull = false;
  const counts = { looks: 0, writes: 0 };
  const keeper = new LineKeeper({
    clock,
    by: BY,
    look: () => {
      counts.looks++;
      if (lookMs > 0) clock.standStill(lookMs);
      return { accounts, wallMs: clock.nowMs() };
    },
    write: (next) => {
      if (isFull) return Promise.reject(new Error("the disk is full"));
      counts.writes++;
      text = next;
      return Promise.resolve();
    },
  });
  return {
    clock,
    counts,
    keeper,
    /** As many usable keys from now on, with these fields. */
    show: (count: number, fields: object = {}) => {
      accounts = Array.from(
        { length: count },
        (_, at) => anAccountOf({ file: `${at}.json`, status: "OK", ...fields }),
      );
    },
    fill: (isNowFull: boolean) => void (isFull = isNowFull),
    /** How many keys the file says can be used; `undefined` when it says nothing. */
    said: () => readLineFile(text, { by: BY, nowMs: clock.nowMs() })?.usable,
  };
}

Deno.test("a line keeper writes nothing before somebody asks, and then at once", async () => {
  const { clock, counts, keeper, show, said } = aKeeper();
  show(3);
  await clock.advance(60_000);
  assert.deepEqual([counts, said()], [{ looks: 0, writes: 0 }, undefined]);
  keeper.noteAsked();
  await clock.advance(0);
  assert.equal(said(), 3);
  keeper[Symbol.dispose]();
});

Deno.test("a line keeper writes a change within a second, and nothing while nothing changes", async () => {
  const { clock, counts, keeper, show, said } = aKeeper();
  show(3);
  keeper.noteAsked();
  await clock.advance(20_000);
  assert.equal(counts.writes, 1);
  show(2);
  await clock.advance(1000);
  assert.deepEqual([counts.writes, said()], [2, 2]);
  keeper[Symbol.dispose]();
});

Deno.test("a line keeper has the file hold all the time for ten minutes, and for a minute more at the most", async () => {
  const { clock, counts, keeper, show, said } = aKeeper();
  show(3);
  keeper.noteAsked();
  for (let seconds = 0; seconds < 600; seconds++) {
    await clock.advance(1000);
    assert.equal(said(), 3, `after ${seconds} s`);
  }
  await clock.advance(60_000);
  assert.equal(said(), undefined);
  assert.ok(counts.writes <= 21, `${counts.writes} writes`);
  const { looks } = counts;
  await clock.advance(600_000);
  assert.equal(counts.looks, looks);
  keeper.noteAsked();
  await clock.advance(0);
  assert.equal(said(), 3);
  keeper[Symbol.dispose]();
});

Deno.test("a line keeper goes on as long as somebody asks again", async () => {
  const { clock, keeper, show, said } = aKeeper();
  show(3);
  for (let minutes = 0; minutes < 30; minutes += 5) {
    keeper.noteAsked();
    await clock.advance(5 * 60_000);
    assert.equal(said(), 3);
  }
  keeper[Symbol.dispose]();
});

Deno.test("what a line keeper writes does not hold beyond the time at which a key changes by itself", async () => {
  const { clock, keeper, show, said } = aKeeper();
  show(3, { until: new Date(clock.nowMs() + 1500).toISOString() });
  keeper.noteAsked();
  await clock.advance(1400);
  assert.equal(said(), 3);
  await clock.advance(100);
  assert.equal(said(), undefined);
  show(4);
  await clock.advance(500);
  assert.equal(said(), 4);
  keeper[Symbol.dispose]();
});

Deno.test("a line keeper that cannot write tries again, and is silent about it", async () => {
  const { clock, keeper, show, fill, said } = aKeeper();
  show(3);
  fill(true);
  keeper.noteAsked();
  await clock.advance(5000);
  assert.equal(said(), undefined);
  fill(false);
  await clock.advance(1000);
  assert.equal(said(), 3);
  keeper[Symbol.dispose]();
});

Deno.test("looks of a line keeper that take long come seldom: a hundredth of the time at most", async () => {
  const { clock, counts, keeper, show } = aKeeper({ lookMs: 50 });
  show(1);
  keeper.noteAsked();
  await clock.advance(60_000);
  assert.ok(counts.looks <= 13, `${counts.looks} looks in a minute`);
  keeper[Symbol.dispose]();
});

Deno.test("a line keeper that is disposed of writes nothing more", async () => {
  const { clock, counts, keeper, show } = aKeeper();
  show(3);
  keeper.noteAsked();
  await clock.advance(0);
  keeper[Symbol.dispose]();
  show(1);
  await clock.advance(60_000);
  assert.equal(counts.writes, 1);
});
