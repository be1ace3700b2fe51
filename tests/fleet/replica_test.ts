import assert from "node:assert/strict";
import * as fc from "fast-check";
import { MAX_PENDING, Replica, type SharedRecord, writerOf } from "../../src/fleet/replica.ts";

/** How often each change is contained. */
type Counts = Readonly<Record<string, number>>;

function made(id: string) {
  return (counts: Counts): Counts => ({ ...counts, [id]: (counts[id] ?? 0) + 1 });
}

function aReplica(writer = "a") {
  let count = 0;
  const nextTag = () => `${writer.padEnd(16, "0")}.${String(++count).padStart(8, "0")}`;
  return new Replica<Counts>({ initial: {}, nextTag, isWorth: (from, to) => from !== to });
}

function aRecord(version: number, value: Counts, tag = "b".padEnd(16, "0") + ".1"): SharedRecord<Counts> {
  return { version, tag, writers: [tag], value };
}

Deno.test("a change counts at once, and once when the store has it", () => {
  const replica = aReplica();
  replica.add(made("x"));
  assert.deepEqual(replica.view, { x: 1 });
  const record = replica.nextPut()!;
  assert.deepEqual([record.version, record.value], [1, { x: 1 }]);
  assert.equal(replica.nextPut(), undefined, "one at a time");
  replica.add(made("y"));
  replica.stored();
  assert.deepEqual([replica.view, replica.pending], [{ x: 1, y: 1 }, 1]);
  assert.equal(replica.nextPut()?.version, 2);
});

for (const way of ["feed", "all"] as const) {
  Deno.test(`its own record in the ${way}, before the answer or in the place of it, counts once`, () => {
    const replica = aReplica();
    replica.add(made("x"));
    const record = replica.nextPut()!;
    if (way === "feed") replica.learn(record);
    else replica.compareWith(record);
    assert.deepEqual([replica.view, replica.pending], [{ x: 1 }, 0]);
    replica.stored();
    assert.deepEqual(replica.view, { x: 1 });
  });
}

Deno.test("its own record below that of another is recognised", () => {
  const replica = aReplica();
  replica.add(made("x"));
  const own = replica.nextPut()!;
  replica.failed();
  const other = { ...aRecord(2, { x: 1, z: 1 }), writers: [own.tag, "b"] };
  replica.learn(other);
  assert.deepEqual([replica.view, replica.nextPut()], [{ x: 1, z: 1 }, undefined]);
});

Deno.test("a change is made again on top of what another member was faster with", () => {
  const replica = aReplica();
  replica.add(made("x"));
  replica.nextPut();
  assert.equal(replica.conflict(aRecord(1, { z: 1 })), true);
  assert.deepEqual(replica.view, { z: 1, x: 1 });
  const again = replica.nextPut()!;
  assert.deepEqual([again.version, again.value], [2, { z: 1, x: 1 }]);
  assert.equal(again.writers.length, 2);
});

Deno.test("what may have arrived is put again as it was", () => {
  const replica = aReplica();
  replica.add(made("x"));
  const record = replica.nextPut();
  replica.failed();
  replica.add(made("y"));
  assert.equal(replica.nextPut(), record);
});

Deno.test("what the store has lost is put back, and of two of one version its own counts", () => {
  const replica = aReplica();
  replica.learn(aRecord(7, { z: 7 }));
  assert.equal(replica.nextPut(), undefined);
  replica.compareWith(undefined);
  assert.equal(replica.nextPut()?.version, 7);
  replica.stored();
  assert.equal(replica.nextPut(), undefined);
  assert.equal(replica.compareWith(aRecord(7, { other: 1 }, "c.1")), true);
  assert.deepEqual(replica.view, { other: 1 });
});

Deno.test("what is not worth telling is given up", () => {
  const replica = new Replica<number>({
    initial: 0,
    nextTag: () => "t",
    isWorth: (from, to) => to - from >= 10,
  });
  replica.add((value) => value + 1);
  assert.deepEqual([replica.nextPut(), replica.pending, replica.view], [undefined, 0, 0]);
  replica.add((value) => value + 10);
  assert.equal(replica.nextPut()?.value, 10);
});

Deno.test("pending changes are bounded, and those under way stay what they were", () => {
  const replica = aReplica();
  replica.add(made("first"));
  const record = replica.nextPut()!;
  for (let count = 0; count < 2 * MAX_PENDING; count++) replica.add(made(`x${count}`));
  assert.equal(replica.pending, MAX_PENDING);
  replica.learn(record);
  assert.deepEqual([replica.pending, replica.view["first"], replica.view["x0"]], [
    MAX_PENDING - 1,
    1,
    undefined,
  ]);
});

Deno.test("writerOf() is the same for all tags of one run", () => {
  assert.equal(writerOf("0123456789abcdef.00000001"), writerOf("0123456789abcdef.00000002"));
});

interface Put {
  readonly from: number;
  readonly record: SharedRecord<Counts>;
  isAwaited: boolean;
}

/** Members, the store, and a network between them that does what the steps say. */
class World {
  readonly members = ["a", "b", "c"].map((name) => aReplica(name));
  readonly made: string[][] = [[], [], []];
  readonly puts: Put[] = [];
  readonly answers: { readonly put: Put; readonly found: SharedRecord<Counts> | undefined }[] = [];
  readonly feeds: SharedRecord<Counts>[][] = [[], [], []];
  stored: SharedRecord<Counts> | undefined;

  step([what, who, which]: readonly [string, number, number]): void {
    const member = this.members[who]!;
    switch (what) {
      case "change": {
        const id = `${who}.${this.made[who]!.length}`;
        this.made[who]!.push(id);
        return member.add(made(id));
      }
      case "put": {
        const record = member.nextPut();
        if (record) this.puts.push({ from: who, record, isAwaited: true });
        return;
      }
      case "arrive":
        return this.#arrive(which);
      case "double":
        if (this.puts.length > 0) {
          this.puts.push({ ...this.puts[which % this.puts.length]!, isAwaited: false });
        }
        return;
      case "answer":
        return this.#answer(which);
      case "lose put": {
        const [lost] = this.puts.length > 0 ? this.puts.splice(which % this.puts.length, 1) : [];
        return lost && this.#giveUp(lost);
      }
      case "lose answer": {
        const [lost] = this.answers.length > 0 ? this.answers.splice(which % this.answers.length, 1) : [];
        return lost && this.#giveUp(lost.put);
      }
      case "time out": {
        // The put is still under way, and may arrive whenever it likes.
        const late = this.puts.find((put) => put.from === who && put.isAwaited);
        return late && this.#giveUp(late);
      }
      case "feed":
        return this.#feed(who, which);
      case "doubled": {
        const feed = this.feeds[who]!;
        if (feed.length > 0) feed.push(feed[which % feed.length]!);
        return;
      }
      case "miss":
        this.feeds[who]!.splice(which % (this.feeds[who]!.length || 1), 1);
        return;
      case "read":
        member.compareWith(this.stored);
        return;
      case "wipe":
        this.stored = undefined;
    }
  }

  #arrive(which: number): void {
    const [put] = this.puts.length > 0 ? this.puts.splice(which % this.puts.length, 1) : [];
    if (!put) return;
    const found = this.stored && this.stored.version >= put.record.version ? this.stored : undefined;
    if (!found) {
      this.stored = put.record;
      for (const feed of this.feeds) feed.push(put.record);
    }
    if (put.isAwaited) this.answers.push({ put, found });
  }

  #answer(which: number): void {
    const [answer] = this.answers.length > 0 ? this.answers.splice(which % this.answers.length, 1) : [];
    if (!answer?.put.isAwaited) return;
    const member = this.members[answer.put.from]!;
    if (answer.found) member.conflict(answer.found);
    else member.stored();
  }

  #giveUp(put: Put): void {
    if (!put.isAwaited) return;
    put.isAwaited = false;
    this.members[put.from]!.failed();
  }

  #feed(who: number, which: number): void {
    const [record] = this.feeds[who]!.length > 0
      ? this.feeds[who]!.splice(which % this.feeds[who]!.length, 1)
      : [];
    if (record) this.members[who]!.learn(record);
  }

  /** Everything that is under way comes through, and every member does what it does when it connects again. */
  settle(order: number): void {
    for (let round = 0; round < 12; round++) {
      for (let who = 0; who < this.members.length; who++) {
        this.step(["put", who, 0]);
        while (this.puts.length > 0) this.step(["arrive", who, order]);
        while (this.answers.length > 0) this.step(["answer", who, order]);
        for (let other = 0; other < this.members.length; other++) {
          while (this.feeds[other]!.length > 0) this.step(["feed", other, order]);
        }
        // Once all lost messages are made up for, the feed is enough.
        if (round < 3) this.step(["read", who, 0]);
      }
    }
  }
}

const WHAT = "change put arrive double answer feed read miss".split(" ");
const FAULTS = ["lose put", "lose answer", "time out", "doubled"];

function steps(whats: readonly string[]) {
  const step = fc.tuple(fc.constantFrom(...whats), fc.nat({ max: 2 }), fc.nat({ max: 20 }));
  return fc.array(step, { maxLength: 60, size: "max" });
}

Deno.test("whatever becomes of messages, every change is there once in the end, and at its member all the time", () => {
  fc.assert(
    fc.property(steps([...WHAT, ...WHAT, ...FAULTS]), fc.nat({ max: 20 }), (story, order) => {
      const world = new World();
      for (const step of story) {
        world.step(step);
        world.members.forEach(({ view }, who) => {
          for (const id of world.made[who]!) assert.equal(view[id], 1, `${id} after ${step}`);
        });
      }
      world.settle(order);
      const expected = Object.fromEntries(world.made.flat().map((id) => [id, 1]));
      for (const { view, pending } of world.members) {
        assert.deepEqual([view, pending], [expected, 0]);
      }
      assert.deepEqual(world.stored?.value ?? {}, expected);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("members know the same in the end also where the store has lost everything", () => {
  fc.assert(
    fc.property(steps([...WHAT, ...WHAT, ...FAULTS, "wipe"]), fc.nat({ max: 20 }), (story, order) => {
      const world = new World();
      story.forEach((step) => world.step(step));
      world.settle(order);
      for (const { known } of world.members) assert.deepEqual(known, world.stored);
    }),
    { numRuns: 1000 },
  );
});
