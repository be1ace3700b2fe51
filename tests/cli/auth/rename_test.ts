import assert from "node:assert/strict";
import { aKeyWorld, keyText } from "../../support/key_world.ts";
import { codexLogin } from "../../support/login.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

Deno.test("auth rename gives the file another name, and nothing else", async () => {
  const world = aKeyWorld();
  const { code, out, err } = await world.run("auth rename ann@example.com office --json");
  assert.deepEqual([code, err], [
    0,
    "renamed work.json to office.json; a running proxy knows the new name within 2s\n",
  ]);
  assert.deepEqual(JSON.parse(out), {
    file: "office.json",
    email: "ann@example.com",
    renamed_from: "work.json",
    auth_dir: AUTH_DIR,
  });
  assert.equal(keyText(world, "office.json"), codexLogin());
  const taken = await world.run("auth rename office lab");
  assert.deepEqual([taken.code, taken.err], [
    1,
    "Cannot rename office.json: there is a lab.json already\nhint: choose another name\n",
  ]);
  assert.equal((await world.run("auth rename office ../x")).code, 2);
});
