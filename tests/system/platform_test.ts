import assert from "node:assert/strict";
import { systemPlatform } from "../../src/system/platform.ts";

Deno.test("systemPlatform() starts this program again with an absolute path", () => {
  const { system, self } = systemPlatform();
  assert.ok(["linux", "darwin", "windows"].includes(system));
  assert.equal(self[0], Deno.execPath());
});
