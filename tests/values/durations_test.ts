import assert from "node:assert/strict";
import {
  counted,
  countText,
  durationText,
  groupedDigits,
  latencyText,
  momentAndDistance,
  momentText,
  sizeText,
  timeLeftText,
  timeText,
} from "../../src/values/durations.ts";

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

const TEXTS: readonly [text: string, expected: string][] = [
  [latencyText(0.4), "0ms"],
  [latencyText(812.4), "812ms"],
  [latencyText(12_345), "12.3s"],
  [latencyText(754_321), "12m 35s"],
  [timeLeftText(0), "0s"],
  [timeLeftText(1), "1s"],
  [timeLeftText(3_600_000 * 25), "1d 1h"],
  [timeText(new Date(2026, 10, 25, 4, 5, 9, 999).getTime()), "04:05:09"],
];

const COUNTS: readonly [count: number, short: string, long: string][] = [
  [0, "0", "0"],
  [999, "999", "999"],
  [1000, "1.0k", "1,000"],
  [12_345, "12.3k", "12,345"],
  [99_960, "100k", "99,960"],
  [999_600, "1.0M", "999,600"],
  [1_234_567, "1.2M", "1,234,567"],
];

for (const [count, short, long] of COUNTS) {
  Deno.test(`${count} is written as ${short}, or as ${long}`, () => {
    assert.deepEqual([countText(count), groupedDigits(count)], [short, long]);
  });
}

for (const [text, expected] of TEXTS) {
  Deno.test(`a duration or time is written as ${expected}`, () => assert.equal(text, expected));
}

Deno.test("momentText() leaves out the day of today, and the seconds of another day", () => {
  assert.equal(momentText(new Date(2026, 10, 25, 4, 5, 9).getTime(), NOW), "04:05:09");
  assert.equal(momentText(new Date(2026, 10, 26, 4, 5, 9).getTime(), NOW), "2026-11-26 04:05");
});

Deno.test("momentAndDistance() says whether a moment is past or to come", () => {
  assert.equal(momentAndDistance(NOW + 723_000, NOW), "14:05:09 (in 12m 3s)");
  assert.equal(momentAndDistance(NOW - 60_000, NOW), "13:52:06 (1m ago)");
});

Deno.test("counted() names one thing and several", () => {
  assert.deepEqual([0, 1, 2].map((count) => counted(count, "key")), ["0 keys", "1 key", "2 keys"]);
});

const SIZES: readonly [bytes: number, text: string][] = [
  [0, "0 B"],
  [1, "1 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [18_750, "18.3 KiB"],
  [1_048_575, "1023 KiB"],
  [1_048_576, "1 MiB"],
  [31_457_280, "30 MiB"],
  [5.56 * 2 ** 30, "5.5 GiB"],
  [2 ** 52, "4096 TiB"],
];

for (const [bytes, text] of SIZES) {
  Deno.test(`sizeText() writes ${bytes} bytes as ${text}`, () => assert.equal(sizeText(bytes), text));
}
