import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";

Deno.test("usage without a history says that there is none yet", async () => {
  const { code, out, err } = await new CliWorld().run("usage");
  assert.equal(code, 0);
  assert.match(out, /^Usage from \S+ to \S+: none\n/);
  assert.match(err, /^there is no usage history yet/);
});

Deno.test("usage --json is one value, also without a history", async () => {
  const { code, out, err } = await new CliWorld().run("usage --json --by day");
  assert.deepEqual([code, err, JSON.parse(out).by, JSON.parse(out).is_recording], [0, "", "day", false]);
});

Deno.test("usage --html writes a page, or prints it", async () => {
  const world = new CliWorld();
  const { code, out, err } = await world.run("usage --html usage.html");
  assert.deepEqual([code, out, err], [0, "", "wrote usage.html\n"]);
  assert.match(world.machine.files.text("/usage.html") ?? "", /^<!doctype html>/);
  assert.match((await world.run("usage --html -")).out, /^<!doctype html>/);
});

for (
  const line of [
    "usage --days 0",
    "usage --days 91",
    "usage --by account",
    "usage --json --html a",
    "usage more",
  ]
) {
  Deno.test(`cdx2 ${line} is wrong usage`, async () => {
    assert.equal((await new CliWorld().run(line)).code, 2);
  });
}
