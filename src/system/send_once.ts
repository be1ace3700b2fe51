/**
 * Sends what may be sent only once, such as a token that is used up then. `fetch` does not tell whether a request that was
 * given up had left this machine; where no connection opens, nothing had.
 * @module
 */

import type { Clock } from "./clock.ts";
import { addressOf, connect } from "./connect.ts";
import { closeQuietly } from "./wire.ts";
import type { Send } from "./http.ts";

/** How a server is found to be there. */
export interface SendOnceOptions {
  readonly clock: Clock;
  /** For the connection that is opened before, TLS included. */
  readonly connectTimeoutMs: number;
  /** Whether an HTTP proxy is on the way to a URL: then nothing is looked at before. */
  readonly isProxied: (url: string) => boolean;
}

/** The same way out, which fails with `not_sent` when no connection to the server opens in time. */
export function sendOnce(
  send: Send,
  { clock, connectTimeoutMs, isProxied }: SendOnceOptions,
): Send {
  return async (request) => {
    const { url, signal } = request;
    if (!isProxied(url)) {
      const to = addressOf(new URL(url));
      closeQuietly(await connect(to, { clock, signal, timeoutMs: connectTimeoutMs, httpProxy: undefined }));
    }
    return await send(request);
  };
}
