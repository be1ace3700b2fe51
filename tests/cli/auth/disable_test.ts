import assert from "node:assert/strict";
import { aKeyWorld, keyText } from "../../support/key_world.ts";
import { codexLogin } from "../../support/login.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

Deno.test("auth disable and enable change one member, and undo each other byte for byte", async () => {
  const world = aKeyWorld();
  const off = await world.run("auth disable ann@example.com --json");
  assert.equal(off.err, "disabled work.json; a running proxy stops using it within 2s\n");
  assert.deepEqual(JSON.parse(off.out), {
    file: "work.json",
    email: "ann@example.com",
    changed: true,
    disabled: true,
    priority: 0,
    auth_dir: AUTH_DIR,
  });
  assert.equal(JSON.parse(keyText(world, "work.json")!).disabled, true);
  const again = await world.run("auth disable work");
  assert.deepEqual([again.code, again.err], [0, "work.json is disabled already\n"]);
  assert.match((await world.run("auth list")).out, /^work\.json .* disabled, /m);
  const on = await world.run("auth enable work --json");
  assert.equal(on.err, "enabled work.json; a running proxy uses it within 2s\n");
  assert.equal(JSON.parse(on.out).disabled, false);
  assert.equal(keyText(world, "work.json"), codexLogin());
  assert.equal((await world.run("auth enable work")).err, "work.json is not disabled\n");
});
