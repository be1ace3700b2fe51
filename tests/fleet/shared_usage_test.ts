import assert from "node:assert/strict";
import { Seal } from "../../src/fleet/seal.ts";
import { KEEP_MS, SharedUsage, TELL_MS } from "../../src/fleet/shared_usage.ts";
import { dayOf } from "../../src/values/local_time.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeEngine } from "../support/fake_store.ts";
import { anAttemptEntry } from "../support/usage.ts";

function aPool() {
  const [clock, engine] = [new FakeClock(), new FakeEngine()];
  let runs = 0;
  const join = (member: string, secret = "a-pool-secret-of-more-than-32-characters") =>
    new SharedUsage({
      store: engine.store(),
      isUp: () => engine.reason === undefined,
      seal: new Seal(new Secret(secret), "team"),
      clock,
      owners: { ownerName: (file) => file === "none.json" ? undefined : `owner of ${file}` },
      member: { id: `id of ${member}`, name: member },
      runId: String(++runs).padStart(16, "0"),
    });
  const today = dayOf(clock.nowMs());
  const requestsBy = async (one: SharedUsage) =>
    (await one.of([today])).flatMap(({ sheets }) =>
      sheets.map(({ member, rows }) => [member.name, rows.reduce((sum, { requests }) => sum + requests, 0)])
    );
  const use = (one: SharedUsage, count: number, file = "a.json") => {
    for (let done = 0; done < count; done++) one.take(file, anAttemptEntry({ key: file, isAnswer: true }));
  };
  return { clock, engine, join, today, requestsBy, use };
}

Deno.test("members tell what they used after a while, and each can tell what all used", async () => {
  const { clock, engine, join, requestsBy, use, today } = aPool();
  const [one, two] = [join("the-first"), join("two")];
  use(one, 3);
  use(one, 1, "none.json");
  await clock.advance(TELL_MS - 1);
  assert.equal(engine.keeps, 0);
  await clock.advance(1);
  assert.equal(engine.keeps, 1);
  use(two, 2);
  assert.deepEqual(await requestsBy(two), [["the-first", 3], ["two", 2]]);
  use(one, 1);
  await clock.advance(TELL_MS);
  assert.deepEqual(await requestsBy(two), [["the-first", 4], ["two", 2]]);
  assert.equal(engine.countersKeptMs, KEEP_MS);
  const wire = JSON.stringify([...engine.counters].map(([day, fields]) => [day, [...fields]]));
  assert.ok(wire.includes(today), "days are no secret");
  for (const hidden of ["a.json", "the-first", "owner"]) assert.ok(!wire.includes(hidden), hidden);
});

Deno.test("what was used while the engine was away is told when it is back, and nothing twice", async () => {
  const { clock, engine, join, requestsBy, use } = aPool();
  const one = join("one");
  use(one, 1);
  await clock.advance(TELL_MS);
  engine.goDown("no answer within 1s");
  use(one, 2);
  await clock.advance(10 * TELL_MS);
  await assert.rejects(one.of(["2027-01-15"]), /no answer/);
  engine.comeBack();
  one.synced();
  await clock.advance(TELL_MS);
  assert.deepEqual(await requestsBy(join("two")), [["one", 3]]);
});

Deno.test("a proxy that ends tells the rest before, and waits half a second at most", async () => {
  const { clock, engine, join, requestsBy, use } = aPool();
  const one = join("one");
  use(one, 1);
  await one.flush();
  assert.deepEqual(await requestsBy(join("two")), [["one", 1]]);
  use(one, 1);
  engine.travel = () => new Promise(() => {});
  let isOver = false;
  void one.flush().then(() => isOver = true);
  await clock.advance(500);
  assert.ok(isOver);
});

Deno.test("counters of another secret, or of another place, are left out", async () => {
  const { engine, join, requestsBy, use, today } = aPool();
  const [one, other] = [join("one"), join("other", "another-secret-of-more-than-32-characters")];
  use(one, 1);
  use(other, 1);
  await Promise.all([one.flush(), other.flush()]);
  assert.deepEqual(await requestsBy(one), [["one", 1]]);
  const moved = engine.counters.get(today)!;
  engine.counters.set("2020-01-01", moved);
  assert.deepEqual((await one.of(["2020-01-01"])).flatMap(({ sheets }) => sheets), []);
});
