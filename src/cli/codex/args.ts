/**
 * What goes in front of the user's own arguments, so that Codex asks the proxy. Codex takes no base URL from the
 * environment, only from its configuration, and `-c` sets that for one run; of two `-c` for one key the later wins,
 * so what users pass themselves stays in force. Measured with Codex 0.169.0.
 * @module
 */

/** What the arguments depend on. */
export interface CodexRoute {
  /** The proxy's address, without a path. */
  readonly baseUrl: string;
  /** The upstream is the ChatGPT backend, so the proxy has its paths. */
  readonly isChatGptUpstream: boolean;
  /** Codex has a login of its own, of whichever kind. */
  readonly isLoggedIn: boolean;
}

/** The whole argument list for Codex. */
export function codexArguments(route: CodexRoute, userArgs: readonly string[]): readonly string[] {
  const overrides = route.isLoggedIn ? builtInProvider(route) : ownProvider(route);
  return [
    ...Object.entries(overrides).flatMap(([key, value]) => ["-c", `${key}=${toml(value)}`]),
    ...userArgs,
  ];
}

type Overrides = Readonly<Record<string, string | boolean>>;

// These do not ask a model, and some of them change the very login and configuration that we would set aside.
const MODEL_FREE = new Set([
  ...["-V", "--version", "-h", "--help", "help"],
  ...["login", "logout", "mcp", "plugin", "features", "completion", "update"],
]);

/** False when Codex will not ask a model, so that it can be run just as it is. */
export function asksModel(userArgs: readonly string[]): boolean {
  return !MODEL_FREE.has(userArgs[0] ?? "");
}

// Codex shows and resumes only the chats of the provider that is in use: who has a login keeps the built-in one.
// It is named all the same, since the user's config.toml may name another, past the proxy.
function builtInProvider({ baseUrl, isChatGptUpstream }: CodexRoute): Overrides {
  const provider = { model_provider: "openai", openai_base_url: modelUrl(baseUrl, isChatGptUpstream) };
  // Otherwise the person's own paths stay at chatgpt.com, where their login is valid.
  if (!isChatGptUpstream) return { ...provider, "features.enable_request_compression": false };
  const otherOrigin = underOtherName(baseUrl);
  return otherOrigin === undefined
    ? provider
    : { ...provider, chatgpt_base_url: `${otherOrigin}/backend-api` };
}

const OWN = "model_providers.cdx2";

// Without a login the screen of the built-in provider begins with a sign-in, which no key in the environment skips.
function ownProvider({ baseUrl, isChatGptUpstream }: CodexRoute): Overrides {
  return {
    model_provider: "cdx2",
    // With this name Codex has the backend compact long chats, as it does for the built-in provider.
    [`${OWN}.name`]: isChatGptUpstream ? "OpenAI" : "cdx2",
    [`${OWN}.base_url`]: modelUrl(baseUrl, isChatGptUpstream),
    [`${OWN}.wire_api`]: "responses",
  };
}

function modelUrl(baseUrl: string, isChatGptUpstream: boolean): string {
  return isChatGptUpstream ? `${baseUrl}/backend-api/codex` : baseUrl;
}

/**
 * The same proxy under another origin. With one origin for both URLs Codex sends model requests to the workspace's
 * own host, past the proxy. `undefined` for an address that has no second name.
 */
function underOtherName(baseUrl: string): string | undefined {
  const url = new URL(baseUrl);
  if (url.hostname === "localhost") url.hostname = "127.0.0.1";
  else if (/^127\.|^\[::1\]$/.test(url.hostname)) url.hostname = "localhost";
  else return undefined;
  return url.origin;
}

// A JSON string is a TOML string, but for characters that a URL does not have.
function toml(value: string | boolean): string {
  return JSON.stringify(value);
}
