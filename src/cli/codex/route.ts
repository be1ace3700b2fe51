/**
 * What a route of Codex through a running proxy depends on, asked of Codex and of the auth dir.
 * @module
 */

import { listKeys } from "../../auth/folder.ts";
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
  readonly auth_dir: string;
  readonly upstream_base_url: string;
}

/** The route of Codex to this proxy. */
export async function codexRoute(
  { files }: Pick<World, "files">,
  { service }: { readonly service: CodexService },
  { pinned, isLoggedIn }: Pick<CodexRoute, "pinned" | "isLoggedIn">,
): Promise<CodexRoute> {
  const { records } = await listKeys(files, service.auth_dir);
  return {
    baseUrl: serviceUrl(service.host, service.port),
    pinned,
    isChatGptUpstream: new Upstream(service.upstream_base_url).isChatGpt,
    hasOwnUpstreams: records.some(({ upstream }) => upstream !== undefined),
    isLoggedIn,
  };
}
