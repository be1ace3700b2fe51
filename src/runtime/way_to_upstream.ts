/**
 * What is needed to send something to the upstreams of a pool.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import { addressOf, canConnect, type TunnelTo } from "../system/connect.ts";
import { FetchFallback } from "../system/fetch_fallback.ts";
import { openConnections } from "../system/http.ts";
import { ownConnections } from "../system/http_client.ts";
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
  /** How connections of our own get to an origin. */
  readonly tunnelTo: TunnelTo;
  /** Names this program in questions of its own. */
  readonly userAgent: string;
}

/** The way to the upstreams of a worker. Nothing is connected yet. */
export function wayToUpstream(
  { settings, proxiedOrigins, version }: Pick<WorkerStart, "settings" | "proxiedOrigins" | "version">,
  clock: Clock,
): WayToUpstream {
  const upstreams = new Upstreams(settings.upstream);
  const proxies = new Map(proxiedOrigins.map(({ origin, tunnelUrl }) => [origin, tunnelUrl]));
  const tunnelTo = (origin: string) =>
    proxies.has(origin) ? URL.parse(proxies.get(origin) ?? "") ?? "none" : undefined;
  const byFetch = openConnections();
  // The other half of the time is for fetch.
  const own = ownConnections({ clock, connectTimeoutMs: settings.connectTimeoutMs / 2, tunnelTo });
  const dropUsed = () => {
    byFetch.dropUsed();
    own.dropUsed();
  };
  const links = new Map<string, UpstreamLink>();
  const linkTo = ({ origin }: Upstream): UpstreamLink =>
    links.getOrInsertComputed(origin, () => {
      const fallback = new FetchFallback({ own: own.send, fetch: byFetch.send, clock });
      const to = addressOf(new URL(origin));
      return {
        send: settings.upstreamClient === "fetch" ? byFetch.send : fallback.send,
        reuse: new ConnectionReuse(clock, dropUsed),
        clock,
        canConnect: proxies.has(origin)
          ? undefined
          : askedOnce((timeoutMs) => canConnect(to, { clock, timeoutMs })),
        timeouts: settings,
      };
    });
  return { upstreams, link: linkTo(upstreams.main), linkTo, tunnelTo, userAgent: `cdx2/${version}` };
}

/** One connection answers all who ask meanwhile: of an upstream that is silent, or whose name does not resolve, many do. */
function askedOnce(ask: (timeoutMs: number) => Promise<boolean>): (timeoutMs: number) => Promise<boolean> {
  let asking: Promise<boolean> | undefined;
  return (timeoutMs) => asking ??= ask(timeoutMs).finally(() => asking = undefined);
}
