/**
 * The arguments before the user's own that make Codex send its requests to the proxy. Codex reads the base URL from its
 * configuration, not from the environment, and `-c` sets the configuration for one run. Of two `-c` for one key the later
 * one wins, so the user's own arguments keep their effect. Measured with Codex 0.169.0.
 * @module
 */

import { pinnedBaseUrl } from "../../proxy/pin.ts";

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
  /** Codex has its own login, of any kind. */
  readonly isLoggedIn: boolean;
}

/** The whole argument list for Codex. */
export function codexArguments(route: CodexRoute, userArgs: readonly string[]): readonly string[] {
  return [
    ...Object.entries(codexOverrides(route)).flatMap(([key, value]) => ["-c", `${key}=${tomlValue(value)}`]),
    ...userArgs,
  ];
}

/** Settings of Codex by their names, with dots between the names of tables. */
export type Overrides = Readonly<Record<string, string | boolean>>;

/** The settings that make Codex send its requests to the proxy. */
export function codexOverrides(route: CodexRoute): Overrides {
  return route.isLoggedIn ? builtInProvider(route) : ownProvider(route);
}

// These do not ask a model, and some of them change the login and the configuration that our arguments would hide.
const MODEL_FREE = new Set([
  ...["-V", "--version", "-h", "--help", "help"],
  ...["login", "logout", "mcp", "plugin", "features", "completion", "update"],
]);

/** False when Codex will not ask a model; then it runs without our arguments. */
export function asksModel(userArgs: readonly string[]): boolean {
  return !MODEL_FREE.has(userArgs[0] ?? "");
}

// Codex shows and resumes only the chats of the current provider, so a user with a login keeps the built-in one. It is
// named anyway, because the user's config.toml may name another provider, which would not use the proxy.
function builtInProvider(route: CodexRoute): Overrides {
  const { baseUrl, pinned, isChatGptUpstream, hasOwnUpstreams } = route;
  const compression = isChatGptUpstream && !hasOwnUpstreams
    ? {}
    : { "features.enable_request_compression": false };
  const provider = {
    ...compression,
    model_provider: "openai",
    openai_base_url: modelUrl(route),
  };
  // Otherwise the user's own paths stay at chatgpt.com, where their login is valid.
  if (!isChatGptUpstream) return provider;
  const otherOrigin = underOtherName(baseUrl);
  return otherOrigin === undefined
    ? provider
    : { ...provider, chatgpt_base_url: `${withPin(otherOrigin, pinned)}/backend-api` };
}

const OWN = "model_providers.cdx2";

// Without a login, the built-in provider starts with a sign-in screen, even with a key in the environment.
function ownProvider(route: CodexRoute): Overrides {
  const { isChatGptUpstream } = route;
  return {
    model_provider: "cdx2",
    // With this name Codex lets the backend compact long chats, as with the built-in provider.
    [`${OWN}.name`]: isChatGptUpstream ? "OpenAI" : "cdx2",
    [`${OWN}.base_url`]: modelUrl(route),
    [`${OWN}.wire_api`]: "responses",
    // Other providers of the user's own get none unless they say so. The built-in one always tries.
    [`${OWN}.supports_websockets`]: true,
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
