import assert from "node:assert/strict";
import { keyLabel } from "../../src/observability/key_label.ts";

Deno.test("keyLabel() distinguishes files whose names it may not show", () => {
  assert.equal(keyLabel("work.json"), "work.json");
  assert.match(keyLabel("ann@example.com.json"), /^[0-9a-f]{12}\.json$/);
  assert.notEqual(keyLabel("ann@example.com.json"), keyLabel("bob@example.com.json"));
});
