import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { attemptFields } from "../../support/events.ts";

Deno.test("trace shows a line an attempt", async () => {
  const world = new CliWorld();
  world.runService();
  world.events = [{ id: 1, ts: 1_800_000_000, ...attemptFields({ request_id: "req_a" }) }];
  const { code, out, err } = await world.run("trace");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^\S+ +req_a +#\d+ .*\n$/);
});

Deno.test("trace --json gives the rows as they are, one a line", async () => {
  const world = new CliWorld();
  world.runService();
  world.events = [{ id: 1, status: 200 }, { id: 2, status: null }];
  assert.equal((await world.run("trace --json")).out, '{"id":1,"status":200}\n{"id":2,"status":null}\n');
});

Deno.test("trace without requests says so on stderr", async () => {
  const world = new CliWorld();
  world.runService();
  assert.deepEqual(await world.run("trace"), { code: 0, out: "", err: "no requests yet\n" });
});

Deno.test("trace without a proxy fails and says how to start one", async () => {
  const { code, err } = await new CliWorld().run("trace");
  assert.equal(code, 1);
  assert.match(err, /not running\nhint: start it with "cdx2 proxy"\n$/);
});

Deno.test("trace --follow shows what comes, waits for a proxy that is away, and begins again with a new one", async () => {
  const world = new CliWorld();
  world.runService();
  const first = { id: 7, request_id: "req_old" };
  const portions = [
    [first],
    [first, { id: 8, request_id: "req_8" }],
    "unreachable",
    "unreachable",
    [],
    [{ id: 1, request_id: "req_new" }],
    "unauthorized",
  ] as const;
  world.events = portions[0];
  const following = world.run("trace --follow --json --interval 5");
  await world.machine.clock.advance(0);
  for (const portion of portions.slice(1)) {
    world.events = portion;
    await world.machine.clock.advance(5_000);
  }
  const { code, out, err } = await following;
  const shown = out.trim().split("\n").map((line) => JSON.parse(line).request_id);
  assert.deepEqual(shown, ["req_old", "req_8", "req_new"]);
  assert.equal(err.match(/waiting for it/g)?.length, 1);
  // Nothing but this ends it in a test.
  assert.match(err, /another management key/);
  assert.equal(code, 1);
});
