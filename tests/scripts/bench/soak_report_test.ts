import assert from "node:assert/strict";
import { soakPlot, soakReport, type SoakRun } from "../../../scripts/bench/soak_report.ts";
import type { Sample } from "../../../scripts/bench/soak_verdict.ts";

function sample(memoryMb: number, descriptors: number, delayMs?: number): Sample {
  return { memoryMb, descriptors, delayMs };
}

const RUN: SoakRun = {
  program: "the executable",
  machine: "2 cores",
  minutes: 10,
  counts: { json16: 12_345, upload: 67 },
  atStart: sample(80, 30),
  samples: [sample(150, 200, 4), sample(160, 240, 2), sample(155, 220)],
  atRest: sample(120, 31),
  errors: [],
  aroundShort: [sample(120, 31), sample(125, 32)],
  shortRequests: 200_000,
};

Deno.test("soakReport() tells what was answered, held and left over", () => {
  const text = soakReport(RUN, [], "images/soak.svg");
  assert.match(text, /json16 12,345, upload 67\. Errors: 0\./);
  assert.match(text, /\(images\/soak\.svg\)/);
  assert.match(text, /\| memory, MB \| 80 \| 155 \| 160 \| 120 \|/);
  assert.match(text, /\| descriptors \| 30 \| 220 \| 240 \| 31 \|/);
  assert.match(
    text,
    /late by 2\.0 ms .*at most by 4\.0 ms\. The second half of 200,000 short requests .* 120 to 125 MB .* 31 to 32/,
  );
  assert.match(text, /no descriptor left over/);
});

Deno.test("soakReport() tells what is wrong instead of that nothing is", () => {
  const text = soakReport(RUN, ["memory grows", "3 errors"], "images/soak.svg");
  assert.match(text, /- memory grows\n- 3 errors$/);
  assert.doesNotMatch(text, /no descriptor left over/);
});

Deno.test("soakPlot() draws each figure from zero to its greatest value, and leaves out what was not measured", () => {
  const lines = [...soakPlot(RUN.samples, 10).matchAll(/points="([^"]*)"/g)].map(([, points]) =>
    points!.split(" ")
  );
  assert.deepEqual(lines.map((points) => points.length), [3, 3, 2]);
  // The greatest values are at the top of their panels.
  assert.deepEqual([lines[0]![1], lines[1]![1], lines[2]![0]].map((point) => point!.split(",")[1]), [
    "24.0",
    "174.0",
    "324.0",
  ]);
  assert.match(soakPlot([], 1), /^<svg .*<\/svg>\n$/s);
});
