// The network: one way out (Send), one way in (serve). fetch stands behind Send so that it can be replaced; what
// it needs to behave as a proxy's client (HTTP/1.1, identity encoding, no redirects) is settled here.

import { systemClock } from "./clock.ts";

export interface UpstreamRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

/** Resolves with the head of the answer, its body still to come. @throws {@link SendError} */
export type Send = (request: UpstreamRequest) => Promise<Response>;

/** Why there is no answer. `not_sent`: no byte of the request left, so that trying again is safe. */
export type SendFailure = "not_sent" | "interrupted" | "aborted";

export class SendError extends Error {
  override readonly name = "SendError";
  constructor(readonly failure: SendFailure, message: string) {
    super(message);
  }
}

/** A {@link Send} with a connection pool of its own. */
export function createSend(): Send {
  // HTTP/2 uploads stall on Nagle's delay in Deno's client: 0.9 s for 1 MB where HTTP/1.1 takes 5 ms.
  const client = Deno.createHttpClient({ http2: false, http1: true, poolMaxIdlePerHost: 64 });
  return async ({ url, method, headers, body, signal }) => {
    try {
      return await fetch(url, { client, method, headers, body: body ?? null, signal, redirect: "manual" });
    } catch (error) {
      throw toSendError(error, signal);
    }
  };
}

function toSendError(error: unknown, signal: AbortSignal): SendError {
  if (signal.aborted) return new SendError("aborted", "the attempt was ended");
  const message = rootMessage(error);
  const chain = error instanceof Error ? error.message : "";
  const isConnect = chain.includes("client error (Connect)") || chain.includes("dns error");
  return new SendError(isConnect ? "not_sent" : "interrupted", message);
}

// "error sending request for url (…): client error (Connect): tcp connect error: Connection refused (os error 111)"
// says the useful thing last, and the URL in the middle may hold secrets in its query.
function rootMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const parts = message.replace(/for url \([^)]*\)/, "").split(": ");
  return (parts.at(-1) ?? message).replace(/\s*\(os error \d+\)/, "").trim().toLowerCase();
}

/** True when a connection (with TLS for https) to the URL's host comes about within `timeoutMs`. */
export async function canConnect(url: string, timeoutMs: number): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const isTls = protocol === "https:";
  const address = {
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || (isTls ? 443 : 80)),
  };
  const connecting = isTls ? Deno.connectTls(address) : Deno.connect(address);
  const connected = connecting.then((connection) => (connection.close(), true), () => false);
  const answered = new AbortController();
  const timedOut = systemClock.sleep(timeoutMs, answered.signal).then(() => false);
  return await Promise.race([connected, timedOut]).finally(() => answered.abort());
}

export interface Exchange {
  /** The address that the client came from, without port. */
  readonly clientIp: string;
  /** Resolves when the answer has gone out whole, rejects when the client left before. */
  readonly completed: Promise<void>;
}

export type Handler = (request: Request, exchange: Exchange) => Promise<Response>;

export interface Listener {
  readonly port: number;
  /** Stops listening and resolves when the open exchanges have ended. */
  shutdown(): Promise<void>;
}

/** Why listening failed. */
export type ListenFailure = "address_in_use" | "address_not_available" | "denied" | "other";

export class ListenError extends Error {
  override readonly name = "ListenError";
  constructor(readonly reason: ListenFailure, message: string) {
    super(message);
  }
}

/** Listens on `hostname` and `port` (0: the system picks one). @throws {@link ListenError} */
export function serve(options: { hostname: string; port: number }, handle: Handler): Listener {
  try {
    const server = Deno.serve(
      { hostname: options.hostname, port: options.port, onListen: () => {} },
      (request, info) => {
        const clientIp = info.remoteAddr.transport === "tcp" ? info.remoteAddr.hostname : "";
        return handle(request, { clientIp, completed: info.completed });
      },
    );
    return { port: server.addr.port, shutdown: () => server.shutdown() };
  } catch (error) {
    throw toListenError(error);
  }
}

function toListenError(error: unknown): ListenError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.AddrInUse) return new ListenError("address_in_use", message);
  if (error instanceof Deno.errors.AddrNotAvailable) return new ListenError("address_not_available", message);
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return new ListenError("denied", message);
  }
  return new ListenError("other", message);
}
