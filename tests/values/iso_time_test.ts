import assert from "node:assert/strict";
import fc from "fast-check";
import { isoOf, msOf } from "../../src/values/iso_time.ts";

Deno.test("isoOf() and msOf() undo each other, and have no moment for none", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (timeMs) => assert.equal(msOf(isoOf(timeMs)), timeMs)),
  );
  assert.deepEqual([isoOf(undefined), msOf(null)], [null, undefined]);
  assert.equal(isoOf(0), "1970-01-01T00:00:00.000Z");
});
