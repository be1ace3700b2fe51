/**
 * What the page about performance says of a long mixed load: a few sentences, and a plot of what the process held. Pure.
 * @module
 */

import type { Sample, Soak } from "./soak_verdict.ts";

/** A long load, with what is told of it besides its verdict. */
export interface SoakRun extends Soak {
  /** What ran: the executable or the source, and on which Deno. */
  readonly program: string;
  readonly machine: string;
  readonly minutes: number;
  /** How many of each kind of request were answered. */
  readonly counts: Readonly<Record<string, number>>;
  /** At rest, before and after the second half of {@link shortRequests}. */
  readonly aroundShort: readonly [before: Sample, after: Sample];
  /** Requests of 1 KB of JSON, one after the other on 16 connections, after the mixed load. */
  readonly shortRequests: number;
}

/** The section of the page. `plot` is the path of the plot, seen from the page. */
export function soakReport(run: SoakRun, found: readonly string[], plot: string): string {
  const { minutes, program, machine, counts, atStart, atRest, errors, shortRequests } = run;
  const [before, after] = run.aroundShort;
  const answered = Object.entries(counts).map(([name, count]) => `${name} ${count.toLocaleString("en-US")}`);
  const delays = run.samples.flatMap(({ delayMs }) => delayMs ?? []).sort((a, b) => a - b);
  return [
    `${minutes} minutes with ${program} on ${machine}. Answered: ${answered.join(", ")}. ` +
    `Errors: ${errors.length}.`,
    "",
    `![Memory, descriptors and delay of the event loop during ${minutes} minutes](${plot})`,
    "",
    "|             | before | median under load | most | 15 s after |",
    "| ----------- | ------ | ----------------- | ---- | ---------- |",
    row("memory, MB", run, ({ memoryMb }) => memoryMb),
    row("descriptors", run, ({ descriptors }) => descriptors),
    "",
    `The event loop was late by ${at(delays, 0.5)} ms (median of the longest in two seconds), at most by ${
      at(delays, 1)
    } ms. The second half of ${shortRequests.toLocaleString("en-US")} short requests took the memory from ${
      before.memoryMb.toFixed(0)
    } to ${
      after.memoryMb.toFixed(0)
    } MB and the descriptors from ${before.descriptors} to ${after.descriptors}.`,
    "",
    found.length === 0
      ? `No wrong answer, no descriptor left over (${atStart.descriptors} before, ${atRest.descriptors} after), and memory stays.`
      : found.map((text) => `- ${text}`).join("\n"),
  ].join("\n");
}

function row(title: string, { atStart, samples, atRest }: Soak, valueOf: (sample: Sample) => number): string {
  const sorted = samples.map(valueOf).sort((a, b) => a - b);
  const cells = [
    valueOf(atStart).toFixed(0),
    at(sorted, 0.5, 0),
    at(sorted, 1, 0),
    valueOf(atRest).toFixed(0),
  ];
  return `| ${[title, ...cells].join(" | ")} |`;
}

function at(sorted: readonly number[], share: number, digits = 1): string {
  return sorted[Math.floor((sorted.length - 1) * share)]?.toFixed(digits) ?? "–";
}

const [WIDTH, PANEL_HEIGHT, LEFT, TOP, GAP] = [720, 110, 60, 24, 40];
const PANELS: readonly (readonly [title: string, valueOf: (sample: Sample) => number | undefined])[] = [
  ["memory, MB", ({ memoryMb }) => memoryMb],
  ["descriptors", ({ descriptors }) => descriptors],
  ["delay of the event loop, ms", ({ delayMs }) => delayMs],
];

/** The samples as an SVG: a panel for each figure, from zero to its greatest value. */
export function soakPlot(samples: readonly Sample[], minutes: number): string {
  const height = TOP + PANELS.length * (PANEL_HEIGHT + GAP);
  const panels = PANELS.map(([title, valueOf], index) =>
    panel(title, samples.map(valueOf), TOP + index * (PANEL_HEIGHT + GAP))
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...panels,
    `<text x="${WIDTH - 8}" y="${height - 8}" text-anchor="end" fill="#555">${minutes} minutes</text>`,
    "</svg>",
    "",
  ].join("\n");
}

function panel(title: string, values: readonly (number | undefined)[], top: number): string {
  const most = Math.max(1, ...values.filter((value) => value !== undefined));
  const width = WIDTH - LEFT - 8;
  const points = values.flatMap((value, index) => {
    if (value === undefined) return [];
    const x = LEFT + width * index / Math.max(1, values.length - 1);
    return `${x.toFixed(0)},${(top + PANEL_HEIGHT * (1 - value / most)).toFixed(1)}`;
  });
  const bottom = top + PANEL_HEIGHT;
  return [
    `<text x="${LEFT}" y="${top - 6}" fill="#222">${title}</text>`,
    `<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end" fill="#555">${most.toFixed(0)}</text>`,
    `<text x="${LEFT - 6}" y="${bottom}" text-anchor="end" fill="#555">0</text>`,
    `<path d="M${LEFT} ${top}V${bottom}H${LEFT + width}" fill="none" stroke="#bbb"/>`,
    `<polyline points="${points.join(" ")}" fill="none" stroke="#1f6feb" stroke-width="1.5"/>`,
  ].join("\n");
}
