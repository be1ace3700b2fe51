// How many random cases a property is tried with. "deno task fuzz" sets FUZZ_RUNS to many more; a failure prints the
// seed with which fast-check repeats it.

/** The runs of one property. A slow one asks for fewer; in `deno task fuzz` it gets the same share. */
export function fuzzRuns(usual = 10_000): number {
  const factor = Number(Deno.env.get("FUZZ_RUNS") ?? 0) / 10_000;
  return Math.max(usual, Math.round(usual * factor));
}
