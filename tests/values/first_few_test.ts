import assert from "node:assert/strict";
import { firstFew } from "../../src/values/first_few.ts";

Deno.test("firstFew() names as many as it may, and says how many more there are", () => {
  assert.equal(firstFew([], 2), "");
  assert.equal(firstFew(["a", "b"], 2), "a, b");
  assert.equal(firstFew(["a", "b", "c"], 2), "a, b and 1 more");
  assert.equal(firstFew([1, 2, 3, 4], 1, (number) => `#${number}`), "#1 and 3 more");
});
