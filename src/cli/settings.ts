/**
 * The settings of a command line. Apart from the service, which commands that only work with files need not load.
 * @module
 */

import {
  type Given,
  locate,
  type ResolvedSettings,
  resolveSettings,
  type Settings,
} from "../config/settings.ts";
import { FileError, type Files } from "../system/files.ts";
import { UserError } from "../values/user_error.ts";
import type { World } from "./world.ts";

/**
 * Resolves the settings from `flags`, the environment and the env file.
 * @throws {@link UserError} with exit code 2 for a value that is not allowed, or an env file that cannot be read
 */
export async function resolvedSettings(
  { files, env, homeFolder, cwd }: World,
  flags: Given["flags"],
): Promise<ResolvedSettings> {
  const given = { flags, env, homeFolder, cwd };
  const envFileText = await readIfPresent(files, locate(given));
  return resolveSettings({ ...given, envFileText });
}

/**
 * The same for a command that is about this machine; `what` says what is on the gateway where one is set, to begin an error.
 * @throws {@link UserError} with exit code 2, also when a gateway is set
 */
export async function localSettings(
  world: World,
  flags: Given["flags"],
  what = "The keys are on the gateway",
): Promise<ResolvedSettings> {
  const resolved = await resolvedSettings(world, flags);
  if (resolved.settings.remote === undefined) return resolved;
  const { refuseWithGateway } = await import("./gateway/gateway.ts");
  refuseWithGateway(resolved, what);
  return resolved;
}

async function readIfPresent(
  files: Files,
  { envFile, authDir }: Pick<Settings, "envFile" | "authDir">,
): Promise<string | undefined> {
  try {
    return await files.readText(envFile);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    // An auth dir that is a file is reported by the code that needs the folder.
    if (error.code === "not_found" || error.code === "not_a_folder") return undefined;
    if (error.code === "denied" && await isClosed(files, authDir)) {
      const { authDirError } = await import("../runtime/first_start.ts");
      throw authDirError(`${authDir}: permission denied`);
    }
    throw new UserError(`Cannot read the env file ${error.message}`, {
      hint: "make it readable, or set CLIPROXY_ENV_FILE to another file",
      exitCode: 2,
    });
  }
}

/** Whether nothing in this folder can be looked at. */
async function isClosed(files: Files, folder: string): Promise<boolean> {
  try {
    await files.list(folder);
    return false;
  } catch (error) {
    return error instanceof FileError && error.code === "denied";
  }
}
