/**
 * The way out to the network: what it is (Send), and the one with `fetch`. What a proxy needs of `fetch` (HTTP/1.1, no
 * redirects) is set here. Our own client is in http_client.ts, and the way in is in http_server.ts.
 * @module
 */

import { joined } from "../values/bytes.ts";
import { osReason } from "../values/os_reason.ts";
import type { SomeBody } from "./http_body.ts";
import { IDLE_MAX_COUNT, IDLE_MAX_MS } from "./http_pool.ts";
import { tlsFault } from "./tls_fault.ts";

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

/** The head of an answer; its body is read once, or cancelled. */
export interface HttpAnswer extends Pick<Response, "status" | "headers"> {
  /** Null when there is none. */
  readonly body: SomeBody | null;
}

/** The same for what comes from an upstream. @throws {@link SendError} */
export type SendUpstream = (request: UpstreamRequest) => Promise<HttpAnswer>;

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
  return osReason(last);
}
