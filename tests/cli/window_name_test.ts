import assert from "node:assert/strict";
import { windowName } from "../../src/cli/window_name.ts";

Deno.test("a window is called by its length", () => {
  assert.deepEqual([18_000, 604_800, 2_592_000, 3600].map(windowName), ["5h", "week", "30d", "1h"]);
});
