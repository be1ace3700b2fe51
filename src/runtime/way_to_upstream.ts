/**
 * What is needed to send something to the upstreams of a pool.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import { addressOf, canConnect } from "../system/connect.ts";
import { openConnections } from "../system/http.ts";
import type { UpstreamLink } from "../upstream/attempt_watch.ts";
import { ConnectionReuse } from "../upstream/connection_reuse.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { Upstreams } from "../upstream/upstreams.ts";
import type { WorkerStart } from "./sandbox.ts";

/** The upstreams, and the way to each. */
export interface WayToUpstream {
  /** They know URLs and headers. */
  readonly upstreams: Upstreams;
  /** The way to the upstream of the settings. */
  readonly link: UpstreamLink;
  /** The way to any of them. */
  readonly linkTo: (upstream: Upstream) => UpstreamLink;
  /** Names this program in questions of its own. */
  readonly userAgent: string;
}

/** The way to the upstreams of a worker. Nothing is connected yet. */
export function wayToUpstream(
  { settings, originsThroughProxy, version }: Pick<
    WorkerStart,
    "settings" | "originsThroughProxy" | "version"
  >,
  clock: Clock,
): WayToUpstream {
  const upstreams = new Upstreams(settings.upstream);
  const proxied = new Set(originsThroughProxy);
  const connections = openConnections();
  const links = new Map<string, UpstreamLink>();
  const linkTo = ({ origin }: Upstream): UpstreamLink =>
    links.getOrInsertComputed(origin, () => ({
      send: connections.send,
      reuse: new ConnectionReuse(clock, connections.dropUsed),
      clock,
      canConnect: proxied.has(origin)
        ? undefined
        : (timeoutMs) => canConnect(addressOf(new URL(origin)), { clock, timeoutMs }),
      timeouts: settings,
    }));
  return { upstreams, link: linkTo(upstreams.main), linkTo, userAgent: `cdx2/${version}` };
}
