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

  async function opened(url: URL, httpProxy: URL | undefined, signal: AbortSignal): Promise<HttpConnection> {
    const { generation } = pool;
    // An HTTP proxy takes requests for http as they are (RFC 9112 §3.2.2).
    const isTunnel = httpProxy !== undefined && url.protocol === "https:";
    const connection = await connect(addressOf(isTunnel ? url : httpProxy ?? url), {
      clock,
      signal,
      timeoutMs: connectTimeoutMs,
      httpProxy: isTunnel ? httpProxy : undefined,
    });
    return new HttpConnection(connection, {
      onIdle: (idle) => pool.give(url.origin, idle, generation),
      clock,
    });
  }

  return {
    async send(request) {
      const url = parsed(request.url);
      const { method, signal, onSending } = request;
      const httpProxy = httpProxyTo(url.origin, tunnelTo);
      const bytes = bytesOf(request, url, httpProxy);
      const used = request.mayReuse ? pool.take(url.origin) : undefined;
      const connection = used ?? await opened(url, httpProxy, signal);
      return await connection.exchange({ method, bytes, signal, onSending });
    },
    dropUsed: () => pool.drop(),
  };
}

// Nobody changes what it gives.
const parsed = remembered((url) => new URL(url));

function bytesOf(
  { method, headers, body, bodyParts }: UpstreamRequest,
  { protocol, origin, host, pathname, search }: URL,
  httpProxy: URL | undefined,
): RequestBytes {
  const isWhole = httpProxy !== undefined && protocol === "http:";
  return requestBytes({
    method,
    target: (isWhole ? origin : "") + pathname + search,
    host,
    headers: headerPairs(headers),
    lines: isWhole ? proxyAuthorization(httpProxy) : [],
    body: bodyParts ?? (body && [body]),
  });
}
