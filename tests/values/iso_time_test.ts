import assert from "node:assert/strict";
import fc from "fast-check";
import { isMomentMs, isoOf, LAST_MOMENT_MS, msOf } from "../../src/values/iso_time.ts";

Deno.test("isoOf() and msOf() undo each other, and have no moment for none", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (timeMs) => assert.equal(msOf(isoOf(timeMs)), timeMs)),
  );
  assert.deepEqual([isoOf(undefined), msOf(null)], [null, undefined]);
  assert.equal(isoOf(0), "1970-01-01T00:00:00.000Z");
});

Deno.test("isMomentMs() is a time of which a date can be made, also when a clock is set by years", () => {
  const values = [0, 1.5, LAST_MOMENT_MS, -1, LAST_MOMENT_MS + 1, 1e300, NaN, Infinity, "0", null, {}];
  assert.deepEqual(values.map(isMomentMs), values.map((_, at) => at < 3));
  assert.equal(isoOf(LAST_MOMENT_MS), "9999-12-31T23:59:59.999Z");
});
