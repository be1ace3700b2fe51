import assert from "node:assert/strict";
import { aKeyWorld } from "../../support/key_world.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

Deno.test("key-names prints the names of keys besides their files", async () => {
  const world = aKeyWorld();
  world.machine.files.put(`${AUTH_DIR}/two.json`, '{"token":"u","email":"two@example.com"}');
  world.machine.files.put(`${AUTH_DIR}/too.json`, '{"token":"v","email":"two@example.com"}');
  assert.deepEqual(await world.run("key-names"), { code: 0, out: "bench\nann@example.com\n", err: "" });
});
