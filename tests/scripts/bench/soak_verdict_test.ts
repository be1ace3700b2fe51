import assert from "node:assert/strict";
import { complaints, type Sample } from "../../../scripts/bench/soak_verdict.ts";

const REST: Sample = { descriptors: 30, memoryMb: 80, delayMs: undefined };

function samplesOf(...memoryMb: readonly number[]): readonly Sample[] {
  return memoryMb.map((mb) => ({ descriptors: 300, memoryMb: mb, delayMs: 1 }));
}

const GOOD = {
  atStart: REST,
  samples: samplesOf(90, 140, 160, 162, 158, 165),
  atRest: REST,
  errors: [],
  aroundShort: undefined,
};

Deno.test("complaints() has none about a load that warms up and then stays", () => {
  assert.deepEqual(complaints(GOOD), []);
  assert.deepEqual(complaints({ ...GOOD, samples: [] }), []);
});

Deno.test("complaints() names errors, descriptors that are left over, and memory that grows", () => {
  const samples = samplesOf(90, 140, 160, 170, 200, 240);
  const atRest = { ...REST, descriptors: 40 };
  assert.deepEqual(complaints({ ...GOOD, samples, atRest, errors: ["turn8: no answer", "json16: 502"] }), [
    "2 errors, the first: turn8: no answer",
    "10 descriptors are left over",
    "memory grows: 170 MB in the second third of the time, 240 MB in the last",
  ]);
});

Deno.test("complaints() names what short requests leave behind", () => {
  const after = { ...REST, descriptors: 36, memoryMb: 100 };
  assert.deepEqual(complaints({ ...GOOD, aroundShort: [REST, { ...REST, memoryMb: 85 }] }), []);
  assert.deepEqual(complaints({ ...GOOD, aroundShort: [REST, after] }), [
    "6 descriptors are left over after the short requests",
    "short requests take memory: 80 MB before, 100 MB after",
  ]);
});
