/**
 * What the running proxy says of itself to a client.
 * @module
 */

import type { ClientPage } from "../api/client_page.ts";
import { hasUsableKey } from "../auth/choice.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { WorkerStart } from "./sandbox.ts";

/** The part of the page that does not depend on the client. */
export function clientPageOf(
  { settings, version, pool, upstream, nowMs }: Pick<WorkerStart, "settings" | "version"> & {
    readonly pool: Pick<KeyPool, "wall" | "size">;
    readonly upstream: Pick<Upstream, "isChatGpt">;
    readonly nowMs: number;
  },
): Omit<ClientPage, "client"> {
  const reports = pool.wall.describe(nowMs);
  return {
    version,
    upstream: upstream.isChatGpt ? "chatgpt" : "other",
    takes_compressed: reports.every(({ record }) => record.upstream === undefined),
    websocket: settings.webSocket === "auto",
    keys: pool.size,
    usable: hasUsableKey(reports, nowMs + pool.wall.aheadMs),
  };
}
