/**
 * What has to be there before a proxy can run: a usable auth dir, a management key, and later the port, both kept
 * in `.env`. Only the process that holds the lock writes to `.env`, so two first starts at once end with one key.
 * @module
 */

import { Secret } from "../values/secret.ts";
import { readEnvFile, setInEnvFile } from "../config/env_file.ts";
import { SETTINGS, type Settings } from "../config/settings_table.ts";
import { UserError } from "../values/user_error.ts";
import { FileError, type Files } from "../system/files.ts";

/** Makes the auth dir when there is none. @throws {@link UserError} with exit code 2 when it cannot be used. */
export async function prepareAuthDir(files: Files, authDir: string): Promise<void> {
  try {
    const info = await files.info(authDir);
    if (info === undefined) await files.makeFolder(authDir);
    else if (info.kind !== "folder") throw new FileError("not_a_folder", `${authDir}: it is not a folder`);
    await files.list(authDir);
  } catch (error) {
    throw unusableAuthDir(error);
  }
}

/** For whatever failed in the auth dir. What is no {@link FileError} comes back as it is. */
export function unusableAuthDir(error: unknown): unknown {
  if (!(error instanceof FileError)) return error;
  return new UserError(`Cannot use the auth dir ${error.message}`, {
    hint: "pass a folder of your own with --auth-dir, or set CLIPROXY_AUTH_DIR",
    exitCode: 2,
  });
}

/** The key from `.env` as it is now; `undefined` when none stands there. */
export async function keptManagementKey(files: Files, { envFile }: Settings): Promise<Secret | undefined> {
  const text = readEnvFile(await envText(files, envFile))[SETTINGS.managementKey.environment];
  return text ? new Secret(text) : undefined;
}

/** The key in force; a new one is made with `newKey` and kept when there is none. Call it under the lock. */
export async function settledManagementKey(
  files: Files,
  settings: Settings,
  newKey: () => string,
): Promise<Secret> {
  const known = settings.managementKey ?? await keptManagementKey(files, settings);
  if (known) return known;
  const made = newKey();
  await keepInEnvFile(files, settings, "managementKey", made);
  return new Secret(made);
}

/** Keeps a setting for the next start. Call it under the lock. @throws {@link UserError} */
export async function keepInEnvFile(
  files: Files,
  { envFile }: Settings,
  key: keyof Settings,
  value: string,
): Promise<void> {
  const { name, environment } = SETTINGS[key];
  try {
    const text = await envText(files, envFile);
    // Reading put this in place of bytes that are no UTF-8; writing it back would lose them.
    if (text.includes("\uFFFD")) throw new FileError("other", `${envFile}: it is not UTF-8 text`);
    await files.writeAtomic(await behindLinks(files, envFile), setInEnvFile(text, environment, value));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UserError(`Cannot keep ${name} in the env file ${error.message}`, {
      hint: `mend the file, or set ${environment} yourself`,
    });
  }
}

async function envText(files: Files, envFile: string): Promise<string> {
  return await files.info(envFile) ? await files.readText(envFile) : "";
}

// Replacing the file by a rename would turn a link, which someone made on purpose, into a file.
async function behindLinks(files: Files, path: string): Promise<string> {
  return await files.info(path) ? await files.realPath(path) : path;
}
