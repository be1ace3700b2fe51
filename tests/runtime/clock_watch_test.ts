import assert from "node:assert/strict";
import { clockSetEvent, watchClocks } from "../../src/runtime/clock_watch.ts";
import type { ClockMove } from "../../src/system/clock.ts";
import { FakeClock } from "../support/fake_clock.ts";

const HOUR = 3_600_000;

async function movesWhile(happens: (clock: FakeClock) => void | Promise<void>): Promise<ClockMove[]> {
  const clock = new FakeClock();
  const stop = new AbortController();
  const moves: ClockMove[] = [];
  const watching = watchClocks(
    { clock, readClocks: () => clock.readClocks(), onMove: (move) => moves.push(move) },
    stop.signal,
  );
  await clock.advance(5_000);
  await happens(clock);
  await clock.advance(1_000);
  stop.abort();
  await clock.advance(1_000);
  await watching;
  return moves;
}

Deno.test("watchClocks() tells of a clock that was set, once and within a second", async () => {
  assert.deepEqual(await movesWhile((clock) => void (clock.wallAheadMs -= HOUR)), [{
    sleptMs: 0,
    setMs: -HOUR,
  }]);
});

Deno.test("watchClocks() tells of a sleep", async () => {
  assert.deepEqual(await movesWhile((clock) => clock.suspend(8 * HOUR)), [{ sleptMs: 8 * HOUR, setMs: 0 }]);
});

Deno.test("watchClocks() adds up small steps until they matter", async () => {
  const moves = await movesWhile(async (clock) => {
    for (let step = 0; step < 3; step++) {
      clock.wallAheadMs += 900;
      await clock.advance(1_000);
    }
  });
  assert.deepEqual(moves, [{ sleptMs: 0, setMs: 2_700 }]);
});

Deno.test("watchClocks() says nothing while the clocks agree", async () => {
  assert.deepEqual(await movesWhile((clock) => clock.advance(60_000)), []);
});

Deno.test("clockSetEvent() says which way, and by how much", () => {
  assert.match(clockSetEvent(-HOUR, 0).message, /set back by 1h/);
  assert.match(clockSetEvent(2 * HOUR, 0).message, /set ahead by 2h/);
});
