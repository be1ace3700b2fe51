/**
 * The own HTTP/1.1 client for upstreams. It sends exactly the headers that it is given besides `host` and
 * `content-length`, follows no redirect and decodes nothing. docs/decisions says how it compares with `fetch`.
 * @module
 */

import { headerPairs } from "../values/header_pairs.ts";
import { remembered } from "../values/remembered.ts";
import { addressOf, connect, httpProxyTo, proxyAuthorization, type ReachOptions } from "./connect.ts";
import type { Connections, UpstreamRequest } from "./http.ts";
import { HttpConnection } from "./http_connection.ts";
import { HttpPool } from "./http_pool.ts";
import { type RequestBytes, requestBytes } from "./http_request.ts";

/** The connections of a client of its own. An HTTP proxy gets requests without TLS as they are, not through a tunnel. */
export function ownConnections({ clock, connectTimeoutMs, tunnelTo }: ReachOptions): Connections {
  const pool = new HttpPool<HttpConnection>(clock);

  async function opened(
    { url, origin, protocol }: Destination,
    httpProxy: URL | undefined,
    signal: AbortSignal,
  ): Promise<HttpConnection> {
    const { generation } = pool;
    // An HTTP proxy takes requests for http as they are (RFC 9112 §3.2.2).
    const isTunnel = httpProxy !== undefined && protocol === "https:";
    const connection = await connect(addressOf(isTunnel ? url : httpProxy ?? url), {
      clock,
      signal,
      timeoutMs: connectTimeoutMs,
      httpProxy: isTunnel ? httpProxy : undefined,
    });
    return new HttpConnection(connection, {
      onIdle: (idle) => pool.give(origin, idle, generation),
      clock,
    });
  }

  return {
    async send(request) {
      const to = destinationOf(request.url);
      const { method, signal, onSending } = request;
      const httpProxy = httpProxyTo(to.origin, tunnelTo);
      const bytes = bytesOf(request, to, httpProxy);
      const used = request.mayReuse ? pool.take(to.origin) : undefined;
      const connection = used ?? await opened(to, httpProxy, signal);
      return await connection.exchange({ method, bytes, signal, onSending });
    },
    dropUsed: () => pool.drop(),
  };
}

/** Where a request goes. A URL makes each of its parts again, every time it is asked. */
interface Destination extends Pick<URL, "origin" | "protocol" | "host"> {
  readonly url: URL;
  readonly target: string;
}

// Nobody changes what it gives.
const destinationOf = remembered((text): Destination => {
  const url = new URL(text);
  const { origin, protocol, host, pathname, search } = url;
  return { url, origin, protocol, host, target: pathname + search };
});

function bytesOf(
  { method, headers, body, bodyParts }: UpstreamRequest,
  { protocol, origin, host, target }: Destination,
  httpProxy: URL | undefined,
): RequestBytes {
  const isWhole = httpProxy !== undefined && protocol === "http:";
  return requestBytes({
    method,
    target: (isWhole ? origin : "") + target,
    host,
    headers: headerPairs(headers),
    lines: isWhole ? proxyAuthorization(httpProxy) : [],
    body: bodyParts ?? (body && [body]),
  });
}
