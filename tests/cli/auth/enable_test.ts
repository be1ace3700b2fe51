import assert from "node:assert/strict";
import { aKeyWorld, keyText } from "../../support/key_world.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

for (const value of ["true", '"yes"', "1"]) {
  Deno.test(`auth enable removes "disabled": ${value}`, async () => {
    const world = aKeyWorld();
    world.machine.files.put(`${AUTH_DIR}/lab.json`, `{"token":"t","disabled":${value}}`);
    const { out } = await world.run("auth enable lab --json");
    assert.equal(JSON.parse(out).disabled, false);
    assert.equal(keyText(world, "lab.json"), '{"token":"t"}');
  });
}
