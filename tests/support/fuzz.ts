// How many random cases a property is tried with. "deno task fuzz" sets FUZZ_RUNS to many more, "deno task mutate" at first
// to fewer; a failure prints the seed with which fast-check repeats it.

/** The runs of one property. A slow one asks for fewer; of another FUZZ_RUNS it gets the same share. */
export function fuzzRuns(usual = 10_000): number {
  const runs = Number(Deno.env.get("FUZZ_RUNS") ?? 10_000);
  return Math.max(1, Math.round((usual * runs) / 10_000));
}
