/**
 * Opens connections to servers: where one goes, through which HTTP proxy, and with TLS for https. Shared by all clients
 * of our own. TLS begins on a connection that is there already, because `Deno.connectTls` leaves Nagle's delay on: a
 * request in two writes then takes 44 ms.
 * @module
 */

import { joined } from "../values/bytes.ts";
import { connectToAny } from "./any_address.ts";
import { type Clock, withDeadline } from "./clock.ts";
import { attemptEnded, reasonOf, SendError } from "./http.ts";
import { HeadReader, OPENING_HEAD_MAX_BYTES } from "./http_head.ts";
import { systemNames, UnresolvedName } from "./name_lookup.ts";
import { requestBytes } from "./http_request.ts";
import { closeQuietly, readMore, writeJoined } from "./wire.ts";
import { latencyText } from "../values/durations.ts";

/** Where a connection goes. */
export interface Address {
  /** A name or an IP address, IPv6 without brackets. */
  readonly hostname: string;
  /** That of the scheme when the URL names none. */
  readonly port: number;
  /** Host and port, IPv6 in brackets. */
  readonly authority: string;
  /** Whether TLS is spoken there. */
  readonly isTls: boolean;
}

/** Where a connection for an http or https URL goes. */
export function addressOf({ hostname, port, protocol }: URL): Address {
  const isTls = protocol === "https:";
  const number = Number(port || (isTls ? 443 : 80));
  return {
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: number,
    authority: `${hostname}:${number}`,
    isTls,
  };
}

/** How to connect. */
export interface ConnectOptions {
  /** Measures the time. */
  readonly clock: Clock;
  /** Gives up when it aborts. */
  readonly signal: AbortSignal;
  /** For all of it: the name, the connection, the HTTP proxy and the TLS handshake. */
  readonly timeoutMs: number;
  /** Opens a tunnel for us (CONNECT), credentials included; its scheme is http. `undefined`: there is none. */
  readonly httpProxy: URL | undefined;
  /** For servers that do not speak HTTP. */
  readonly tls?: TlsOptions;
}

/** How TLS is spoken with a server. */
interface TlsOptions {
  /** The certificate authorities, as PEM; `undefined`: those of the system. */
  readonly caCerts: string[] | undefined;
  /** What is spoken over it; `undefined`: nothing is said about that. */
  readonly alpnProtocols: string[] | undefined;
}

const HTTP_TLS: TlsOptions = { caCerts: undefined, alpnProtocols: ["http/1.1"] };

/**
 * The HTTP proxy that opens tunnels to an origin. `undefined`: the way leads through none; `none`: it leads through one
 * that opens none for us, so that we cannot connect.
 */
export type TunnelTo = (origin: string) => URL | "none" | undefined;

/** How a client of our own reaches servers. */
export interface ReachOptions {
  /** Measures the times. */
  readonly clock: Clock;
  /** How long a connection may take. */
  readonly connectTimeoutMs: number;
  /** Opens the tunnels for connections. */
  readonly tunnelTo: TunnelTo;
}

/** The HTTP proxy on the way to an origin; `undefined`: there is none. @throws {@link SendError} where it opens no tunnel */
export function httpProxyTo(origin: string, tunnelTo: TunnelTo): URL | undefined {
  const httpProxy = tunnelTo(origin);
  if (httpProxy === "none") throw new SendError("not_sent", "the proxy on the way opens no tunnel for us");
  return httpProxy;
}

/** A connection that is ready, without Nagle's delay. */
export type Connection = Deno.TcpConn | Deno.TlsConn;

/** Connects. @throws {@link SendError} `not_sent`, or `aborted` when the signal did. */
export async function connect(
  to: Address,
  { clock, signal, timeoutMs, httpProxy, tls = HTTP_TLS }: ConnectOptions,
): Promise<Connection> {
  try {
    const connection = await withDeadline(
      clock,
      timeoutMs,
      (deadline) => opened(to, { clock, httpProxy, tls, signal: AbortSignal.any([signal, deadline]) }),
    );
    if (connection) return connection;
  } catch (error) {
    if (signal.aborted) throw attemptEnded();
    throw error instanceof SendError ? error : new SendError("not_sent", reasonOf(error));
  }
  if (systemNames.isPending(firstStop(to, httpProxy))) {
    throw new UnresolvedName(`no name server has answered within ${latencyText(timeoutMs)}`);
  }
  throw new SendError("not_sent", `no connection within ${latencyText(timeoutMs)}`);
}

function firstStop(to: Address, httpProxy: URL | undefined): Address {
  return httpProxy ? addressOf(httpProxy) : to;
}

/** Rejects once `signal` aborts. */
async function opened(
  to: Address,
  { clock, httpProxy, tls, signal }: Required<Pick<ConnectOptions, "clock" | "httpProxy" | "tls" | "signal">>,
): Promise<Connection> {
  const { hostname, port } = firstStop(to, httpProxy);
  const plain = await connectToAny({ hostname, port }, { clock, signal });
  let connection: Connection = plain;
  const aborted = Promise.withResolvers<never>();
  const stop = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    plain.setNoDelay(true);
    if (httpProxy) await Promise.race([openTunnel(plain, to, httpProxy), aborted.promise]);
    if (to.isTls) {
      connection = await Deno.startTls(plain, { hostname: to.hostname, ...definedOf(tls) });
      await Promise.race([connection.handshake(), aborted.promise]);
    }
    signal.throwIfAborted();
    return connection;
  } catch (error) {
    // Measured: below an unfinished handshake Deno keeps the socket open until the server answers or closes it.
    closeQuietly(connection);
    throw error;
  } finally {
    aborted.promise.catch(() => {});
    signal.removeEventListener("abort", stop);
  }
}

function definedOf({ caCerts, alpnProtocols }: TlsOptions): Deno.StartTlsOptions {
  return { ...(caCerts && { caCerts }), ...(alpnProtocols && { alpnProtocols }) };
}

/** Asks the HTTP proxy for a tunnel (RFC 9110 §9.3.6). */
async function openTunnel(connection: Connection, { authority }: Address, httpProxy: URL): Promise<void> {
  const request = { method: "CONNECT", target: authority, host: authority, headers: [], body: undefined };
  const { head: question } = requestBytes({ ...request, lines: proxyAuthorization(httpProxy) });
  await writeJoined(connection, question, []);
  const reader = new HeadReader(0, OPENING_HEAD_MAX_BYTES);
  let bytes = new Uint8Array(0);
  for (;;) {
    const more = await readMore(connection);
    if (!more) throw new SendError("not_sent", "the HTTP proxy closed the connection");
    bytes = joined([bytes, more]);
    const head = reader.read(bytes, bytes.length);
    if (!head) continue;
    const { status, end } = head;
    if (status < 200 || status > 299) {
      throw new SendError("not_sent", `the HTTP proxy answered with status ${status}`);
    }
    // No server speaks first to a client of HTTP or TLS.
    if (end < bytes.length) throw new SendError("not_sent", "the HTTP proxy sent more than an answer");
    return;
  }
}

/** The header line with the credentials of an HTTP proxy (RFC 7617); none when its URL has none. */
export function proxyAuthorization({ username, password }: URL): readonly string[] {
  if (username === "" && password === "") return [];
  const credentials = new TextEncoder().encode(`${decoded(username)}:${decoded(password)}`);
  return [`proxy-authorization: Basic ${credentials.toBase64()}`];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether a connection can be established within a time; its signal plays no part. Never rejects. */
export async function canConnect(
  to: Address,
  options: Pick<ConnectOptions, "clock" | "timeoutMs">,
): Promise<boolean> {
  const { signal } = new AbortController();
  return await connect(to, { ...options, signal, httpProxy: undefined })
    .then((connection) => (closeQuietly(connection), true), () => false);
}
