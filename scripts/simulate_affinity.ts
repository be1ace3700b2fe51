/**
 * Measures what session affinity is worth: plays the same simulated working days under several policies, with the pool
 * and the steps of the proxy itself, and prints the table for docs/performance.md. The figures are the same every time.
 *
 *   deno task simulate [--days 20] [--seed 1]
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { parseArgs } from "node:util";
import type { Policy } from "../src/config/policy.ts";
import { resolveSettings } from "../src/config/settings.ts";
import { replay } from "../src/replay/replay.ts";
import { workingDay } from "./affinity/day.ts";
import { type Figures, figuresOf, summed } from "./affinity/figures.ts";
import { FILES, SimulatedKeys, type Tells } from "./affinity/keys.ts";
import { Random } from "./affinity/random.ts";

// A Monday at nine.
const START_MS = Date.UTC(2026, 10, 23, 9);

/** A policy that is compared with others. */
export interface Contender {
  /** As it is printed in the table. */
  readonly name: string;
  /** What differs from the defaults of cdx2. */
  readonly rules: Partial<Policy>;
  /** What it learns about full windows. */
  readonly tells: Tells;
}

/** In the order of the table's columns. */
export const CONTENDERS: readonly Contender[] = [
  { name: "round robin by request", rules: { rotation: "request" }, tells: "windows" },
  {
    // A map from session to key and nothing else: practically no cooldown, no ejection.
    name: "sticky, re-bound on failure",
    rules: { cooldownBaseMs: 50, cooldownMaxMs: 50, strikesToEject: 1000 },
    tells: "statuses",
  },
  { name: "sticky, without windows", rules: {}, tells: "resets" },
  { name: "cdx2", rules: {}, tells: "windows" },
  { name: "cdx2, 2 % in reserve", rules: { minRemainingPercent: 2 }, tells: "windows" },
];

/** Plays one day. Another seed gives another day. */
export function simulatedDay({ rules, tells }: Contender, seed: number): Figures {
  const { settings } = resolveSettings({ flags: {}, env: {}, homeFolder: "/", cwd: "/" });
  const allRules = { ...settings, ...rules };
  const random = new Random(seed);
  const turns = workingDay(START_MS, random);
  const keys = new SimulatedKeys(turns, {
    startMs: START_MS,
    random,
    tells,
    reservePercent: allRules.minRemainingPercent,
  });
  return figuresOf(replay(turns, { keys: FILES, upstream: keys, rules: allRules }), keys.exhausted);
}

const ROWS: readonly (readonly [name: string, text: (figures: Figures) => string])[] = [
  ["turns", ({ turns }) => String(turns)],
  ["refused because no key was left", ({ refused }) => String(refused)],
  ["turns whose key changed", ({ changes, turns }) => `${sum(changes)} (${percent(sum(changes), turns)})`],
  ["– because its window was used up", ({ changes }) => String(changes.window)],
  ["– because of a burst", ({ changes }) => String(changes.burst)],
  ["– after more than an hour without a turn", ({ changes }) => String(changes.idle)],
  ["– although its key was usable", ({ changes }) => String(changes.needless)],
  ["windows used up", ({ exhausted }) => String(exhausted)],
  ["sessions moved per used-up window", ({ changes, exhausted }) => (changes.window / exhausted).toFixed(1)],
  ["moves of one session per used-up window, at most", ({ mostPerWindow }) => String(mostPerWindow)],
  ["429s that attempts met, for a quota", ({ quota429s }) => String(quota429s)],
  ["429s that attempts met, for a burst", ({ burst429s }) => String(burst429s)],
  ["turns on a warm key", ({ warm, further }) => percent(warm, further)],
];

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function percent(part: number, whole: number): string {
  return `${(part / whole * 100).toFixed(1)} %`;
}

function table(columns: readonly (readonly [name: string, figures: Figures])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(["", ...columns.map(([name]) => name)]),
    line(["---", ...columns.map(() => "---:")]),
    ...ROWS.map(([name, text]) => line([name, ...columns.map(([, figures]) => text(figures))])),
  ].join("\n");
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { days: { type: "string", default: "20" }, seed: { type: "string", default: "1" } },
  });
  const seeds = Array.from({ length: Number(values.days) }, (_day, index) => Number(values.seed) + index);
  const columns = CONTENDERS.map((contender) =>
    [contender.name, summed(seeds.map((seed) => simulatedDay(contender, seed)))] as const
  );
  console.log(`${values.days} days from seed ${values.seed}, added up\n\n${table(columns)}`);
}
