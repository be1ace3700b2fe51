import assert from "node:assert/strict";
import fc from "fast-check";
import { SECOND } from "../support/builders.ts";
import { ACCOUNT, LoginWorld, threeMachines } from "../support/login_world.ts";

const MINUTE = 60 * SECOND;

Deno.test("the first to hold a login becomes its home within about a minute, and the others know", async () => {
  const world = new LoginWorld();
  const [one, two] = [world.machine("one"), world.machine("two")];
  one.start();
  await world.pass(30 * SECOND);
  assert.equal(one.home, "nowhere", "somebody who is there may know better");
  await world.pass(MINUTE);
  assert.equal(one.home, "here");
  two.start();
  await world.pass();
  assert.equal(two.home, "one");
});

Deno.test("a renewal at home is everybody's token, and nobody else sends the refresh token", async () => {
  const { world, one, machines } = await threeMachines();
  for (let count = 0; count < 5; count++) {
    machines.forEach((machine) => machine.renew());
    await world.pass();
    for (const { token } of machines) assert.ok(token.equals(world.login.current.access));
  }
  assert.deepEqual([world.login.renewals, world.login.reuses], [5, 0]);
  assert.ok(!one.token.equals(machines[1]!.disk.file!.access), "the files of the others stay as they are");
});

Deno.test("only names and sealed records are in the engine", async () => {
  const names = ["the-first", "the-second", "the-third"];
  const { world, one } = await threeMachines(names);
  one.renew();
  await world.pass();
  const wire = JSON.stringify([...world.engine.records]);
  const token = one.token.reveal();
  for (const hidden of [token, token.split(".")[1]!, ACCOUNT, "authsess", ...names]) {
    assert.ok(!wire.includes(hidden), hidden);
  }
});

Deno.test("neither a job of a CI system nor a file without a refresh token becomes a home", async () => {
  const world = new LoginWorld();
  const ci = world.machine("ci", { mayBeHome: false });
  const accessOnly = world.machine("job", { hasRefreshToken: false });
  ci.start();
  accessOnly.start();
  await world.pass(60 * MINUTE);
  assert.deepEqual([ci.home, accessOnly.home], ["nowhere", "nowhere"]);
  assert.equal((await ci.move()).kind, "not_permitted");
  assert.equal((await accessOnly.move()).kind, "no_copy");
  const home = world.machine("home");
  home.start();
  await world.pass(2 * MINUTE);
  home.renew();
  await world.pass();
  for (const { token } of [ci, accessOnly]) assert.ok(token.equals(world.login.current.access));
});

Deno.test("a claim does not end while its home is off, nor with the engine's data", async () => {
  const { world, one, two, three } = await threeMachines();
  one.stop();
  await world.pass(180 * MINUTE);
  assert.deepEqual([two.home, three.home], ["one", "one"]);
  two.stop();
  three.stop();
  world.engine.records.clear();
  two.start();
  await world.pass(2 * MINUTE);
  assert.equal(two.home, "one");
  one.start();
  await world.pass();
  one.renew();
  await world.pass();
  assert.ok(two.token.equals(world.login.current.access));
});

Deno.test("without the engine the home renews as ever, and tells it later", async () => {
  const { world, one, two } = await threeMachines();
  world.engine.goDown("connection refused");
  one.renew();
  await world.pass(MINUTE);
  assert.ok(!two.token.equals(world.login.current.access));
  world.engine.comeBack();
  await world.pass();
  assert.ok(two.token.equals(world.login.current.access));
});

Deno.test("a refused token is renewed by its home, once it is still the one that is refused", async () => {
  const { world, one, two } = await threeMachines();
  assert.equal(two.logins!.ask({ ...two.records[0]!, token: two.token }), true);
  await world.pass();
  assert.ok(one.asked > 0);
  one.renew();
  await world.pass();
  const before = one.asked;
  await world.pass(5 * MINUTE);
  assert.equal(one.asked, before);
  assert.equal(one.logins!.ask(one.records[0]!), false, "the home asks its own main thread");
});

Deno.test("a home whose copy is the older one gives its login up, and the member with the newer one takes it", async () => {
  const { world, one, two } = await threeMachines();
  two.disk.file = world.login.renew(two.disk.file!.refresh);
  two.look();
  await world.pass();
  assert.equal(one.home, "nowhere");
  await world.pass(2 * MINUTE);
  assert.deepEqual([one.home, two.home], ["two", "here"]);
});

Deno.test("a home whose key is removed gives its login up", async () => {
  const { world, one, two } = await threeMachines();
  one.disk.file = undefined;
  one.look();
  await world.pass(2 * MINUTE);
  assert.ok(["here", "three"].includes(two.home), two.home);
});

Deno.test("whatever happens between the machines, a refresh token is used once", async () => {
  const who = fc.nat({ max: 2 });
  const what = fc.constantFrom(
    ..."start stop renew renew look pass pass down up mute feed move cut".split(" "),
  );
  const story = fc.array(fc.tuple(what, who, fc.constantFrom(10, 1000, 31_000, 61_000)), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const { world, machines } = await threeMachines();
      for (const [act, index, ms] of steps) {
        const machine = machines[index]!;
        if (act === "start") machine.start();
        else if (act === "stop") machine.stop();
        else if (act === "look") machine.look();
        else if (act === "down") world.engine.goDown("no answer within 1 s");
        else if (act === "up") world.engine.comeBack();
        else if (act === "mute") world.engine.hasFeed = false;
        else if (act === "feed") world.engine.hasFeed = true;
        else if (act === "cut") {
          world.engine.goDown("it closed the connection");
          world.engine.comeBack();
        } else if (act === "move" && machine.isOn) void machine.move();
        else if (act === "pass") await world.pass(ms);
        machines.forEach((one) => one.renew());
        assert.equal(world.login.reuses, 0, `${act} ${machine.name}`);
        assert.ok(machines.filter(({ home }) => home === "here").length <= 1, "two homes");
      }
      machines.forEach((one) => one.start());
      world.engine.comeBack();
      world.engine.hasFeed = true;
      await world.pass(3 * MINUTE);
      machines.forEach((one) => one.renew());
      await world.pass();
      assert.equal(world.login.reuses, 0);
      assert.equal(machines.filter(({ home }) => home === "here").length, 1);
      for (const { token } of machines) assert.ok(token.equals(world.login.current.access));
    }),
    { numRuns: 200 },
  );
});
