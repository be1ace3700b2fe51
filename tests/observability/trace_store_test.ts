import assert from "node:assert/strict";
import fc from "fast-check";
import { TraceStore } from "../../src/observability/trace_store.ts";
import { anAttempt, anEvent, attemptFields } from "../support/events.ts";

function storeWith(attempts: number, maxRows: number): TraceStore {
  const store = new TraceStore(maxRows);
  for (let n = 1; n <= attempts; n++) store.add(anAttempt({ request_id: `req_${n}` }));
  return store;
}

function ids(rows: readonly { id: number }[]): readonly number[] {
  return rows.map(({ id }) => id);
}

Deno.test("TraceStore returns an attempt as a row with id and epoch seconds", () => {
  const store = new TraceStore(5);
  store.add(anAttempt({ error: "timeout" }));
  assert.deepEqual(store.newest(5), [{ id: 1, ts: 1795390860.123, ...attemptFields({ error: "timeout" }) }]);
});

Deno.test("TraceStore ignores events that are not attempts", () => {
  const store = new TraceStore(5);
  store.add(anEvent("auth.cooldown"));
  assert.deepEqual(store.newest(5), []);
});

const VIEWS: readonly { attempts: number; newest: number; gives: readonly number[] }[] = [
  { attempts: 0, newest: 3, gives: [] },
  { attempts: 2, newest: 3, gives: [1, 2] },
  { attempts: 3, newest: 2, gives: [2, 3] },
  { attempts: 7, newest: 2, gives: [6, 7] },
  { attempts: 7, newest: 99, gives: [5, 6, 7] },
  { attempts: 7, newest: 0, gives: [] },
];

for (const { attempts, newest, gives } of VIEWS) {
  Deno.test(`TraceStore of 3 gives the newest ${newest} of ${attempts}`, () => {
    assert.deepEqual(ids(storeWith(attempts, 3).newest(newest)), gives);
  });
}

for (const [id, gives] of [[0, [5, 6, 7]], [5, [6, 7]], [7, []], [99, []]] as const) {
  Deno.test(`TraceStore of 3 gives what came after ${id} of 7`, () => {
    assert.deepEqual(ids(storeWith(7, 3).after(id)), gives);
  });
}

Deno.test("untilNewer() waits for the next row when the id is that of the newest", async () => {
  const store = storeWith(2, 3);
  const woken: number[] = [];
  const wait = (id: number) => store.untilNewer(id, new AbortController().signal).then(() => woken.push(id));
  // 9 is an id of an earlier run.
  const waits = [1, 2, 9].map(wait);
  await Promise.all([waits[0], waits[2]]);
  assert.deepEqual(woken, [1, 9]);
  store.add(anEvent("auth.cooldown"));
  await Promise.resolve();
  assert.deepEqual(woken, [1, 9]);
  store.add(anAttempt());
  await waits[1];
  assert.deepEqual(woken, [1, 9, 2]);
});

Deno.test("untilNewer() ends with its signal", async () => {
  const leaving = new AbortController();
  const store = storeWith(2, 3);
  const waiting = store.untilNewer(2, leaving.signal);
  leaving.abort();
  await waiting;
  await store.untilNewer(2, leaving.signal);
});

Deno.test("TraceStore of 0 keeps nothing", () => {
  assert.deepEqual(storeWith(3, 0).newest(3), []);
});

Deno.test("TraceStore returns what a plain list would", () => {
  const small = fc.integer({ min: 0, max: 30 });
  fc.assert(fc.property(small, fc.integer({ min: 1, max: 8 }), small, (attempts, maxRows, asked) => {
    const store = storeWith(attempts, maxRows);
    const all = Array.from({ length: attempts }, (_, index) => index + 1).slice(-maxRows);
    assert.deepEqual(ids(store.newest(asked)), asked === 0 ? [] : all.slice(-asked));
    assert.deepEqual(ids(store.after(asked)), all.filter((id) => id > asked));
    assert.ok(store.newest(maxRows).every((row) => row.request_id === `req_${row.id}`));
  }));
});
