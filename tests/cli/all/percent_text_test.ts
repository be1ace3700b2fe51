import assert from "node:assert/strict";
import { percentText } from "../../../src/cli/all/percent_text.ts";

Deno.test("percentText() rounds, and never says that nothing is left of a little", () => {
  assert.deepEqual([null, 0, 0.4, 1.4, 59.6, 100].map(percentText), [
    "unknown",
    "0%",
    "<1%",
    "1%",
    "60%",
    "100%",
  ]);
});
