/**
 * Where a request goes and which headers travel, both ways. Pure.
 * @module
 */

import type { AuthRecord } from "../auth/record.ts";

/** The upstream, taken apart once. */
export interface Upstream {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path behind the origin, without a slash at its end; may be empty. */
  readonly basePath: string;
  /** The ChatGPT backend, the real one or a stand-in: its base path ends in `/backend-api`. */
  readonly isChatGpt: boolean;
}

export type RouteName = "request" | "compact" | "models" | "other";

export interface Target {
  readonly url: string;
  readonly route: RouteName;
  /** The person's own login goes through unchanged here, when the client sends one. */
  readonly isPersonal: boolean;
}

/**
 * A request's URL under an origin that says nothing. The one that it comes with is made from the Host header, which
 * may be anything, no host at all included.
 */
export function requestUrl(text: string): URL {
  return new URL(text.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "http://localhost"));
}

const BACKEND = "/backend-api";

/** `url` is a normalised upstream setting, such as `https://chatgpt.com/backend-api`. */
export function parseUpstream(url: string): Upstream {
  const { origin, pathname } = new URL(url);
  const basePath = pathname.replace(/\/+$/, "");
  return { origin, basePath, isChatGpt: basePath.endsWith(BACKEND) };
}

/** `path` as the client sent it; `query` with its question mark, or empty. */
export function targetOf(upstream: Upstream, path: string, query: string): Target {
  const upstreamPath = upstream.isChatGpt ? chatGptPath(upstream, path) : upstream.basePath + path;
  return {
    url: upstream.origin + upstreamPath + query,
    route: routeOf(path),
    isPersonal: upstream.isChatGpt && isPersonalPath(upstreamPath.slice(upstream.basePath.length)),
  };
}

// Clients speak to the backend under several base paths; all of them mean the Codex routes.
function chatGptPath({ basePath }: Upstream, path: string): string {
  if (path === BACKEND || path.startsWith(`${BACKEND}/`)) return basePath.slice(0, -BACKEND.length) + path;
  const short = /^(?:\/v1)?(\/responses(?:\/.*)?|\/models)$/.exec(path)?.[1];
  return basePath + (short ? `/codex${short}` : path);
}

// Settings, plugins, usage and analytics belong to the person who logged in, not to whichever key is next.
function isPersonalPath(path: string): boolean {
  return !path.startsWith("/codex/") || path.startsWith("/codex/analytics-events");
}

function routeOf(path: string): RouteName {
  if (path.endsWith("/responses/compact")) return "compact";
  if (/\/responses(\/|$)/.test(path)) return "request";
  if (path.endsWith("/models")) return "models";
  return "other";
}

/** The `Authorization` of a client that logged in itself: a bearer token of the form of a JWT. */
export function hasOwnLogin(headers: Headers): boolean {
  return /^bearer\s+eyJ[\w-]+\.[\w-]+\.[\w-]*\s*$/i.test(headers.get("authorization") ?? "");
}

const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
// Settled anew for the upstream connection, or meant for this proxy alone.
const NOT_FORWARDED = new Set([
  ...HOP_BY_HOP,
  "accept-encoding",
  "content-length",
  "expect",
  "host",
  "x-cdx2-request-id",
  "x-management-key",
]);
// A cookie belongs to the account that it was set for; the next request may be another account's.
const NOT_RETURNED = new Set([...HOP_BY_HOP, "set-cookie"]);

/** Headers for the upstream, with the key in them; without a key the client's own login stays. */
export function requestHeaders(incoming: Headers, upstream: Upstream, key?: AuthRecord): Headers {
  const headers = endToEnd(incoming, NOT_FORWARDED);
  // Otherwise Deno asks for compression by itself and hands over a body that no longer matches its headers.
  headers.set("accept-encoding", "identity");
  if (!key) return headers;
  headers.set("authorization", `Bearer ${key.token.reveal()}`);
  if (upstream.isChatGpt) {
    headers.delete("chatgpt-account-id");
    if (key.accountId) headers.set("chatgpt-account-id", key.accountId);
  }
  return headers;
}

/** Headers for the client. */
export function responseHeaders(answered: Headers, requestId: string): Headers {
  const headers = endToEnd(answered, NOT_RETURNED);
  headers.set("x-cdx2-request-id", requestId);
  return headers;
}

function endToEnd(incoming: Headers, dropped: ReadonlySet<string>): Headers {
  const named = (incoming.get("connection") ?? "").toLowerCase().split(",").map((name) => name.trim());
  const headers = new Headers();
  for (const [name, value] of incoming) {
    if (!dropped.has(name) && !named.includes(name)) headers.append(name, value);
  }
  return headers;
}

/** The client's session, which its prompt cache hangs on: a header, else the `prompt_cache_key` of a plain JSON body. */
export function sessionOf(headers: Headers, body: Uint8Array | undefined): string | undefined {
  const named = headers.get("session-id") ?? headers.get("session_id");
  if (named) return named;
  return body && isPlainJson(headers) ? promptCacheKey(body) : undefined;
}

// The name stands near the beginning of what clients send.
const MODEL_WITHIN_BYTES = 4096;

/** The model asked for: Codex's routing hint, else the `model` of a plain JSON body; `undefined` when neither tells. */
export function modelOf(headers: Headers, body: Uint8Array | undefined): string | undefined {
  const hinted = /\bmodel=([\w.:-]+)/.exec(headers.get("x-codex-routing-hint") ?? "")?.[1];
  if (hinted !== undefined || !body || !isPlainJson(headers)) return hinted;
  const beginning = new TextDecoder().decode(body.subarray(0, MODEL_WITHIN_BYTES));
  return /(?<!\\)"model"\s*:\s*"([^"\\]{1,128})"/.exec(beginning)?.[1];
}

function isPlainJson(headers: Headers): boolean {
  return !headers.has("content-encoding") && /\bjson\b/i.test(headers.get("content-type") ?? "");
}

// A text search, since parsing a conversation of megabytes would cost more than all the rest. A match behind a
// backslash stands inside a string; one inside nested data does no harm.
const PROMPT_CACHE_KEY = /(?<!\\)"prompt_cache_key"\s*:\s*"([^"\\]{1,512})"/;

function promptCacheKey(body: Uint8Array): string | undefined {
  return PROMPT_CACHE_KEY.exec(new TextDecoder().decode(body))?.[1];
}
