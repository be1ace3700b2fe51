import assert from "node:assert/strict";
import { clientNameOf } from "../../../src/proxy/clients.ts";
import { readClientKeys } from "../../../src/config/client_keys.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

const FILE = `${AUTH_DIR}/rr_proxy_v2.clients.json`;

function keysIn(world: CliWorld) {
  const reading = readClientKeys(world.machine.files.text(FILE) ?? "");
  return reading.kind === "keys" ? reading.keys : [];
}

Deno.test("clients add prints a key once and keeps its hash", async () => {
  const world = new CliWorld();
  const { code, out, err } = await world.run("clients add ci");
  const key = out.trim();
  assert.equal(code, 0);
  assert.match(key, /^cdx2-[\w-]{43}$/);
  assert.match(err, /^made a key for ci; it is shown this once/);
  assert.equal(clientNameOf(new Headers({ "x-api-key": key }), keysIn(world)), "ci");
  assert.ok(!world.machine.files.text(FILE)!.includes(key));
});

Deno.test("clients list names the clients, and clients remove takes a key back", async () => {
  const world = new CliWorld();
  await world.run("clients add ci");
  await world.run("clients add laptop");
  assert.match((await world.run("clients list")).out, /^NAME +MADE\nci +.* ago\nlaptop +.* ago\n$/);
  assert.match((await world.run("clients remove CI")).err, /^removed CI; a running proxy refuses/);
  assert.deepEqual(keysIn(world).map(({ name }) => name), ["laptop"]);
});

/** `[command line, exit code, what it says]` */
const REFUSED: readonly [string, number, RegExp][] = [
  ["clients add ci", 1, /There is a client ci already/],
  ["clients add CI", 1, /There is a client CI already/],
  ["clients add a/b", 2, /Allowed are letters, digits/],
  ["clients remove lab", 1, /There is no client lab\nhint: known are ci/],
];
for (const [line, exitCode, says] of REFUSED) {
  Deno.test(`${line} is refused`, async () => {
    const world = new CliWorld();
    await world.run("clients add ci");
    const { code, out, err } = await world.run(line);
    assert.deepEqual([code, out], [exitCode, ""]);
    assert.match(err, says);
  });
}

Deno.test("clients remove writes nothing where there are no clients", async () => {
  const world = new CliWorld();
  assert.match((await world.run("clients remove lab")).err, /^There is no client lab\n/);
  assert.equal(world.machine.files.text(`${FILE}.lock`), undefined);
});

Deno.test("clients list says what to type when there are none", async () => {
  assert.match((await new CliWorld().run("clients list")).err, /cdx2 clients add NAME/);
});
