/**
 * The memory of this process, and how it goes back to the system.
 * @module
 */

/** What may stay at the end of a pool of glibc's, for good. */
export const POOL_END_BYTES = 16 * 2 ** 20;

/**
 * The environment for a process that serves for long: how glibc gives out memory (mallopt(3)), and that Deno takes
 * {@link MEMORY_SIGNAL}. Other systems look at none of it. By itself glibc has eight pools for each processor, and after one
 * large body it returns no smaller one to the system. Measured on the executable: 77 MB at rest instead of 83, and 170 with
 * 500 streams instead of 182.
 */
export const MEMORY: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: "2",
  // The most there is. Memory mapped for each piece is made again each time: an upload of 5 MB took four times the CPU time.
  MALLOC_MMAP_THRESHOLD_: "33554432",
  // As much of a pool's end stays for the next body. With 128 KiB, one process in four gave the place of each upload back at
  // once, and took it again page by page: 7.1 instead of 4.7 ms of CPU time for 5 MB; 8 and 12 MiB cost a tenth when four come
  // at once, 16 nothing. Not even returnMemory() returns it where the worker has the second pool, so it is not larger.
  MALLOC_TRIM_THRESHOLD_: String(POOL_END_BYTES),
  DENO_USR2_MEMORY_TRIM: "1",
};

/**
 * At this signal, Deno has glibc return all free pages and V8 collect all garbage, in each thread. The pages that V8's
 * garbage frees in glibc's pools only go with the next signal.
 */
export const MEMORY_SIGNAL = "SIGUSR2";

/** Sends this process {@link MEMORY_SIGNAL}, which it has to take. Does nothing on other systems than Linux. */
export function returnMemory(): void {
  if (Deno.build.os === "linux") Deno.kill(Deno.pid, MEMORY_SIGNAL);
}

/** The memory that this process takes, pages of the executable included. */
export function residentBytes(): number {
  return Deno.memoryUsage().rss;
}
