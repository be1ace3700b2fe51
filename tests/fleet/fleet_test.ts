import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import { aRecord, aVerdict, OK, REJECTED, SECOND } from "../support/builders.ts";
import { aFleet, KEYS } from "../support/fleet_world.ts";

Deno.test("what one member finds out, the others know, with the finder's name", async () => {
  const { join, pass } = aFleet();
  const [one, two] = [join("one"), join("two")];
  await pass();
  one.judge("a", REJECTED);
  assert.equal(two.stateOf("a"), "ok", "nobody waits for it");
  await pass();
  assert.equal(two.stateOf("a"), "blacklist");
  assert.equal(two.fleet.finderOf(aRecord("a")), "one");
  assert.deepEqual(two.report("a").health, one.report("a").health);
  assert.deepEqual(two.fleet.figures.members.map(({ name, keys }) => [name, keys]), [["one", 3], ["two", 3]]);
});

Deno.test("a newcomer, and a key that comes later, get what is known", async () => {
  const { join, pass } = aFleet();
  const one = join("one");
  await pass();
  one.judge("a", REJECTED);
  await pass();
  const two = join("two", { keys: [] });
  await pass();
  two.pool.merge([aRecord("a")], two.clock.nowMs());
  assert.equal(two.stateOf("a"), "blacklist");
});

Deno.test("strikes of two members at the same time are both counted", async () => {
  const { engine, clock, join, pass } = aFleet();
  const untilMs = clock.nowMs() + 3600 * SECOND;
  const limited: Outcome = { kind: "rate_limited", code: "x", scope: "model", untilMs, isMoment: false };
  const [one, two] = [join("one"), join("two")];
  await pass();
  engine.hasFeed = false;
  for (const [member, model] of [[one, "m1"], [two, "m2"]] as const) {
    const nowMs = member.clock.nowMs();
    member.pool.apply({ record: aRecord("a"), startedMs: nowMs }, { ...aVerdict(limited, nowMs), model });
  }
  await pass(31 * SECOND);
  for (const { report } of [one, two]) {
    assert.deepEqual(report("a").health.modelLimits.map(({ model }) => model).sort(), ["m1", "m2"]);
  }
  assert.equal(one.fleet.figures.conflicts + two.fleet.figures.conflicts, 1);
});

Deno.test("a member whose clock is ten minutes off has the same time left", async () => {
  const { join, pass } = aFleet();
  const [one, two] = [join("one", { offMs: 600 * SECOND }), join("two")];
  await pass();
  one.judge("a", REJECTED);
  await pass();
  const left = (member: typeof one) => {
    const { state } = member.report("a").health;
    return "untilMs" in state ? state.untilMs - member.clock.nowMs() : 0;
  };
  assert.ok(left(one) > 0);
  assert.equal(left(two), left(one));
});

Deno.test("an upstream that refuses the keys of three members alike ejects none of them", async () => {
  const { join, pass } = aFleet();
  const members = ["one", "two", "three"].map((name) => join(name));
  await pass();
  for (const [index, key] of KEYS.entries()) {
    members[index]!.judge(key, OK);
    await pass();
  }
  for (const [index, key] of KEYS.entries()) {
    members[index]!.judge(key, { kind: "auth_rejected", code: "http_401" });
    await pass();
  }
  for (const { stateOf } of members) assert.deepEqual(KEYS.map(stateOf), ["ok", "ok", "ok"]);
});

Deno.test("without the engine a member acts alone, says so once, and tells the rest when it is back", async () => {
  const { engine, join, pass } = aFleet();
  const [one, two] = [join("one"), join("two")];
  await pass();
  engine.goDown("connection refused");
  engine.goDown("no answer within 1s");
  one.judge("a", REJECTED);
  await pass();
  assert.deepEqual([one.stateOf("a"), two.stateOf("a")], ["blacklist", "ok"]);
  const { state, pending } = one.fleet.figures;
  assert.ok(state.kind === "degraded" && state.reason === "no answer within 1s" && pending > 0);
  engine.records.clear();
  engine.comeBack();
  await pass();
  assert.deepEqual([two.stateOf("a"), one.fleet.figures.state.kind], ["blacklist", "up"]);
  assert.deepEqual(one.events.map(({ event }) => event), ["shared.up", "shared.down", "shared.up"]);
  assert.equal(one.fleet.figures.pending, 0);
});

Deno.test("what the feed loses is read within half a minute, and what the engine lost is put back", async () => {
  const { engine, join, pass } = aFleet();
  const [one, two] = [join("one"), join("two")];
  await pass();
  engine.hasFeed = false;
  one.judge("a", REJECTED);
  await pass(29 * SECOND);
  assert.equal(two.stateOf("a"), "ok");
  await pass(2 * SECOND);
  assert.equal(two.stateOf("a"), "blacklist");
  engine.records.clear();
  await pass(31 * SECOND);
  const three = join("three");
  await pass();
  assert.equal(three.stateOf("a"), "blacklist");
});

Deno.test("a reset on one member is one for all", async () => {
  const { join, pass } = aFleet();
  const [one, two] = [join("one"), join("two")];
  await pass();
  one.judge("a", REJECTED);
  await pass();
  two.pool.reset({}, two.clock.nowMs());
  await pass();
  assert.deepEqual([one.stateOf("a"), two.stateOf("a")], ["ok", "ok"]);
});

Deno.test("answers of a proven key cost a record a minute at most", async () => {
  const { engine, join, pass } = aFleet();
  const one = join("one");
  await pass();
  const before = engine.puts;
  for (let count = 0; count < 50; count++) {
    one.judge("a", OK);
    await pass(100);
  }
  assert.equal(engine.puts - before, 1);
});

Deno.test("members of another secret see nothing of each other, and each is told of", async () => {
  const { engine, join, pass } = aFleet();
  const one = join("the-first");
  const other = join("other", { secret: "another-secret-of-more-than-32-characters" });
  await pass();
  one.judge("a", REJECTED);
  await pass(31 * SECOND);
  assert.equal(other.stateOf("a"), "ok");
  assert.ok(other.fleet.figures.unreadable > 0);
  assert.deepEqual(other.fleet.figures.members.map(({ name }) => name), ["other"]);
  const wire = JSON.stringify([...engine.records]);
  for (const hidden of ["token-of", "a.json", "blacklist", "the-first"]) {
    assert.ok(!wire.includes(hidden), hidden);
  }
});

Deno.test("a member that is gone is not counted after a minute and a half", async () => {
  const { join, pass } = aFleet();
  const [one, two] = [join("one"), join("two")];
  await pass();
  two.fleet[Symbol.dispose]();
  await pass(60 * SECOND);
  assert.equal(one.fleet.figures.members.length, 2);
  await pass(60 * SECOND);
  assert.deepEqual(one.fleet.figures.members.map(({ name }) => name), ["one"]);
});
