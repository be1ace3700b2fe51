import assert from "node:assert/strict";
import {
  type Figures,
  figuresOf,
  isSettled,
  type Measured,
  percentiles,
  regressions,
} from "../../../scripts/bench/figures.ts";

function measured(over: Partial<Measured>): Measured {
  return {
    requestsPerSecond: 100,
    p50Ms: 1,
    p99Ms: 2,
    cpuUs: 10,
    delayP50Ms: undefined,
    delayP99Ms: undefined,
    memoryMb: undefined,
    ...over,
  };
}

// The machine is three times slower in the second round.
const ROUNDS = [
  {
    direct: measured({ cpuUs: undefined, p50Ms: 1 }),
    nginx: measured({ cpuUs: 10 }),
    source: measured({ cpuUs: 40, p50Ms: 3 }),
  },
  {
    direct: measured({ cpuUs: undefined, p50Ms: 3 }),
    nginx: measured({ cpuUs: 30 }),
    source: measured({ cpuUs: 120, p50Ms: 9 }),
  },
  {
    direct: measured({ cpuUs: undefined, p50Ms: 1 }),
    nginx: measured({ cpuUs: 10 }),
    source: measured({ cpuUs: 50, p50Ms: 4 }),
  },
];

Deno.test("figuresOf() takes ratios within each round, so that a slow round changes none", () => {
  const { source, nginx, direct } = figuresOf(ROUNDS);
  assert.deepEqual(source!.against, { nginx: { requestsPerSecond: 1, cpu: 4 } });
  assert.deepEqual([source!.cpuUs, source!.addedP50Ms, source!.delayP50Ms], [50, 3, undefined]);
  assert.deepEqual([nginx!.against, direct!.against, direct!.cpuUs], [{}, {}, undefined]);
});

const BLOCKS: readonly (readonly [blocksUs: readonly number[], isSettled: boolean])[] = [
  [[], false],
  [[50], false],
  [[50, 50, 50], false],
  [[50, 50, 50, 50], true],
  [[90, 50, 51, 49], false],
  [[90, 50, 51, 49, 50], true],
  [[90, 50, 51, 49, 40], false],
  [[40, 60, 70, 65], true],
];

for (const [blocksUs, expected] of BLOCKS) {
  Deno.test(`isSettled() of ${blocksUs.join(", ") || "nothing"} is ${expected}`, () => {
    assert.equal(isSettled(blocksUs), expected);
  });
}

Deno.test("percentiles() sorts what it gets", () => {
  assert.deepEqual(percentiles(Array.from({ length: 101 }, (_, at) => 100 - at)), [50, 99]);
  assert.deepEqual(percentiles([]), [NaN, NaN]);
});

function withCpu(cpu: number | undefined): Record<string, Record<string, Figures>> {
  const figures = figuresOf(ROUNDS)["source"]!;
  return { turn1: { source: { ...figures, against: { nginx: { requestsPerSecond: 1, cpu } } } } };
}

Deno.test("regressions() names what takes clearly more CPU time beside the same proxy", () => {
  assert.deepEqual(regressions(withCpu(6), withCpu(4)), [
    "turn1: source takes 6.00 times the CPU of nginx, and took 4.00",
  ]);
  for (const [now, before] of [[4.9, 4], [2, 4], [undefined, 4], [4, undefined]]) {
    assert.deepEqual(regressions(withCpu(now), withCpu(before)), []);
  }
  assert.deepEqual(regressions(withCpu(6), {}), []);
});
