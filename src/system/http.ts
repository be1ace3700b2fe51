/**
 * The network: what a way out is (Send), the one with `fetch`, and the way in (serve). What a proxy needs of `fetch`
 * (HTTP/1.1, no redirects) is set here. Our own client is in http_client.ts.
 * @module
 */

import { joined } from "../values/bytes.ts";
import type { SomeBody } from "./answer_body.ts";
import { systemClock, withDeadline } from "./clock.ts";
import { IDLE_MAX_COUNT, IDLE_MAX_MS } from "./http_pool.ts";
import { tlsFault } from "./tls_fault.ts";
import { type Upgrade, upgrade } from "./ws_upgrade.ts";

/** A request to the upstream, or to the proxy itself. */
export interface UpstreamRequest {
  /** With the query. */
  readonly url: string;
  /** Any that `fetch` sends. */
  readonly method: string;
  /** Sent as they are. */
  readonly headers: Headers;
  /** Absent when there is none. */
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
  /** A body in parts, in the place of `body`: they are sent one after the other. */
  readonly bodyParts?: readonly Uint8Array<ArrayBuffer>[] | undefined;
  /** Ends the request when it aborts. */
  readonly signal: AbortSignal;
  /** Told of the sending, which may go on after the answer and reads the body until it ends. It never rejects. */
  readonly onSending?: ((sending: Promise<unknown>) => void) | undefined;
  /** It may be sent on a connection that was used before; only {@link Connections} ask. */
  readonly mayReuse?: boolean;
}

/** Resolves with the head of the answer, its body still to come. @throws {@link SendError} */
export type Send = (request: UpstreamRequest) => Promise<Response>;

/** The head of an answer from an upstream; its body is read once, or cancelled. */
export interface UpstreamResponse extends Pick<Response, "status" | "headers"> {
  /** Null when there is none. */
  readonly body: SomeBody | null;
}

/** The same for what comes from an upstream. @throws {@link SendError} */
export type SendUpstream = (request: UpstreamRequest) => Promise<UpstreamResponse>;

/**
 * Why there is no answer. `not_sent`: no byte of the request has left, so it is safe to try again. `interrupted`: no
 * answer has come. `bad_answer`: one that no client may get.
 */
export type SendFailure = "not_sent" | "interrupted" | "bad_answer" | "aborted";

/** A request that got no answer. */
export class SendError extends Error {
  /** For messages. */
  override readonly name = "SendError";
  /**
   * `message` is a few words without secrets, such as `connection refused`. `wasUsed`: whether the connection had carried
   * a request before; `undefined` where that is not known.
   */
  constructor(readonly failure: SendFailure, message: string, readonly wasUsed?: boolean) {
    super(message);
  }
}

/** A {@link Send} that keeps its connections for the next request. */
export function createSend(): Send {
  const client = httpClient(KEEP_USED);
  return (request) => sendWith(client, request);
}

/** The connections to an upstream. */
export interface Connections {
  /** Sends on a new connection, which is then closed; or on a used one where the request allows it. */
  readonly send: SendUpstream;
  /** Keeps further requests off the connections that are open now. Those that are under way go on. */
  readonly dropUsed: () => void;
}

/** The connections of `fetch`. A caller of `send` decides whether a request is sent on a connection that was used before. */
export function openConnections(): Connections {
  const single = httpClient({ poolMaxIdlePerHost: 0 });
  let kept: Deno.HttpClient | undefined;
  return {
    send: (request) => sendWith(request.mayReuse ? kept ??= httpClient(KEEP_USED) : single, request),
    dropUsed() {
      // Measured on Deno 2.6.8 and 2.9.6: requests of a closed client go on, their answers and streams included.
      kept?.close();
      kept = undefined;
    },
  };
}

const KEEP_USED = { poolMaxIdlePerHost: IDLE_MAX_COUNT, poolIdleTimeout: IDLE_MAX_MS };

// HTTP/2 uploads stall on Nagle's delay in Deno's client: 0.9 s for 1 MB where HTTP/1.1 takes 5 ms.
function httpClient(pool: Deno.CreateHttpClientOptions): Deno.HttpClient {
  return Deno.createHttpClient({ http2: false, http1: true, ...pool });
}

async function sendWith(
  client: Deno.HttpClient,
  { url, method, headers, body, bodyParts, signal }: UpstreamRequest,
): Promise<Response> {
  const whole = bodyParts ? joined(bodyParts) : body;
  const options = { client, method, headers, body: whole ?? null, signal, redirect: "manual" } as const;
  const response = await fetch(url, options).catch((error) => {
    throw toSendError(error, signal);
  });
  return isFinalAnswer(response) ? response : await refuseAnswer(response);
}

/** Nobody asked for another protocol (101), and over 599 there are no statuses (RFC 9110 §15); no answer may have them. */
export function isFinalAnswer({ status }: { readonly status: number }): boolean {
  return status >= 200 && status <= 599;
}

async function refuseAnswer({ status, body }: Response): Promise<never> {
  await body?.cancel().catch(() => {});
  throw oddStatus(status);
}

/** The error for an answer with a status that no answer may have. */
export function oddStatus(status: number): SendError {
  return new SendError("bad_answer", `it answered with status ${status}, which is not for an answer`);
}

/** The error for a request whose signal has aborted. */
export function attemptEnded(): SendError {
  return new SendError("aborted", "the attempt was ended");
}

function toSendError(error: unknown, signal: AbortSignal): SendError {
  if (signal.aborted) return attemptEnded();
  const message = messageOf(error);
  const isConnect = message.includes("client error (Connect)");
  return new SendError(isConnect ? "not_sent" : "interrupted", reasonIn(message));
}

/** Why a connection failed, in a few words without secrets, such as `connection refused`. */
export function reasonOf(error: unknown): string {
  return reasonIn(messageOf(error));
}

// Deno 2.9 says only "fetch failed" and gives the reason as the cause; 2.6 gives it at once.
function messageOf(error: unknown): string {
  const told = error instanceof Error ? error.cause ?? error : error;
  return told instanceof Error ? told.message : String(told);
}

// "error sending request for url (…): client error (Connect): tcp connect error: Connection refused (os error 111)"
// ends with what matters, and the URL in it may hold secrets in its query. A URL has no blanks, so none of it is after
// the last colon with one.
function reasonIn(message: string): string {
  const fault = tlsFault(message);
  if (fault) return fault.text;
  const parts = message.split(": ");
  const last = parts.length > 1 ? parts.at(-1)! : message.replace(/ (?:for url|from) .*/, "");
  return last.replace(/\s*\(os error \d+\)/, "").trim().toLowerCase();
}

/** A request to our server and its answer. */
export interface Exchange {
  /** The address that the client came from, without port. */
  readonly clientIp: string;
  /** Resolves when it has ended: the whole answer has been sent, or the client disconnected before. */
  readonly completed: Promise<void>;
  /** Makes a WebSocket of the request; its answer then has to be returned. */
  readonly upgrade: Upgrade;
}

/** Answers a request. When it rejects, the answer is 500 and nothing is reported. */
export type Handler = (request: Request, exchange: Exchange) => Promise<Response>;

/** A server that listens. */
export interface Listener {
  /** The port that it listens on. */
  readonly port: number;
  /**
   * Resolves with the reason once it accepts no connection any more, as when the process is out of descriptors. Open
   * exchanges go on. Deno 2.6 notices only when the last of them has ended: until then see {@link accepts}.
   */
  readonly failed: Promise<string>;
  /**
   * Stops listening, closes the connections without a request, and resolves when the open exchanges have ended. Deno
   * 2.9 also closes WebSockets, and may never resolve.
   */
  shutdown(): Promise<void>;
}

/** Why listening failed. */
export type ListenFailure = "address_in_use" | "address_not_available" | "denied" | "other";

/** A server that cannot listen. */
export class ListenError extends Error {
  /** For messages. */
  override readonly name = "ListenError";
  /** `message` is what the system says. */
  constructor(readonly reason: ListenFailure, message: string) {
    super(message);
  }
}

/** {@link serve}, so that a test can listen without a socket. */
export type Listen = (options: { hostname: string; port: number }, handle: Handler) => Listener;

/** Listens on `hostname` and `port` (0: the system picks one). @throws {@link ListenError} */
export function serve(options: { hostname: string; port: number }, handle: Handler): Listener {
  try {
    const server = Deno.serve(
      {
        hostname: options.hostname,
        port: options.port,
        onListen: () => {},
        // Deno 2.9 also calls it for each answer that broke off, and without it prints those with their stacks.
        onError: () => new Response(null, { status: 500 }),
      },
      (request, info) => {
        const clientIp = info.remoteAddr.transport === "tcp" ? info.remoteAddr.hostname : "";
        // Deno 2.6 rejects it when the client disconnects, 2.9 does not.
        const completed = info.completed.catch(() => {});
        return handle(request, { clientIp, completed, upgrade: (listener) => upgrade(request, listener) });
      },
    );
    const failed = Promise.withResolvers<string>();
    // Unhandled, this rejection would end the whole process.
    server.finished.catch((error) => failed.resolve(reasonOf(error)));
    return { port: server.addr.port, failed: failed.promise, shutdown: () => server.shutdown() };
  } catch (error) {
    throw toListenError(error);
  }
}

/** A port of `hostname` that nobody listens on at this moment. @throws {@link ListenError} */
export function freePort(hostname: string): number {
  try {
    const listener = Deno.listen({ hostname, port: 0 });
    listener.close();
    return listener.addr.port;
  } catch (error) {
    throw toListenError(error);
  }
}

/** Whether a server accepts connections. `unknown`: we had no descriptor or no time to find out. */
export type Acceptance = "yes" | "no" | "unknown";

// Not HTTP: the server answers 400 by itself, before it asks any handler.
const NO_REQUEST = new TextEncoder().encode("?\r\n\r\n");

/** Asks a server of ours for a sign of life; `no` when none comes within `timeoutMs`, unless we were too busy ourselves. Never rejects. */
export async function accepts(
  address: { readonly hostname: string; readonly port: number },
  timeoutMs: number,
): Promise<Acceptance> {
  const begunMs = systemClock.elapsedMs();
  const answer = await withDeadline(systemClock, timeoutMs, (deadline) => signOfLife(address, deadline));
  return answer ?? meaningOfSilence(systemClock.elapsedMs() - begunMs, timeoutMs);
}

// On an event loop that is free, a timer is late by a few milliseconds.
const LATE_MS = 100;

/** What it means that no sign of life came, when waiting for it took `tookMs`: this thread may have had no time to see one. */
export function meaningOfSilence(tookMs: number, timeoutMs: number): Acceptance {
  return tookMs > timeoutMs + LATE_MS ? "unknown" : "no";
}

async function signOfLife(
  address: { readonly hostname: string; readonly port: number },
  deadline: AbortSignal,
): Promise<Acceptance> {
  try {
    using connection = await Deno.connect({ ...address, signal: deadline });
    deadline.addEventListener("abort", () => connection[Symbol.dispose]());
    await connection.write(NO_REQUEST);
    return await connection.read(new Uint8Array(1)) === null ? "no" : "yes";
  } catch (error) {
    return error instanceof Deno.errors.ConnectionRefused ? "no" : "unknown";
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
