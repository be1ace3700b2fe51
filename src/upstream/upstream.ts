/**
 * The upstream: which kind of backend it is, and which URL and headers a request gets there. Parsed once from the
 * setting; nobody else looks into its URL. Pure.
 * @module
 */

import { HeaderList } from "../values/header_list.ts";
import type { AuthRecord } from "../auth/record.ts";
import { remembered } from "../values/remembered.ts";
import { copyEndToEnd, HOP_BY_HOP } from "./headers.ts";

/** The kind of a request, as in the trace: `request` and `compact` ask a model. */
export type RouteName = "request" | "compact" | "models" | "other";

/** Where a client's request goes. */
export interface Target {
  /** At the upstream, with the query. */
  readonly url: string;
  /** The kind of the request. */
  readonly route: RouteName;
  /** The user's own login goes through unchanged here, when the client sends one. */
  readonly isPersonal: boolean;
}

/** A question of our own, with a key: a GET for JSON that spends nothing. */
export interface Question {
  /** At the upstream. */
  readonly url: string;
  /** Always GET. */
  readonly method: "GET";
  /** With the key in them. */
  readonly headers: Headers;
}

const BACKEND = "/backend-api";

// Two base paths name the ChatGPT backend: its own, and that of its Codex routes, which Codex has as its default for
// model requests and gateways give out. Both mean one backend: its usage page is beside the Codex routes, not below them.
const CHATGPT_BASE = /^(.*\/backend-api)(?:\/codex)?$/;

// The names of the routes of the OpenAI API that clients write in several ways: with and without `/v1`, with doubled
// slashes or one at the end. All of them mean one route.
const API_ROUTE =
  /^(?:\/backend-api(?=\/codex\/))?(?:\/codex)?(?:\/v1)*(\/(?:responses|models|chat\/completions|completions|embeddings|files|uploads|vector_stores|conversations|batches|images|audio|moderations|assistants|threads|containers|evals|fine_tuning|videos|realtime)(?:\/.*)?)$/;
const CODEX_ROUTE = /^(?:\/v1)*(\/responses(?:\/.*)?|\/models)$/;

// Set again for the upstream's connection, or meant for this proxy alone.
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  "accept-encoding",
  "content-length",
  "expect",
  "host",
  "x-api-key",
  "x-cdx2-key",
  "x-cdx2-request-id",
  "x-management-key",
]);

// The client's own login: its token, its account and its browser session. A key replaces them.
const OF_THE_LOGIN = ["authorization", "cookie", "openai-organization", "openai-project"];

/** One upstream. */
export class Upstream {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Whether it is the ChatGPT backend, the real one or a copy of it on another host; else it is an OpenAI API. */
  readonly isChatGpt: boolean;
  /** The path after the origin, without a slash at its end; may be empty. */
  readonly #basePath: string;
  readonly #replacedByKey: ReadonlySet<string>;
  readonly #place = remembered((path) => this.#placeOf(path));

  /**
   * `url` is a base URL, such as `https://chatgpt.com/backend-api`.
   * @throws TypeError when it is not a URL; the settings let none of those through
   */
  constructor(url: string) {
    const { origin, pathname } = new URL(url);
    const path = pathname.replace(/\/+$/, "");
    const backend = CHATGPT_BASE.exec(path)?.[1];
    this.origin = origin;
    this.isChatGpt = backend !== undefined;
    this.#basePath = backend ?? path;
    const account = this.isChatGpt ? ["chatgpt-account-id"] : [];
    this.#replacedByKey = new Set([...NOT_FORWARDED, ...OF_THE_LOGIN, ...account]);
  }

  /** Where a client's request goes: `path` as the client sent it, `query` with its question mark, or empty. */
  target(path: string, query: string): Target {
    const { url, route, isPersonal } = this.#place(path);
    return { url: url + query, route, isPersonal };
  }

  /** Without a query. */
  #placeOf(path: string): Target {
    const upstreamPath = this.isChatGpt ? this.#chatGptPath(path) : this.#apiPath(path);
    return {
      url: this.origin + upstreamPath,
      route: routeOf(upstreamPath),
      isPersonal: this.isChatGpt && isPersonalPath(upstreamPath.slice(this.#basePath.length)),
    };
  }

  /**
   * The headers of a client's request with the key in the place of the client's login.
   * @throws Error when the key has another upstream of its own, which is a bug
   */
  headersWithKey(incoming: Headers, { file, token, accountId, upstream }: AuthRecord): Headers {
    if (upstream !== undefined && originOf(upstream) !== this.origin) {
      throw new Error(`the token of ${file} must not be sent to ${this.origin}`);
    }
    const headers = withoutCompression(incoming, this.#replacedByKey);
    // The client's account is not one of the key's own upstream.
    if (upstream !== undefined) headers.delete("chatgpt-account-id");
    headers.set("authorization", `Bearer ${token.reveal()}`);
    if (this.isChatGpt && accountId) headers.set("chatgpt-account-id", accountId);
    return headers;
  }

  /** The headers of a client's request, the client's own login included. */
  headersWithOwnLogin(incoming: Headers): Headers {
    return withoutCompression(incoming, NOT_FORWARDED);
  }

  /**
   * Asks what a key has used of its limits: `/wham/usage` on the ChatGPT backend, `/api/codex/usage` elsewhere, as Codex
   * CLI asks it (`chatgpt_base_url`). Codex names its account under both paths.
   */
  usageQuestion(key: AuthRecord, userAgent: string): Question {
    const question = this.#question(this.isChatGpt ? "/wham/usage" : "/api/codex/usage", key, userAgent);
    if (key.accountId) question.headers.set("chatgpt-account-id", key.accountId);
    return question;
  }

  /** Asks whether a key works again: for its usage on the ChatGPT backend, for the list of models elsewhere. */
  trialQuestion(key: AuthRecord, userAgent: string): Question {
    if (this.isChatGpt) return this.usageQuestion(key, userAgent);
    return this.#question(this.#basePath.endsWith("/v1") ? "/models" : "/v1/models", key, userAgent);
  }

  #question(path: string, key: AuthRecord, userAgent: string): Question {
    const own = new Headers({ accept: "application/json", "user-agent": userAgent });
    return {
      url: this.origin + this.#basePath + path,
      method: "GET",
      headers: this.headersWithKey(own, key),
    };
  }

  // Clients use several base paths for the backend; all of them mean the Codex routes.
  #chatGptPath(path: string): string {
    const tidy = withoutStraySlashes(path);
    const inside = tidy.startsWith(`${BACKEND}/`) ? tidy.slice(BACKEND.length) : tidy;
    const isBackendPath = inside !== tidy || path === BACKEND;
    const codex = CODEX_ROUTE.exec(inside.replace(/^\/codex(?=\/)/, ""))?.[1];
    // Under its own base path the backend may have routes of the same names outside of `/codex`.
    if (codex !== undefined && (!isBackendPath || inside.startsWith("/codex/"))) {
      return `${this.#basePath}/codex${codex}`;
    }
    return isBackendPath ? this.#basePath.slice(0, -BACKEND.length) + path : this.#basePath + path;
  }

  // The API is below `/v1`, whether the setting says so or not, and whether the client does.
  #apiPath(path: string): string {
    const route = API_ROUTE.exec(withoutStraySlashes(path))?.[1];
    if (route === undefined) return this.#basePath + path;
    return (this.#basePath.endsWith("/v1") ? this.#basePath : `${this.#basePath}/v1`) + route;
  }
}

const originOf = remembered((url) => new URL(url).origin);

// Otherwise Deno asks for compression by itself and returns a body that no longer matches its headers.
function withoutCompression(incoming: Headers, dropped: ReadonlySet<string>): Headers {
  const headers = new HeaderList();
  copyEndToEnd(incoming, headers, { isDropped: (name) => dropped.has(name) });
  headers.set("accept-encoding", "identity");
  return headers;
}

function withoutStraySlashes(path: string): string {
  return path.replace(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");
}

// Settings, plugins, usage and analytics belong to the user who logged in, not to whichever key is next.
function isPersonalPath(path: string): boolean {
  return !path.startsWith("/codex/") || path.startsWith("/codex/analytics-events");
}

function routeOf(path: string): RouteName {
  if (path.endsWith("/responses/compact")) return "compact";
  if (/\/responses(\/|$)/.test(path)) return "request";
  if (path.endsWith("/models")) return "models";
  return "other";
}
