/**
 * Has the proxy take part in a shared pool, where there is one. Elsewhere nothing of it is loaded.
 * @module
 */

import type { WorkerStart } from "./sandbox.ts";
import type { SharedPool, SharedPoolOptions } from "./shared_pool.ts";

/** This proxy as a member; `undefined` where there is no shared pool. */
export async function joinShared(
  { shared, version }: Pick<WorkerStart, "shared" | "version">,
  options: Omit<SharedPoolOptions, "version">,
): Promise<SharedPool | undefined> {
  if (!shared) return undefined;
  const { SharedPool } = await import("./shared_pool.ts");
  return await SharedPool.join(shared, { ...options, version });
}
