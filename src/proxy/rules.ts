/**
 * How a client's request is forwarded: what it says about itself (its path, its login, its session and its model), and
 * the plan made from that. Pure.
 * @module
 */

import { HeaderList } from "../values/header_list.ts";
import { nameHash } from "../auth/name_hash.ts";
import type { Settings } from "../config/settings_table.ts";
import type { Asked } from "../upstream/classify.ts";
import { blanked } from "../upstream/blank.ts";
import { copyEndToEnd, HOP_BY_HOP } from "../upstream/headers.ts";
import { type Repeating, repeatingOf } from "../upstream/lost_connection.ts";
import type { RouteName, Upstream } from "../upstream/upstream.ts";
import { remembered } from "../values/remembered.ts";
import type { Secret } from "../values/secret.ts";
import type { ClientRequest } from "./client_request.ts";
import { pinnedKey } from "./pin.ts";
import { NO_NAMES, type RequestNames } from "./request_names.ts";
import { idsInPath } from "./state_ids.ts";
import type { StepContext } from "./step.ts";

/** The settings that planning looks at. */
export type ForwardRules = Pick<Settings, "authDir" | "holdMs" | "maxAttempts" | "rotation">;

/** How one request is forwarded, whichever key it gets. */
export interface ForwardPlan {
  /** At the upstream, with the query. */
  readonly url: string;
  /** The kind of the request. */
  readonly route: RouteName;
  /** What the meaning of a refusal depends on. */
  readonly asked: Asked;
  /** The client's session, for the trace; `undefined` when it names none, or its own login goes through. */
  readonly session: string | undefined;
  /**
   * The model asked for, for the trace; `undefined` when the request does not name it, or for the client's own login.
   */
  readonly model: string | undefined;
  /** Whether a JSON answer gives out ids of what then lives at the key's account. */
  readonly givesOutIds: boolean;
  /** What it would mean to send the request again that may have arrived. */
  readonly repeating: Repeating;
  /** What the next step is decided from. */
  readonly context: StepContext;
}

/** What a plan is made with. */
export interface PlanningOptions {
  /** The settings. */
  readonly rules: ForwardRules;
  /** When the request came. */
  readonly nowMs: number;
  /** What it names. */
  readonly names: RequestNames;
}

/** Plans a request, its body read. */
export function planForward(
  { method, path, query, headers }: ClientRequest,
  upstream: Upstream,
  { rules, nowMs, names }: PlanningOptions,
): ForwardPlan {
  const { url, route, isPersonal } = upstream.target(path, query);
  const isOwnLogin = isPersonal && hasOwnLogin(headers);
  const { session, model, stateIds, givesOutIds } = isOwnLogin ? NO_NAMES : names;
  const context = {
    isOwnLogin,
    pinned: pinnedKey(headers),
    session: rules.rotation === "request" || session === undefined ? undefined : nameHash("session", session),
    mainOnly: !canGoElsewhere(route, headers),
    withoutKeys: EVERY_KEY_MAY,
    stateIds: stateIds.map((id) => nameHash("id", id)),
    model,
    isCodex: isCodex(headers),
    authDir: rules.authDir,
    upstreamOrigin: upstream.origin,
    holdUntilMs: nowMs + rules.holdMs,
    maxAttempts: rules.maxAttempts,
  };
  const asked = {
    // What a key may not see of one response says nothing about whether it may ask a model.
    isModelCall: (route === "request" || route === "compact") && idsInPath(path).length === 0,
    namesAccountState: stateIds.length > 0,
  };
  return {
    url,
    route,
    asked,
    session,
    model,
    givesOutIds,
    repeating: repeatingOf(method, asked.isModelCall),
    context,
  };
}

// An upstream of a single key gets the calls that every upstream knows. Codex compresses its bodies only for ChatGPT.
function canGoElsewhere(route: RouteName, headers: Headers): boolean {
  const isCall = route === "request" || route === "compact";
  return isCall && !headers.has("content-encoding");
}

const EVERY_KEY_MAY: ReadonlySet<string> = new Set();

/** Whether the client is Codex, in a terminal, an editor or an app. */
export function isCodex(headers: Headers): boolean {
  return headers.get("originator")?.toLowerCase().startsWith("codex") ?? false;
}

/**
 * A request's URL with `http://localhost` as its origin. The origin that it comes with is made from the Host header,
 * which may be anything, no host at all included.
 */
export function requestUrl(text: string): URL {
  return new URL(text.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "http://localhost"));
}

/** The path and the query, with its question mark, of a request's URL. */
export const pathAndQuery: (text: string) => Readonly<Pick<URL, "pathname" | "search">> = remembered(
  (text) => {
    const { pathname, search } = requestUrl(text);
    return { pathname, search };
  },
);

/** Whether the client logged in itself: its `Authorization` is a bearer token of the form of a JWT (RFC 7519 §3). */
export function hasOwnLogin(headers: Headers): boolean {
  return /^bearer\s+eyJ[\w-]+\.[\w-]+\.[\w-]*\s*$/i.test(headers.get("authorization") ?? "");
}

// A cookie belongs to the account that it was set for; the next request may be another account's.
const NOT_RETURNED = new Set([...HOP_BY_HOP, "set-cookie"]);
// Which web pages may read an answer is for this proxy to say, not for the upstream.
const CROSS_ORIGIN = "access-control-";

const isNotReturned = (name: string) => NOT_RETURNED.has(name) || name.startsWith(CROSS_ORIGIN);

/** What the headers of an answer are made for. */
export interface Returning {
  /** That of the client's request. */
  readonly requestId: string;
  /** Blanked where the upstream repeats it; absent when there is none to blank. */
  readonly token?: Secret | undefined;
}

/** The headers of an answer as the client gets them, with the id of its request. */
export function responseHeaders(answered: Headers, { requestId, token }: Returning): Headers {
  const headers = new HeaderList();
  const shown = token && ((value: string) => blanked(value, token));
  copyEndToEnd(answered, headers, { isDropped: isNotReturned, shown });
  headers.set("x-cdx2-request-id", requestId);
  return headers;
}
