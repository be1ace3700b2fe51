/**
 * The service of the user's manager, seen from other commands: `cdx2 proxy` starts it when it is installed, and `cdx2 stop`
 * says that it is back at the next login.
 * @module
 */

import { renewalFolder } from "../../config/paths.ts";
import type { ResolvedSettings } from "../../config/settings.ts";
import { SETTING_KEYS } from "../../config/settings_table.ts";
import type { World } from "../world.ts";
import { autostartFor } from "./autostart.ts";
import type { Autostart, CommandLine } from "./wish.ts";

/** What `cdx2 service install` can be told. */
export interface InstallOptions {
  readonly memoryMax: string | undefined;
  readonly isHardened: boolean;
}

const DEFAULTS: InstallOptions = { memoryMax: undefined, isHardened: true };
// The service does not see the variables of a shell, and needs these to reach the upstream.
const NETWORK_VARIABLES = [
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
]
  .flatMap((name) => [name, name.toLowerCase()]);

type ServiceWorld = Pick<World, "platform" | "env" | "homeFolder">;

/** The service for these settings; `undefined` on a system whose manager is not known. */
export function autostartOf(
  { platform, env, homeFolder }: ServiceWorld,
  { settings }: ResolvedSettings,
  options: InstallOptions = DEFAULTS,
): Autostart | undefined {
  const { authDir, envFile, drainMs } = settings;
  return autostartFor({
    platform,
    env,
    homeFolder,
    authDir,
    envFile,
    writes: [renewalFolder(env, homeFolder)],
    drainSeconds: Math.ceil(drainMs / 1000),
    variables: networkVariables(env).kept,
    ...options,
  });
}

/** The variables that the service is given, and the names of those that hold a password, which it is not. */
export function networkVariables(
  env: World["env"],
): { readonly kept: Readonly<Record<string, string>>; readonly secret: readonly string[] } {
  const set = NETWORK_VARIABLES.flatMap((name) => env[name] ? [[name, env[name]] as const] : []);
  const hasPassword = (value: string) => /\/\/[^/]*@|^[^/]*:[^/]*@/.test(value);
  return {
    kept: Object.fromEntries(set.filter(([, value]) => !hasPassword(value))),
    secret: set.filter(([, value]) => hasPassword(value)).map(([name]) => name),
  };
}

/** Whether it is installed for this auth dir. */
export async function isInstalled(
  { files }: Pick<World, "files">,
  { file, authDirInText }: Autostart,
): Promise<boolean> {
  const text = await files.readText(file).catch(() => undefined);
  return text !== undefined && text.includes(authDirInText);
}

/** Whether the manager has done it. */
export async function done(
  { processes }: Pick<World, "processes">,
  [command, ...args]: CommandLine,
): Promise<boolean> {
  return await processes.outputOf(command, args) !== undefined;
}

/**
 * Has the manager start the proxy. `false` when it is not installed, and when this start has settings of its own, from flags
 * or from the environment, which the service does not see.
 */
export async function startManaged(
  world: ServiceWorld & Pick<World, "files" | "processes">,
  resolved: ResolvedSettings,
): Promise<boolean> {
  const service = autostartOf(world, resolved);
  if (!service || ownSettings(resolved).length > 0) return false;
  return await isInstalled(world, service) && await done(world, service.start);
}

/** The settings that come from flags or the environment, without those that the service is told anyway. */
export function ownSettings({ sources }: ResolvedSettings): readonly (keyof ResolvedSettings["sources"])[] {
  return SETTING_KEYS.filter((key) => key !== "authDir" && key !== "envFile")
    .filter((key) => sources[key] === "flag" || sources[key] === "environment");
}
