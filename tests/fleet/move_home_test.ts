import assert from "node:assert/strict";
import { LoginWorld, threeMachines } from "../support/login_world.ts";

const MINUTE = 60_000;

Deno.test("a home is moved by hand: it hands over first, and an old copy gets nothing", async () => {
  const { world, one, two, three } = await threeMachines();
  assert.equal((await one.move()).kind, "is_home");
  const moving = two.move();
  await world.pass();
  assert.deepEqual(await moving, { kind: "moved" });
  assert.deepEqual([one.home, two.home, three.home], ["two", "here", "two"]);
  two.renew();
  await world.pass();
  assert.deepEqual(await three.move(), { kind: "old_copy", home: "two" });
  assert.deepEqual(await three.move(true), { kind: "old_copy", home: "two" }, "not even by force");
  assert.equal(world.login.reuses, 0);
});

Deno.test("a home that is off is passed over by force only, and finds out", async () => {
  const { world, one, two } = await threeMachines();
  one.stop();
  await world.pass(2 * MINUTE);
  assert.deepEqual(await two.move(), { kind: "away", home: "one" });
  const moving = two.move(true);
  await world.pass();
  assert.deepEqual(await moving, { kind: "moved" });
  one.start();
  await world.pass();
  assert.deepEqual([one.home, two.home], ["two", "here"]);
});

Deno.test("without the engine nothing is moved, and a home that does not answer stays the home", async () => {
  const { world, one, two } = await threeMachines();
  world.engine.hasFeed = false;
  const moving = two.move();
  await world.pass(21_000);
  assert.deepEqual(await moving, { kind: "no_answer", home: "one" });
  assert.equal(one.home, "here");
  world.engine.goDown("connection refused");
  assert.deepEqual(await two.move(), { kind: "unreachable" });
});

Deno.test("a login that nobody has claimed is claimed at once by hand", async () => {
  const world = new LoginWorld();
  const one = world.machine("one");
  one.start();
  await world.pass();
  const moving = one.move();
  await world.pass();
  assert.deepEqual([await moving, one.home], [{ kind: "moved" }, "here"]);
});
