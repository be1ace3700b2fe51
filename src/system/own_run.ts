/**
 * How this run of the program was called, and its end. Apart from what else there is of processes, because main.ts reads
 * this before it knows what for.
 * @module
 */

/** The arguments of this program. */
export function commandLine(): readonly string[] {
  return Deno.args;
}

/** Ends this process at once. */
export function exitProcess(code: number): never {
  Deno.exit(code);
}
