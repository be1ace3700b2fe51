// Test runs may be beside each other, as of the source and of the executable. What a machine has once is locked.

/** Where tests keep what lasts longer than a run. */
export const CACHE = `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/cdx2-tests`;

/** Waits until no other test of this user has the lock. Disposing of it gives it back, as does the end of the process. */
export async function machineLock(name: string): Promise<Disposable> {
  await Deno.mkdir(CACHE, { recursive: true });
  const file = await Deno.open(`${CACHE}/${name}.lock`, { create: true, write: true });
  await file.lock(true);
  return file;
}
