/**
 * What a program on this machine needs to use a gateway: its environment and, for Codex, its arguments. The client key is
 * only ever in the environment: arguments are seen by every user of a machine, and files stay.
 * @module
 */

import { isLoopbackHost, unbracketed } from "../../config/address.ts";
import { directTo } from "../../config/http_proxy.ts";
import { SETTINGS } from "../../config/settings_table.ts";
import { pinnedBaseUrl } from "../../proxy/pin.ts";
import type { Environment } from "../../system/process.ts";
import type { CodexRoute } from "../codex/args.ts";
import type { Welcome } from "./ask.ts";
import type { Gateway } from "./gateway.ts";

const CLIENT_KEY = SETTINGS.clientKey.environment;

/** The variables for clients of the gateway. `pinned` names the only key that they get. */
export function gatewayEnvironment(
  { url, clientKey }: Pick<Gateway, "url" | "clientKey">,
  { current, pinned }: { readonly current: Environment; readonly pinned: string | undefined },
): Environment {
  const baseUrl = pinned === undefined ? url : pinnedBaseUrl(url, pinned);
  const key = clientKey?.reveal() ?? "";
  return {
    OPENAI_BASE_URL: baseUrl,
    OPENAI_API_BASE: baseUrl,
    // Not the user's own key, which is none of the gateway's business.
    OPENAI_API_KEY: key,
    [SETTINGS.remote.environment]: url,
    [CLIENT_KEY]: key,
    ...directIfHere(url, current),
  };
}

/** The variables whose value is that of the client key, by the name of the variable that has it in the user's shell. */
export const SAME_AS_CLIENT_KEY: Readonly<Record<string, string>> = { OPENAI_API_KEY: CLIENT_KEY };

function directIfHere(url: string, current: Environment): Environment {
  const { hostname } = new URL(url);
  return isLoopbackHost(unbracketed(hostname)) ? directTo(hostname, current) : {};
}

/**
 * The route of Codex to the gateway. It always gets a provider of its own with the client key: the built-in one would send
 * the user's own login there.
 */
export function gatewayRoute(
  { url }: Pick<Gateway, "url">,
  { upstream, takes_compressed, websocket }: Pick<Welcome, "upstream" | "takes_compressed" | "websocket">,
  pinned: string | undefined,
): CodexRoute {
  return {
    baseUrl: url,
    pinned,
    isChatGptUpstream: upstream === "chatgpt",
    hasOwnUpstreams: !takes_compressed,
    relaysWebSockets: websocket,
    isLoggedIn: false,
    keyVariable: CLIENT_KEY,
  };
}
