import assert from "node:assert/strict";
import { CONTENDERS, simulatedDay } from "../../scripts/simulate_affinity.ts";
import { summed } from "../../scripts/affinity/figures.ts";

function contender(name: string) {
  return CONTENDERS.find((contender) => contender.name === name)!;
}

function figuresOfDays(name: string) {
  return summed([1, 2, 3].map((seed) => simulatedDay(contender(name), seed)));
}

Deno.test("the simulation gives the same figures for the same seed, and others for another", () => {
  const day = (seed: number) => simulatedDay(contender("cdx2"), seed);
  assert.deepEqual(day(1), day(1));
  assert.notDeepEqual(day(1), day(2));
});

Deno.test("a session changes its key at most once per used-up window, and never while it serves", () => {
  const { changes, exhausted, mostPerWindow, warm, further } = figuresOfDays("cdx2");
  assert.ok(exhausted > 5, `${exhausted} windows were used up`);
  assert.deepEqual([mostPerWindow, changes.needless], [1, 0]);
  assert.ok(warm / further > 0.98, `${warm} of ${further} turns are on a warm key`);
});

Deno.test("round robin by request leaves most sessions without their cache", () => {
  const { warm, further } = figuresOfDays("round robin by request");
  assert.ok(warm / further < 0.3, `${warm} of ${further} turns are on a warm key`);
});

Deno.test("a reserve leaves keys before they refuse", () => {
  const [plain, reserved] = [figuresOfDays("cdx2"), figuresOfDays("cdx2, 2 % in reserve")];
  assert.ok(plain.quota429s > 0);
  assert.equal(reserved.quota429s, 0);
});
