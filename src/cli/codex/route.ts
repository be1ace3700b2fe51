/**
 * The route of Codex through a proxy, and whether Codex has a login, on which the route depends.
 * @module
 */

import type { AuthListing } from "../../auth/store.ts";
import { Upstream } from "../../upstream/upstream.ts";
import { serviceUrl } from "../../config/address.ts";
import type { World } from "../world.ts";
import type { CodexRoute } from "./args.ts";

/** Whether this Codex has a login of its own, of any kind. */
export async function hasCodexLogin(
  { processes }: Pick<World, "processes">,
  command: string,
): Promise<boolean> {
  // Codex may keep its login in a file, in the system's keyring or in the environment, so ask Codex itself: 50 ms.
  return await processes.outputOf(command, ["login", "status"]) !== undefined;
}

/** The proxy, as far as a route depends on it. */
export interface CodexService {
  /** The address that it listens on. */
  readonly host: string;
  readonly port: number;
  readonly upstream_base_url: string;
}

/** The route of Codex to this proxy, whose keys are `records`. */
export function codexRoute(
  { host, port, upstream_base_url }: CodexService,
  { records }: Pick<AuthListing, "records">,
  { pinned, isLoggedIn }: Pick<CodexRoute, "pinned" | "isLoggedIn">,
): CodexRoute {
  return {
    baseUrl: serviceUrl(host, port),
    pinned,
    isChatGptUpstream: new Upstream(upstream_base_url).isChatGpt,
    hasOwnUpstreams: records.some(({ upstream }) => upstream !== undefined),
    isLoggedIn,
  };
}
