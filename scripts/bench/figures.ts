/**
 * Figures of several rounds. On a machine that others use, absolute figures drift; what lasts is the ratio of two
 * contenders that were loaded one after the other. So ratios are taken within each round, and then their median. Pure.
 * @module
 */

/** What one contender did in one case of one round. */
export interface Measured {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** For each request; where there are paced events, for each of these. `undefined` where it cannot be known. */
  readonly cpuUs: number | undefined;
  /** From sending to reading a paced event. */
  readonly delayP50Ms: number | undefined;
  readonly delayP99Ms: number | undefined;
  /** Resident, right after the load. */
  readonly memoryMb: number | undefined;
}

/** The contenders of one case in one round, by id. */
export type Round = Readonly<Record<string, Measured>>;

/** How a contender compares with another one: medians of the ratios of each round. */
export interface Ratio {
  readonly requestsPerSecond: number;
  readonly cpu: number | undefined;
}

/** Medians of one contender in one case. */
export interface Figures extends Measured {
  /** Of our own contenders, to the bases that were measured, by id. */
  readonly against: Readonly<Record<string, Ratio>>;
  /** What it adds to the median time of a request without a proxy. */
  readonly addedP50Ms: number | undefined;
  /** The same for the delay of an event. */
  readonly addedDelayP50Ms: number | undefined;
}

/** The contenders that others are compared with. */
export const BASES: readonly string[] = ["nginx", "http-proxy"];
const DIRECT = "direct";

/** The figures of each contender of one case, by id. */
export function figuresOf(rounds: readonly Round[]): Readonly<Record<string, Figures>> {
  const ids = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(ids.map((id) => [id, figuresOfOne(rounds, id)]));
}

function figuresOfOne(rounds: readonly Round[], id: string): Figures {
  const over = (value: (measured: Measured, round: Round) => number | undefined) =>
    median(rounds.map((round) => round[id] && value(round[id], round)));
  const isProxyOfOurs = id !== DIRECT && !BASES.includes(id);
  const bases = isProxyOfOurs ? BASES.filter((base) => rounds[0]?.[base] !== undefined) : [];
  return {
    requestsPerSecond: over((measured) => measured.requestsPerSecond) ?? NaN,
    p50Ms: over((measured) => measured.p50Ms) ?? NaN,
    p99Ms: over((measured) => measured.p99Ms) ?? NaN,
    cpuUs: over((measured) => measured.cpuUs),
    delayP50Ms: over((measured) => measured.delayP50Ms),
    delayP99Ms: over((measured) => measured.delayP99Ms),
    memoryMb: over((measured) => measured.memoryMb),
    addedP50Ms: over((measured, round) => minus(measured.p50Ms, round[DIRECT]?.p50Ms)),
    addedDelayP50Ms: over((measured, round) => minus(measured.delayP50Ms, round[DIRECT]?.delayP50Ms)),
    against: Object.fromEntries(bases.map((base) => [base, {
      requestsPerSecond: over((one, round) => by(one.requestsPerSecond, round[base]?.requestsPerSecond)) ??
        NaN,
      cpu: over((one, round) => by(one.cpuUs, round[base]?.cpuUs)),
    }])),
  };
}

// Blocks differ by a few percent anyway. V8 sometimes rests before it compiles once more.
const BETTER = 0.97;
const BLOCKS_WITHOUT_GAIN = 3;

/** Whether the CPU time of blocks of requests, the oldest first, falls no further. */
export function isSettled(blocksUs: readonly number[]): boolean {
  const before = blocksUs.slice(0, -BLOCKS_WITHOUT_GAIN);
  const best = Math.min(...before);
  return before.length > 0 && blocksUs.slice(-BLOCKS_WITHOUT_GAIN).every((us) => us > best * BETTER);
}

/** The median and the 99th percentile of a list; NaN when it is empty. */
export function percentiles(values: readonly number[]): readonly [p50: number, p99: number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
  return [at(0.5), at(0.99)];
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined && Number.isFinite(value)) as number[];
  return known.length === 0 ? undefined : percentiles(known)[0];
}

function minus(value: number | undefined, base: number | undefined): number | undefined {
  return value === undefined || base === undefined ? undefined : value - base;
}

function by(value: number | undefined, base: number | undefined): number | undefined {
  return value === undefined || !base ? undefined : value / base;
}

/** The figures of all cases, by the names of the cases and the ids of the contenders. */
export type AllFigures = Readonly<Record<string, Readonly<Record<string, Figures>>>>;

// Two runs on a machine that others use differ by as much.
const TOLERANCE = 1.3;

/** What costs more CPU time than in earlier figures, beside the same other contender: a sentence for each. */
export function regressions(now: AllFigures, before: AllFigures): readonly string[] {
  return Object.entries(now).flatMap(([name, contenders]) =>
    Object.entries(contenders).flatMap(([id, figures]) =>
      Object.entries(figures.against).flatMap(([base, { cpu }]) => {
        const earlier = before[name]?.[id]?.against[base]?.cpu;
        if (cpu === undefined || earlier === undefined || cpu <= earlier * TOLERANCE) return [];
        return [
          `${name}: ${id} takes ${cpu.toFixed(2)} times the CPU of ${base}, and took ${earlier.toFixed(2)}`,
        ];
      })
    )
  );
}
