import assert from "node:assert/strict";
import { durationText, momentAndDistance, momentText } from "../../src/screen/durations.ts";

const NOW = new Date(2026, 10, 25, 13, 53, 6).getTime();

for (
  const [ms, text] of [
    [0, "0s"],
    [-5000, "0s"],
    [499, "0s"],
    [500, "1s"],
    [59_600, "1m"],
    [723_400, "12m 3s"],
    [7_500_000, "2h 5m"],
    [183_600_000, "2d 3h"],
  ] as const
) {
  Deno.test(`durationText() writes ${ms} ms as ${text}`, () => {
    assert.equal(durationText(ms), text);
  });
}

Deno.test("momentText() leaves out the day of today, and the seconds of another day", () => {
  assert.equal(momentText(new Date(2026, 10, 25, 4, 5, 9).getTime(), NOW), "04:05:09");
  assert.equal(momentText(new Date(2026, 10, 26, 4, 5, 9).getTime(), NOW), "2026-11-26 04:05");
});

Deno.test("momentAndDistance() says on which side of now a moment is", () => {
  assert.equal(momentAndDistance(NOW + 723_000, NOW), "14:05:09 (in 12m 3s)");
  assert.equal(momentAndDistance(NOW - 60_000, NOW), "13:52:06 (1m ago)");
});
