import assert from "node:assert/strict";
import { listed } from "../../../src/cli/doctor/finding.ts";

Deno.test("listed() names three, and says how many more there are", () => {
  assert.equal(listed(["a", "b", "c"]), "a, b, c");
  assert.equal(listed(["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
});
