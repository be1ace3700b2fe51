import assert from "node:assert/strict";
import { machineName, systemPlatform } from "../../src/system/platform.ts";

Deno.test("systemPlatform() starts this program again with an absolute path", () => {
  const { system, self } = systemPlatform();
  assert.ok(["linux", "darwin", "windows"].includes(system));
  assert.equal(self[0], Deno.execPath());
  // Else each first request after a pause takes twice the time.
  assert.ok(self.includes("--v8-flags=--no-memory-reducer"));
});

Deno.test("machineName() is a name that a member of a shared pool may have", () => {
  assert.match(machineName(), /^[\w.-]{1,64}$/);
});
