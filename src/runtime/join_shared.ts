/**
 * Has the proxy take part in a shared pool, where there is one. Elsewhere nothing of it is loaded.
 * @module
 */

import type { PoolHome } from "../api/pool_home.ts";
import type { WorkerStart } from "./sandbox.ts";
import type { PoolUsage } from "../api/pool_usage.ts";
import type { PoolUsageQuery, SharedPool, SharedPoolOptions } from "./shared_pool.ts";

/** This proxy as a member; `undefined` where there is no shared pool. */
export async function joinShared(
  { shared, version }: Pick<WorkerStart, "shared" | "version">,
  options: Omit<SharedPoolOptions, "version">,
): Promise<SharedPool | undefined> {
  if (!shared) return undefined;
  const { SharedPool } = await import("./shared_pool.ts");
  return await SharedPool.join(shared, { ...options, version });
}

/** What `GET /pool-usage` answers; text: why it cannot. */
export async function usedByAll(
  shared: SharedPool | undefined,
  query: PoolUsageQuery,
): Promise<PoolUsage | string> {
  if (!shared) return "this proxy shares no pool; CLIPROXY_SHARED names the server of one";
  try {
    return await shared.usedByAll(query);
  } catch (error) {
    return `the server of the shared pool cannot be asked: ${error instanceof Error ? error.message : error}`;
  }
}

/** What `POST /pool-home` answers. */
export async function movedHome(
  shared: SharedPool | undefined,
  file: string,
  isForced: boolean,
): Promise<PoolHome> {
  if (!shared) return { file, outcome: "no_pool", home: null };
  const move = await shared.moveHome(file, isForced);
  if (!move) return { file, outcome: "no_key", home: null };
  return { file, outcome: move.kind, home: "home" in move ? move.home ?? null : null };
}
