/**
 * Whether a long mixed load went well. Pure.
 * @module
 */

/** What a process holds at one moment. */
export interface Sample {
  /** Open files and sockets. */
  readonly descriptors: number;
  /** Resident. */
  readonly memoryMb: number;
  /** How late its event loop was at most since the last sample; `undefined` where that was not measured. */
  readonly delayMs: number | undefined;
}

/** What a long load has shown. */
export interface Soak {
  /** Before the load. */
  readonly atStart: Sample;
  /** During the load, at equal distances. */
  readonly samples: readonly Sample[];
  /** When all connections of the load have been closed. */
  readonly atRest: Sample;
  /** Wrong answers, and requests without one. */
  readonly errors: readonly string[];
  /** At rest, before and after the second half of many short requests; `undefined`: there were none. */
  readonly aroundShort: readonly [before: Sample, after: Sample] | undefined;
}

// The log files are open for moments only; a connection may still be in its last seconds.
const MAX_LEFT_DESCRIPTORS = 4;
// Garbage collection makes it swing; a leak of 200 bytes a request would be more than this.
const MAX_GROWTH = 1.15;

/** What is wrong, a sentence each; empty when nothing is. */
export function complaints({ atStart, samples, atRest, errors, aroundShort }: Soak): readonly string[] {
  const left = atRest.descriptors - atStart.descriptors;
  const third = Math.floor(samples.length / 3);
  // The first third warms up.
  const early = median(samples.slice(third, 2 * third));
  const late = median(samples.slice(2 * third));
  return [
    ...errors.length > 0 ? [`${errors.length} errors, the first: ${errors[0]}`] : [],
    ...left > MAX_LEFT_DESCRIPTORS ? [`${left} descriptors are left over`] : [],
    ...third > 0 && late > early * MAX_GROWTH
      ? [
        `memory grows: ${early.toFixed(0)} MB in the second third of the time, ${
          late.toFixed(0)
        } MB in the last`,
      ]
      : [],
    ...aroundShort ? growthAtRest(aroundShort) : [],
  ];
}

function growthAtRest([before, after]: readonly [before: Sample, after: Sample]): readonly string[] {
  const left = after.descriptors - before.descriptors;
  return [
    ...left > MAX_LEFT_DESCRIPTORS ? [`${left} descriptors are left over after the short requests`] : [],
    ...after.memoryMb > before.memoryMb * MAX_GROWTH
      ? [
        `short requests take memory: ${before.memoryMb.toFixed(0)} MB before, ${
          after.memoryMb.toFixed(0)
        } MB after`,
      ]
      : [],
  ];
}

function median(samples: readonly Sample[]): number {
  const sorted = samples.map(({ memoryMb }) => memoryMb).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
