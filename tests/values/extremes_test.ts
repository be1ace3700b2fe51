import assert from "node:assert/strict";
import fc from "fast-check";
import { highest, lowest } from "../../src/values/extremes.ts";

Deno.test("highest() and lowest() are Math.max() and Math.min() of a list", () => {
  fc.assert(fc.property(fc.array(fc.double()), (values) => {
    assert.deepEqual([highest(values), lowest(values)], [Math.max(...values), Math.min(...values)]);
  }));
});

Deno.test("highest() and lowest() take lists of any length", () => {
  const values = Array.from({ length: 500_000 }, (_, at) => at);
  assert.deepEqual([highest(values), lowest(values)], [499_999, 0]);
});
