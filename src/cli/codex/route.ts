/**
 * The route of Codex through a proxy, and the arguments that put it there. They depend on whether Codex has a login, and on
 * the chat that it is to open.
 * @module
 */

import { codexConfigFile } from "../../config/paths.ts";
import type { AuthListing } from "../../auth/store.ts";
import { Upstream } from "../../upstream/upstream.ts";
import { serviceUrl } from "../../config/address.ts";
import type { World } from "../world.ts";
import { codexArguments, type CodexRoute } from "./args.ts";
import { chatById, latestOfAnother } from "./chats.ts";
import { chatNotes, namesOtherProvider, providerFor } from "./provider.ts";
import { codexTask } from "./task.ts";

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
    relaysWebSockets: true,
    isLoggedIn,
    keyVariable: undefined,
  };
}

/** The arguments of a Codex that runs through the proxy, and what its user should know; usually nothing. */
export async function routedArguments(
  world: Pick<World, "files" | "env" | "homeFolder">,
  route: CodexRoute,
  userArgs: readonly string[],
): Promise<{ readonly args: readonly string[]; readonly notes: readonly string[] }> {
  const task = codexTask(userArgs);
  const { isLoggedIn } = route;
  const chat = task.kind === "reopen" ? await chatById(world, task.chat) : undefined;
  const hasOtherDefault = await isOtherDefault(world, userArgs);
  const provider = providerFor(task, { isLoggedIn, hasOtherDefault, chat });
  const another = task.kind === "choose" && provider !== undefined
    ? await latestOfAnother(world, provider)
    : undefined;
  return {
    args: codexArguments(route, provider, userArgs),
    notes: chatNotes(task, { isLoggedIn, chat, another }),
  };
}

const SYSTEM_CONFIG = "/etc/codex/config.toml";

async function isOtherDefault(
  { files, env, homeFolder }: Pick<World, "files" | "env" | "homeFolder">,
  userArgs: readonly string[],
): Promise<boolean> {
  // A profile is a file of settings of its own.
  if (userArgs.some((arg) => /^-p|^--profile\b/.test(arg))) return true;
  const read = (path: string) => files.readText(path).catch(() => "");
  const texts = await Promise.all([codexConfigFile(env, homeFolder), SYSTEM_CONFIG].map(read));
  return texts.some(namesOtherProvider);
}
