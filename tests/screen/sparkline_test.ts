import assert from "node:assert/strict";
import { bar, sparkline } from "../../src/screen/sparkline.ts";

Deno.test("a sparkline shows each value by its share of the largest", () => {
  assert.equal(sparkline([0, 1, 4, 8]), " ▂▅█");
  assert.equal(sparkline([0, 0]), "  ");
  assert.equal(sparkline([]), "");
});

Deno.test("a bar is as long as its share, and never invisible for something", () => {
  assert.deepEqual([0, 0.0001, 0.5, 1, 2].map((share) => bar(share, 4)), ["", "▏", "██", "████", "████"]);
});
