import assert from "node:assert/strict";
import fc from "fast-check";
import { Agenda } from "../../src/replay/agenda.ts";

function taken(agenda: Agenda): number[] {
  const times: number[] = [];
  for (let item = agenda.next(); item; item = agenda.next()) {
    times.push(item.atMs);
    item.act();
  }
  return times;
}

Deno.test("next() takes the soonest item, and of those at one time the one planned first", () => {
  fc.assert(fc.property(fc.array(fc.nat(9)), (times) => {
    const agenda = new Agenda();
    const order: number[] = [];
    times.forEach((atMs, index) => agenda.add(atMs, () => order.push(index)));
    assert.equal(agenda.nextMs, times.length > 0 ? Math.min(...times) : undefined);
    assert.deepEqual(taken(agenda), times.toSorted((a, b) => a - b));
    assert.deepEqual(order, times.map((_at, index) => index).sort((a, b) => times[a]! - times[b]! || a - b));
  }));
});

Deno.test("add() while items are taken puts new ones in their place", () => {
  const agenda = new Agenda();
  agenda.add(1, () => agenda.add(3, () => {}));
  agenda.add(5, () => {});
  assert.deepEqual(taken(agenda), [1, 3, 5]);
});
