import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { firstConnection } from "../../src/system/any_address.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Addresses that accept or refuse when a test says so. */
function aRace(count: number) {
  const clock = new FakeClock();
  const leaving = new AbortController();
  const begun: string[] = [];
  const closed: string[] = [];
  const lost: string[] = [];
  const waiting = new Map<string, PromiseWithResolvers<{ name: string; close(): void }>>();
  const aTry = (name: string) => (isLost: AbortSignal) => {
    begun.push(name);
    isLost.addEventListener("abort", () => lost.push(name));
    const result = Promise.withResolvers<{ name: string; close(): void }>();
    waiting.set(name, result);
    return result.promise;
  };
  let asked = 0;
  const others = () => {
    asked++;
    return Promise.resolve(["b", "c"].slice(0, count - 1).map(aTry));
  };
  const racing = firstConnection({ first: aTry("a"), others }, { clock, signal: leaving.signal });
  const result = racing.then(({ name }) => name, (error) => String(error.message ?? error));
  return {
    clock,
    begun,
    closed,
    lost,
    leaving,
    result,
    asked: () => asked,
    async accept(name: string) {
      waiting.get(name)!.resolve({ name, close: () => closed.push(name) });
      await turn();
    },
    async refuse(name: string) {
      waiting.get(name)!.reject(new Error(`${name} refuses`));
      await turn();
    },
  };
}

Deno.test("firstConnection() looks for nothing else when the first try succeeds in time", async () => {
  const race = aRace(3);
  await race.clock.advance(249);
  await race.accept("a");
  assert.deepEqual([await race.result, race.begun, race.asked()], ["a", ["a"], 0]);
  assert.equal(race.clock.pendingTimers, 0);
});

Deno.test("firstConnection() begins the next try at once after a failure", async () => {
  const race = aRace(3);
  await race.refuse("a");
  await race.refuse("b");
  await race.accept("c");
  assert.deepEqual([await race.result, race.begun], ["c", ["a", "b", "c"]]);
});

Deno.test("firstConnection() begins the next try after 250 ms, and goes on with those before", async () => {
  const race = aRace(3);
  await race.clock.advance(250);
  assert.deepEqual(race.begun, ["a", "b"]);
  await race.clock.advance(250);
  assert.deepEqual(race.begun, ["a", "b", "c"]);
  await race.accept("a");
  assert.equal(await race.result, "a");
  assert.deepEqual(race.lost, ["a", "b", "c"]);
  await race.accept("c");
  await race.refuse("b");
  assert.deepEqual(race.closed, ["c"]);
});

Deno.test("firstConnection() fails as its first try does, once all have failed", async () => {
  const race = aRace(2);
  await race.clock.advance(250);
  await race.refuse("b");
  let isOver = false;
  void race.result.then(() => isOver = true);
  await race.clock.advance(10_000);
  assert.equal(isOver, false);
  await race.refuse("a");
  assert.equal(await race.result, "a refuses");
  const alone = aRace(1);
  await alone.refuse("a");
  assert.equal(await alone.result, "a refuses");
});

Deno.test("firstConnection() ends with its signal, and closes what comes after that", async () => {
  const race = aRace(2);
  await race.clock.advance(250);
  race.leaving.abort(new Error("left"));
  assert.equal(await race.result, "left");
  assert.deepEqual(race.lost, ["a", "b"]);
  await race.accept("b");
  assert.deepEqual(race.closed, ["b"]);
});
