/**
 * The errors that the proxy answers with by itself. Users read their messages in the client that they use, so each says
 * what happened and what to type.
 * @module
 */

import type { RefusalBody, RefusalType } from "../api/refusal.ts";
import type { NameProblem } from "../auth/key_names.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { ProxyEvent, Publish } from "../observability/event.ts";
import type { Clock } from "../system/clock.ts";
import type { Failure } from "../upstream/attempt_watch.ts";
import type { ClientRequest } from "./client_request.ts";
import { counted, latencyText, timeLeftText } from "../values/durations.ts";

/** An error that the proxy answers with, before it is a Response. */
export interface Refusal {
  /** The HTTP status. */
  readonly status: number;
  /** For `error.type` and the event log. */
  readonly type: RefusalType;
  /** What happened and what to type, for the user. */
  readonly message: string;
  /** When the client may try again; `undefined` when nobody can say. */
  readonly retry: Retry | undefined;
  /**
   * The whole body as plain text, in several lines where there is more to say: Codex prints the body of a 400 as it is,
   * and JSON looks broken there. `undefined` for the form of the OpenAI API.
   */
  readonly plain: string | undefined;
}

/** When to try again. */
export interface Retry {
  /** Seconds from now, for `Retry-After` (RFC 9110 §10.2.3). */
  readonly afterS: number;
  /** When a key is available again, epoch seconds; `undefined` when none has to be waited for. */
  readonly resetsAtS: number | undefined;
}

/** A refusal; without `retry` nobody can say when the client may try again. */
export function refusal(status: number, type: RefusalType, message: string, retry?: Retry): Refusal {
  return { status, type, message, retry, plain: undefined };
}

/** The same for Codex, which prints a 400 and stops; after most other statuses it asks again and shows nothing. */
export function forCodex(refused: Refusal, plain = `${refused.message}\n`): Refusal {
  return { ...refused, status: 400, plain };
}

/** The headers that each answer of the proxy itself has, besides its type; `requestId` is that of the request. */
export function ownHeaders(requestId: string): Readonly<Record<string, string>> {
  // Without no-transform, some Deno versions compress what the client accepts compressed.
  return { "cache-control": "no-store, no-transform", "x-cdx2-request-id": requestId };
}

/** The answer to the request with this id, with the error in the form of the OpenAI API. */
export function toResponse(refusal: Refusal, requestId: string): Response {
  const { status, type, retry, plain } = refusal;
  const headers = new Headers({
    "content-type": plain === undefined ? "application/json" : "text/plain; charset=utf-8",
    ...ownHeaders(requestId),
  });
  if (retry) headers.set("retry-after", String(retry.afterS));
  // OpenAI's SDKs would sleep until a quota is back, for hours; this header ends their retries.
  if (type === "usage_limit_reached") headers.set("x-should-retry", "false");
  if (plain !== undefined) return new Response(plain, { status, headers });
  return new Response(JSON.stringify(bodyOf(refusal)), { status, headers });
}

/** The body of a refusal in the form of the OpenAI API. */
export function bodyOf({ type, message, retry }: Refusal): RefusalBody {
  const limit = retry?.resetsAtS === undefined
    ? {}
    : { resets_at: retry.resetsAtS, resets_in_seconds: retry.afterS };
  return { error: { type, message, ...limit } };
}

/** Reports a refusal, and answers the request with it. */
export function refuse(
  { publish, clock }: { readonly publish: Publish; readonly clock: Pick<Clock, "nowMs"> },
  refusal: Refusal,
  request: ClientRequest,
): Response {
  publish(refusalEvent(refusal, request, clock.nowMs()));
  return toResponse(refusal, request.requestId);
}

const NO_KEY_TYPES: ReadonlySet<RefusalType> = new Set(["usage_limit_reached", "no_usable_keys", "no_keys"]);

/** The event that reports a refusal. */
function refusalEvent(
  refusal: Refusal,
  { requestId, method, path, clientIp }: ClientRequest,
  atMs: number,
): ProxyEvent<"proxy.refused" | "auth.pool_exhausted"> {
  const { status, type, message } = refusal;
  const fields = { request_id: requestId, status, type, method, path, client_ip: clientIp };
  const event = NO_KEY_TYPES.has(type) ? "auth.pool_exhausted" : "proxy.refused";
  return { atMs, level: "warning", event, message, fields };
}

/** The request asks for a key by a name that means none, or several. */
export function unknownKey({ reason, hint }: NameProblem, isCodex: boolean): Refusal {
  const message = `cdx2 cannot pin this request to a key: ${reason}; ${hint}`;
  const refused = refusal(404, "unknown_key", message);
  return isCodex ? forCodex(refused) : refused;
}

/** An attempt without an answer. */
export interface Unanswered {
  /** Its upstream is named; `undefined` for the client's own login. */
  readonly key: Pick<AuthRecord, "upstream"> | undefined;
  /** Why there is none. */
  readonly failure: Failure;
}

/** An upstream gave no answer: that of the key, else the one at `settingsOrigin`. */
export function noAnswer(
  { key, failure: { isTimeout, reason } }: Unanswered,
  settingsOrigin: string,
): Refusal {
  const origin = key?.upstream === undefined ? settingsOrigin : new URL(key.upstream).origin;
  const message = `cdx2 got no answer from ${origin}: ${reason}`;
  return isTimeout
    ? refusal(504, "upstream_timeout", message)
    : refusal(502, "upstream_unreachable", message);
}

// Codex comes back after this time, up to five times, and by then usually gets through.
const BURST_RETRY_S = 3;

/** Two keys met a limit that is over within seconds; the others are spared. */
export function briefLimit(code: string): Refusal {
  const message =
    `the upstream limits requests for the moment (${code}), with one key as with another; try again`;
  return refusal(429, "rate_limit_exceeded", message, { afterS: BURST_RETRY_S, resetsAtS: undefined });
}

/** The upstream refused the request with a 401, and not because of the key. */
export function requestRefused(status: number, code: string | undefined, isCodex: boolean): Refusal {
  const name = code === undefined ? "" : `, ${code}`;
  const message =
    `the upstream refuses this request (status ${status}${name}); it is about the request, not about the keys of cdx2`;
  const refused = refusal(503, "upstream_refuses_request", message);
  return isCodex ? forCodex(refused) : refused;
}

/** As many attempts were made as one request may have, and other keys are left: the next request goes on with those. */
export function tooManyAttempts(count: number): Refusal {
  const keys = counted(count, "key");
  const message =
    `cdx2 tried ${keys} for this request, and none could serve it; try again, and others are tried. ` +
    'Type "cdx2 doctor" to see each key and its cause.';
  return refusal(503, "too_many_attempts", message, { afterS: 1, resetsAtS: undefined });
}

/** Every key was refused in the same way at the same time. */
export function refusedAlike(status: number): Refusal {
  const message =
    `the upstream refuses every key of cdx2 alike (status ${status}), so it is not about the keys; try again later`;
  return refusal(503, "upstream_refuses_all", message);
}

/** The request's body is over the limit. */
export function bodyTooLarge(maxBytes: number): Refusal {
  const limit = `${maxBytes / 1024 / 1024} MiB`;
  const message =
    `the request body is larger than cdx2 forwards (${limit}); CLIPROXY_BODY_LIMIT_MB raises the limit`;
  return refusal(413, "request_too_large", message);
}

/** The client stopped sending. */
export function bodyStalled(timeoutMs: number): Refusal {
  return refusal(408, "request_timeout", `nothing came of the request body for ${latencyText(timeoutMs)}`);
}

/** All request bodies together take as much memory as they may. */
export const NO_ROOM: Refusal = {
  status: 503,
  type: "overloaded",
  message:
    "cdx2 holds as many request bodies in memory as it may; try again, and raise CLIPROXY_BODY_MEMORY_MB if it " +
    "happens often",
  retry: { afterS: 2, resetsAtS: undefined },
  plain: undefined,
};

/** The request cannot be sent on as it came. */
export function notForwardable(reason: string): Refusal {
  return refusal(400, "not_forwardable", `cdx2 cannot forward this request: ${reason}`);
}

/** The path looks like a management endpoint, and is not one. */
export function noSuchPage(path: string): Refusal {
  return refusal(
    404,
    "no_such_page",
    `cdx2 has no page ${
      shown(path)
    }; the management endpoints are written in lower case, without a slash at the end`,
  );
}

const MAX_SHOWN_CHARS = 100;

/** The beginning of a text of the client's, in quotes; what is not printable ASCII is a question mark. */
export function shown(text: string): string {
  return JSON.stringify(text.replace(/[^ -~]/g, "?").slice(0, MAX_SHOWN_CHARS));
}

/** The guard refused the request. */
export function forbidden(reason: string): Refusal {
  return refusal(403, "forbidden", `cdx2 refuses this request: ${reason}`);
}

/** The request presents no client's key, or a wrong one. After a 401 Codex would renew its own login. */
export function clientKeyNeeded(isCodex: boolean): Refusal {
  const message =
    'cdx2 takes requests only with the key of a client, as the API key or in the header x-api-key; "cdx2 clients add NAME" ' +
    "on the machine of the proxy makes one";
  const refused = refusal(401, "client_key_needed", message);
  return isCodex ? forCodex(refused) : refused;
}

/** The address of the client presented one wrong key after another, and has to wait. */
export function tooManyWrongKeys(waitMs: number): Refusal {
  const afterS = Math.ceil(waitMs / 1000);
  const wait = timeLeftText(waitMs);
  const message = `cdx2 got too many wrong keys from this address; it looks at the next one in ${wait}`;
  return refusal(429, "too_many_wrong_keys", message, { afterS, resetsAtS: undefined });
}

/** A fault of ours ended this request. */
export function internalError(requestId: string): Refusal {
  const message = `cdx2 failed inside on this request; "cdx2 logs" shows it under ${requestId}`;
  return refusal(500, "internal_error", message);
}

/** The proxy is draining. */
export const SHUTTING_DOWN: Refusal = refusal(
  503,
  "shutting_down",
  "cdx2 is shutting down and takes no new requests",
);

/**
 * The answer to an upgrade where no WebSocket can be had. Codex then goes on over HTTP at once; other statuses cost it
 * seconds of retries.
 */
export const NO_WEBSOCKET: Refusal = refusal(
  426,
  "upgrade_refused",
  "cdx2 relays no WebSocket here; use HTTP",
);

/** Each key of the pool was asked what it has used, and none answered. */
export const USAGE_UNKNOWN: Refusal = refusal(
  503,
  "usage_unknown",
  'cdx2 could not ask any key for its usage. Type "cdx2 doctor" to see each key and its cause.',
);
