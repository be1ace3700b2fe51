import assert from "node:assert/strict";
import { aKeyWorld } from "../../support/key_world.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

Deno.test("key-names prints the names of keys besides their files", async () => {
  const world = aKeyWorld();
  world.machine.files.put(`${AUTH_DIR}/two.json`, '{"token":"u","email":"two@example.com"}');
  world.machine.files.put(`${AUTH_DIR}/too.json`, '{"token":"v","email":"two@example.com"}');
  assert.deepEqual(await world.run("key-names"), { code: 0, out: "bench\nann@example.com\n", err: "" });
});

Deno.test("key-names does not wait for a keyring that does not answer", async () => {
  const world = aKeyWorld();
  await world.run("auth migrate --to keyring");
  Object.assign(world.keyring, { read: () => new Promise(() => {}) });
  const run = world.run("key-names");
  await world.machine.clock.advance(1500);
  assert.deepEqual(await run, { code: 0, out: "", err: "" });
});
