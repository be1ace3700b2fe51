import assert from "node:assert/strict";
import { HttpPool } from "../../src/system/http_pool.ts";
import { FakeClock } from "../support/fake_clock.ts";

class Connection {
  isOpen = true;
  close(): void {
    this.isOpen = false;
  }
}

function aPool() {
  const clock = new FakeClock();
  const pool = new HttpPool<Connection>(clock);
  const give = (place: string, count = 1): Connection[] => {
    const all = Array.from({ length: count }, () => new Connection());
    for (const one of all) pool.give(place, one, pool.generation);
    return all;
  };
  return { clock, pool, give };
}

Deno.test("HttpPool gives out the connection that was used last, and each once", () => {
  const { pool, give } = aPool();
  const [first, second] = give("a", 2);
  give("b");
  assert.deepEqual([pool.take("a"), pool.take("a"), pool.take("a"), pool.take("c")], [
    second,
    first,
    undefined,
    undefined,
  ]);
});

Deno.test("HttpPool passes over a connection that has ended", () => {
  const { pool, give } = aPool();
  const [first, second] = give("a", 2);
  second!.close();
  assert.equal(pool.take("a"), first);
});

Deno.test("HttpPool closes what nobody used for five seconds", async () => {
  const { clock, pool, give } = aPool();
  const [old] = give("a");
  await clock.advance(4000);
  const [young] = give("a");
  await clock.advance(999);
  assert.deepEqual([old!.isOpen, young!.isOpen], [true, true]);
  await clock.advance(2501);
  assert.deepEqual([old!.isOpen, young!.isOpen, pool.size], [false, true, 1]);
  await clock.advance(5000);
  assert.deepEqual([young!.isOpen, pool.size, clock.pendingTimers], [false, 0, 0]);
});

Deno.test("HttpPool gives out nothing that is over its time, even before it is closed", async () => {
  const { clock, pool, give } = aPool();
  const [first] = give("a");
  await clock.advance(4000);
  give("a");
  await clock.advance(2000);
  assert.notEqual(pool.take("a"), undefined);
  assert.equal(pool.take("a"), undefined);
  assert.equal(first!.isOpen, false);
});

Deno.test("HttpPool keeps 64 connections to a place at most", () => {
  const { pool, give } = aPool();
  const all = give("a", 66);
  give("b");
  assert.deepEqual(all.map(({ isOpen }) => isOpen).slice(0, 3), [false, false, true]);
  assert.equal(pool.size, 65);
});

Deno.test("HttpPool drops what waits, and what comes back later from before", () => {
  const { pool, give } = aPool();
  const { generation } = pool;
  const [waiting] = give("a");
  pool.drop();
  const inUse = new Connection();
  pool.give("a", inUse, generation);
  assert.deepEqual([waiting!.isOpen, inUse.isOpen, pool.take("a")], [false, false, undefined]);
  const [fresh] = give("a");
  assert.equal(pool.take("a"), fresh);
});
