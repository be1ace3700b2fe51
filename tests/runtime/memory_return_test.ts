import assert from "node:assert/strict";
import {
  afterLook,
  memoryAtStart,
  type MemoryLook,
  startMemoryWatch,
} from "../../src/runtime/memory_return.ts";
import { FakeClock } from "../support/fake_clock.ts";

const MB = 1_000_000;

function aLook(over: Partial<MemoryLook> = {}): MemoryLook {
  return { inFlight: 0, published: 0, webSockets: 0, elapsedMs: 0, bytes: 75 * MB, ...over };
}

/** When memory is to be returned, of looks every second, the first one at 0 s; in seconds. */
function dueAt(looks: readonly Partial<MemoryLook>[]): readonly number[] {
  let state = memoryAtStart(aLook());
  return looks.flatMap((over, index) => {
    const elapsedMs = index * 1_000;
    const after = afterLook(state, aLook({ elapsedMs, ...over }));
    state = after.state;
    return after.isDue ? [elapsedMs / 1000] : [];
  });
}

const LOADED = { bytes: 180 * MB, published: 500 } as const;
const STREAMS = { ...LOADED, published: 0, inFlight: 500 } as const;
const RETURNED = { ...LOADED, bytes: 90 * MB } as const;

function times<T>(count: number, value: T): readonly T[] {
  return Array.from({ length: count }, () => value);
}

Deno.test("afterLook() has memory returned in two rounds within ten seconds after load", () => {
  // The streams end between 1 s and 2 s.
  assert.deepEqual(dueAt([STREAMS, STREAMS, ...times(20, LOADED)]), [9, 10]);
});

Deno.test("afterLook() has memory returned as long as that helps, in five rounds at the most", () => {
  const falling = (...megabytes: readonly number[]) =>
    dueAt([STREAMS, ...times(8, LOADED), ...megabytes.map((mb) => ({ ...LOADED, bytes: mb * MB }))]);
  assert.deepEqual(falling(129, 103, 80, 80, 80, 80), [8, 9, 10, 11]);
  assert.deepEqual(falling(180, 180, 103, 80, 80, 80), [8, 9]);
  assert.deepEqual(falling(180, 150, 103, 80, 80, 80), [8, 9, 10, 11, 12]);
  assert.deepEqual(falling(170, 160, 150, 140, 130, 120, 110), [8, 9, 10, 11, 12]);
});

Deno.test("afterLook() returns none while a request runs, however long", () => {
  assert.deepEqual(dueAt([...times(100, STREAMS), ...times(50, { ...LOADED, inFlight: 1 })]), []);
});

Deno.test("afterLook() returns none between requests that come more often than every seven seconds", () => {
  const seen = Array.from({ length: 100 }, (_, index) => ({ ...LOADED, published: index >> 2 }));
  assert.deepEqual(dueAt(seen), []);
});

Deno.test("afterLook() returns none unless the process takes a third more than it would without", () => {
  assert.deepEqual(dueAt([STREAMS, ...times(50, { published: 500, bytes: 99 * MB })]), []);
  assert.deepEqual(dueAt([STREAMS, ...times(50, { published: 500, bytes: 101 * MB })]), [8, 9]);
});

Deno.test("afterLook() drops the second round when a request comes first", () => {
  const next = { ...LOADED, inFlight: 1, bytes: 90 * MB };
  assert.deepEqual(dueAt([STREAMS, ...times(8, LOADED), next, ...times(20, RETURNED)]), [8]);
});

Deno.test("afterLook() has memory returned at most every ten seconds", () => {
  const looks = [STREAMS, ...times(8, LOADED), { ...LOADED, inFlight: 1 }, ...times(60, LOADED)];
  assert.deepEqual(dueAt(looks), [8, 18, 19]);
});

Deno.test("afterLook() compares with what was left the last time", () => {
  const grown = (bytes: number) => ({ ...LOADED, published: 1_000, bytes });
  const first = [STREAMS, ...times(9, LOADED), ...times(40, RETURNED)];
  assert.deepEqual(dueAt([...first, ...times(40, grown(115 * MB))]), [8, 9, 10]);
  assert.deepEqual(dueAt([...first, ...times(40, grown(121 * MB))]), [8, 9, 10, 57, 58]);
});

Deno.test("afterLook() tries again after five minutes what stayed, once something has happened since", () => {
  const kept = { published: 500, webSockets: 8, bytes: 140 * MB };
  const withSockets = [STREAMS, ...times(9, { ...LOADED, webSockets: 8 }), ...times(600, kept)];
  assert.deepEqual(dueAt(withSockets), [8, 9, 10]);
  const closed = { ...kept, webSockets: 0 };
  assert.deepEqual(dueAt([...withSockets.slice(0, 20), ...times(600, closed)]), [8, 9, 10, 308, 309]);
  assert.deepEqual(dueAt([...withSockets, ...times(300, closed)]), [8, 9, 10, 617, 618]);
  assert.deepEqual(dueAt([...withSockets, ...times(300, { ...closed, bytes: 99 * MB })]), [8, 9, 10]);
});

Deno.test("afterLook() gives up where the memory stays, as on systems that return none", () => {
  assert.deepEqual(dueAt([STREAMS, ...times(200, LOADED)]), [8, 9]);
});

Deno.test("startMemoryWatch() looks until it is disposed of", async () => {
  const clock = new FakeClock();
  let [published, bytes] = [0, 75 * MB];
  const returned: number[] = [];
  const watching = startMemoryWatch({
    clock,
    journal: {
      get published() {
        return published;
      },
    },
    server: { inFlight: 0, webSockets: { open: 0 } },
    residentBytes: () => bytes,
    returnMemory: () => void returned.push(clock.elapsedMs()),
  });
  await clock.advance(2_000);
  [published, bytes] = [500, 180 * MB];
  const startMs = clock.elapsedMs();
  await clock.advance(60_000);
  assert.deepEqual(returned.map((atMs) => atMs - startMs), [8_000, 9_000]);
  bytes = 300 * MB;
  watching[Symbol.dispose]();
  await clock.advance(120_000);
  assert.equal(returned.length, 2);
});
