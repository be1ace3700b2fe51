import assert from "node:assert/strict";
import { dayOf, hourOf, midnightMs } from "../../src/values/local_time.ts";

const NOON = new Date(2026, 2, 1, 12, 30).getTime();

Deno.test("a day is that of the local time zone", () => {
  assert.deepEqual([dayOf(NOON), hourOf(NOON)], ["2026-03-01", 12]);
});

Deno.test("midnightMs() counts days of the calendar, also over the end of a month and a changed clock", () => {
  assert.equal(midnightMs(NOON, 0), new Date(2026, 2, 1).getTime());
  assert.equal(midnightMs(NOON, 1), new Date(2026, 1, 28).getTime());
  assert.equal(midnightMs(NOON, -1), new Date(2026, 2, 2).getTime());
  for (let days = 0; days < 400; days++) assert.equal(hourOf(midnightMs(NOON, days)), 0);
});
