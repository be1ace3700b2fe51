/**
 * The arguments before the user's own that make Codex send its requests to the proxy. Codex reads the base URL from its
 * configuration, not from the environment, and `-c` sets the configuration for one run. Of two `-c` for one key the later
 * one wins, so the user's own arguments keep their effect. Measured with Codex 0.169.0.
 * @module
 */

import { pinnedBaseUrl } from "../../proxy/pin.ts";
import { OWN_PROVIDER } from "./provider.ts";

/** What the arguments depend on. */
export interface CodexRoute {
  /** The proxy's address, without a path. */
  readonly baseUrl: string;
  /** The file of the only key that this run gets; `undefined` when any will do. */
  readonly pinned: string | undefined;
  /** The upstream is the ChatGPT backend, so the proxy serves its paths. */
  readonly isChatGptUpstream: boolean;
  /** Some key has an upstream of its own, which gets no compressed bodies. */
  readonly hasOwnUpstreams: boolean;
  /** The proxy relays WebSockets. To one that does not, Codex would say an error before it goes on without. */
  readonly relaysWebSockets: boolean;
  /** Codex has its own login, of any kind, and may use it here. */
  readonly isLoggedIn: boolean;
  /** The variable with the key of a client that the proxy asks for; `undefined` when it asks for none. */
  readonly keyVariable: string | undefined;
}

/** The whole argument list for Codex. `provider` as for {@link codexOverrides}. */
export function codexArguments(
  route: CodexRoute,
  provider: string | undefined,
  userArgs: readonly string[],
): readonly string[] {
  return [
    ...Object.entries(codexOverrides(route, provider)).flatMap((
      [key, value],
    ) => ["-c", `${key}=${tomlValue(value)}`]),
    ...userArgs,
  ];
}

/** Settings of Codex by their names, with dots between the names of tables. */
export type Overrides = Readonly<Record<string, string | boolean>>;

/**
 * The settings that make Codex send its requests to the proxy. Both providers that lead there are set, because a chat that
 * began with one of them opens with no other; the one that is named is for new chats.
 * @param provider the one to name; `undefined` names none, and leaves that to the user's settings and to the chat
 */
export function codexOverrides(route: CodexRoute, provider: string | undefined): Overrides {
  return {
    ...compression(route),
    ...(provider === undefined ? {} : { model_provider: provider }),
    // The built-in one would send the user's own login to the people who run the gateway.
    ...(route.keyVariable === undefined ? builtInProvider(route) : {}),
    ...ownProvider(route),
  };
}

function compression({ isChatGptUpstream, hasOwnUpstreams }: CodexRoute): Overrides {
  return isChatGptUpstream && !hasOwnUpstreams ? {} : { "features.enable_request_compression": false };
}

function builtInProvider(route: CodexRoute): Overrides {
  const { baseUrl, pinned, isChatGptUpstream, isLoggedIn } = route;
  // With a login, the user's own paths would otherwise go to chatgpt.com, where it is valid.
  const otherOrigin = isChatGptUpstream && isLoggedIn ? underOtherName(baseUrl) : undefined;
  return {
    openai_base_url: modelUrl(route),
    ...(otherOrigin === undefined ? {} : { chatgpt_base_url: `${withPin(otherOrigin, pinned)}/backend-api` }),
  };
}

const OWN = `model_providers.${OWN_PROVIDER}`;

// Without a login, the built-in provider starts with a sign-in screen, even with a key in the environment.
function ownProvider(route: CodexRoute): Overrides {
  return {
    // With this name Codex lets the backend compact long chats, as with the built-in provider.
    [`${OWN}.name`]: route.isChatGptUpstream ? "OpenAI" : OWN_PROVIDER,
    [`${OWN}.base_url`]: modelUrl(route),
    [`${OWN}.wire_api`]: "responses",
    ...(route.keyVariable === undefined ? {} : { [`${OWN}.env_key`]: route.keyVariable }),
    // Other providers of the user's own get none unless they say so. The built-in one always tries.
    [`${OWN}.supports_websockets`]: route.relaysWebSockets,
  };
}

function modelUrl({ baseUrl, pinned, isChatGptUpstream }: CodexRoute): string {
  const url = withPin(baseUrl, pinned);
  return isChatGptUpstream ? `${url}/backend-api/codex` : url;
}

// The built-in provider takes no headers of ours, so the key is in the URL.
function withPin(baseUrl: string, pinned: string | undefined): string {
  return pinned === undefined ? baseUrl : pinnedBaseUrl(baseUrl, pinned);
}

/**
 * The same proxy under another origin. If both URLs had the same origin, Codex would send model requests to the workspace's
 * own host, past the proxy. `undefined` for an address without a second name.
 */
function underOtherName(baseUrl: string): string | undefined {
  const url = new URL(baseUrl);
  if (url.hostname === "localhost") url.hostname = "127.0.0.1";
  else if (/^127\.|^\[::1\]$/.test(url.hostname)) url.hostname = "localhost";
  else return undefined;
  return url.origin;
}

/** A value as TOML. A JSON string is a TOML string, except for characters that do not occur in a URL. */
export function tomlValue(value: string | boolean): string {
  return JSON.stringify(value);
}
