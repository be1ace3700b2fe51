import assert from "node:assert/strict";
import { Seal } from "../../src/fleet/seal.ts";
import { Shelf } from "../../src/fleet/shelf.ts";
import { Telling } from "../../src/fleet/telling.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeEngine } from "../support/fake_store.ts";

function aTelling() {
  const clock = new FakeClock();
  const engine = new FakeEngine();
  const seal = new Seal(new Secret("a-pool-secret-of-more-than-32-characters"), "team");
  const telling = new Telling({ store: engine.store(), seal, clock });
  let tags = 0;
  const shelf = new Shelf<number>({
    kind: "count",
    initial: 0,
    keepMs: 1000,
    isWorth: () => true,
    read: Number,
    isPutBack: true,
    onNews: () => {},
    onStored: () => {},
  }, () => `0123456789abcdef.${++tags}`);
  const add = () => {
    shelf.replica("n").add((count) => count + 1);
    telling.tell("n", shelf);
  };
  const stored = () => {
    const record = engine.records.get("n");
    return record && telling.open(shelf, "n", record)?.value;
  };
  return { clock, engine, telling, shelf, add, stored };
}

Deno.test("changes wait until there is a store, and until the turn in which they were made is over", async () => {
  const { clock, telling, add, stored } = aTelling();
  add();
  await clock.advance(1000);
  assert.equal(stored(), undefined);
  telling.isConnected = true;
  assert.equal(await telling.tellAll(), true);
  add();
  add();
  assert.equal(stored(), 1);
  await clock.advance(0);
  assert.equal(stored(), 3);
});

Deno.test("what could not be told is told later", async () => {
  const { engine, telling, add, stored } = aTelling();
  telling.isConnected = true;
  engine.goDown("no answer within 1s");
  add();
  assert.equal(await telling.tellAll(), false);
  engine.comeBack();
  assert.equal(await telling.tellAll(), true);
  assert.equal(stored(), 1);
});

Deno.test("a record that nobody can read is left alone", async () => {
  const { engine, telling, add, stored } = aTelling();
  telling.isConnected = true;
  engine.put("n", { version: 5, tag: "t.1", keepMs: 1000, text: "garbage" });
  add();
  assert.equal(await telling.tellAll(), true);
  assert.deepEqual([stored(), engine.records.get("n")?.text, telling.conflicts], [undefined, "garbage", 0]);
});

Deno.test("the lag is how long a record took until it came back", async () => {
  const { clock, engine, telling, add } = aTelling();
  telling.isConnected = true;
  add();
  await telling.tellAll();
  await clock.advance(7);
  telling.noteEcho("another.1");
  assert.equal(telling.lagMs, undefined);
  telling.noteEcho(engine.records.get("n")!.tag);
  assert.equal(telling.lagMs, 7);
});

Deno.test("what a store has lost is put back some at a time", async () => {
  const { clock, engine, telling, shelf } = aTelling();
  telling.isConnected = true;
  for (let at = 0; at < 1000; at++) {
    shelf.replica(`name-${at}`).add((count) => count + 1);
    telling.tell(`name-${at}`, shelf);
  }
  let [underWay, most] = [0, 0];
  engine.travel = async () => {
    most = Math.max(most, ++underWay);
    await clock.sleep(1);
    underWay--;
  };
  await clock.advance(1000);
  assert.equal(engine.records.size, 1000);
  assert.ok(most <= 64 * 2, `${most} at once`);
});
