import assert from "node:assert/strict";
import fc from "fast-check";
import { EventQueue } from "../../src/replay/event_queue.ts";

function taken(queue: EventQueue): number[] {
  const times: number[] = [];
  for (let event = queue.next(); event; event = queue.next()) {
    times.push(event.atMs);
    event.act();
  }
  return times;
}

Deno.test("next() takes the soonest event, and of those at one time the one that was planned first", () => {
  fc.assert(fc.property(fc.array(fc.nat(9)), (times) => {
    const queue = new EventQueue();
    const order: number[] = [];
    times.forEach((atMs, index) => queue.add(atMs, () => order.push(index)));
    assert.equal(queue.nextMs, times.length > 0 ? Math.min(...times) : undefined);
    assert.deepEqual(taken(queue), times.toSorted((a, b) => a - b));
    assert.deepEqual(order, times.map((_at, index) => index).sort((a, b) => times[a]! - times[b]! || a - b));
  }));
});

Deno.test("add() puts an event in its place while others are taken", () => {
  const queue = new EventQueue();
  queue.add(1, () => queue.add(3, () => {}));
  queue.add(5, () => {});
  assert.deepEqual(taken(queue), [1, 3, 5]);
});
