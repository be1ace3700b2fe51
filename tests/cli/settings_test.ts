import assert from "node:assert/strict";
import { CliWorld } from "../support/cli_world.ts";
import { AUTH_DIR } from "../support/service_world.ts";

Deno.test("resolvedSettings() takes settings from the env file", async () => {
  const world = new CliWorld();
  world.machine.files.put(`${AUTH_DIR}/.env`, "CLIPROXY_PORT=9000\n");
  const { settings } = JSON.parse((await world.run("status --json")).out);
  assert.deepEqual(settings.port, { value: 9000, source: "env_file" });
});

Deno.test("resolvedSettings() refuses an env file that cannot be read", async () => {
  const world = new CliWorld();
  world.machine.files.failAt(`${AUTH_DIR}/.env`, "denied");
  const { code, err } = await world.run("status");
  assert.equal(code, 2);
  assert.match(err, /^Cannot read the env file \/keys\/.env: permission denied\nhint: /);
});

Deno.test("resolvedSettings() says of an auth dir of another user that it is that which cannot be used", async () => {
  const world = new CliWorld();
  world.machine.files.put(`${AUTH_DIR}/.env`, "CLIPROXY_PORT=9000\n");
  world.machine.files.failAt(AUTH_DIR, "denied");
  const { code, err } = await world.run("auth list");
  assert.equal(code, 2);
  assert.match(
    err,
    /^Cannot use the auth dir \/keys: permission denied\nhint: pass a folder of your own with --auth-dir/,
  );
});
