import assert from "node:assert/strict";
import { CASES, isComparable } from "../../../scripts/bench/cases.ts";

Deno.test("isComparable() leaves out the cases with few events", () => {
  const left = CASES.filter((one) => !isComparable(one)).map(({ name }) => name);
  assert.deepEqual(left, ["events1", "events10"]);
});
