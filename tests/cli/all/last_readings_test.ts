import assert from "node:assert/strict";
import { lastReadings } from "../../../src/cli/all/last_readings.ts";
import { runtimePaths } from "../../../src/config/paths.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

Deno.test("lastReadings() has none without a history, or with one that cannot be read", async () => {
  const world = new CliWorld();
  assert.deepEqual(await lastReadings(world.world(), AUTH_DIR), []);
  world.machine.files.put(runtimePaths(AUTH_DIR).usageFile, "damaged");
  assert.deepEqual(await lastReadings(world.world(), AUTH_DIR), []);
});
