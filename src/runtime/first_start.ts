/**
 * What a proxy needs before it can run: a usable auth dir, a management key, and later the port; both are kept in `.env`.
 * Only the process that holds the lock writes to `.env`, so two first starts at once end with one key.
 * @module
 */

import { Secret } from "../values/secret.ts";
import { readEnvFile } from "../config/env_text.ts";
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

/** The error for the user when something in the auth dir failed. Anything but a {@link FileError} is returned as it is. */
export function unusableAuthDir(error: unknown): unknown {
  if (!(error instanceof FileError)) return error;
  if (error.code === "no_space") {
    return new UserError(`Cannot write into the auth dir: ${error.message}`, {
      hint: "free some space on that disk, or pass another folder with --auth-dir",
    });
  }
  return authDirError(error.message);
}

/** The error of an auth dir that cannot be used; `reason` begins with its path. */
export function authDirError(reason: string): UserError {
  return new UserError(`Cannot use the auth dir ${reason}`, {
    hint: "pass a folder of your own with --auth-dir, or set CLIPROXY_AUTH_DIR",
    exitCode: 2,
  });
}

/** The management key that `.env` holds now; `undefined` when it holds none. */
export async function keptManagementKey(files: Files, { envFile }: Settings): Promise<Secret | undefined> {
  const text = readEnvFile(await envText(files, envFile))[SETTINGS.managementKey.environment];
  return text ? new Secret(text) : undefined;
}

/** The management key to use. When there is none, one is made with `newKey` and kept. Call it under the lock. */
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

/**
 * Keeps a setting in `.env` for the next start. Call it under the lock.
 * @throws {@link UserError} when the file cannot be written
 */
export async function keepInEnvFile(
  files: Files,
  { envFile }: Settings,
  key: keyof Settings,
  value: string,
): Promise<void> {
  const { name, environment } = SETTINGS[key];
  // Once for most auth dirs; every command reads this file.
  const { setInEnvFile } = await import("../config/env_file.ts");
  try {
    const text = await envText(files, envFile);
    // Reading replaced bytes that are not UTF-8 with this character; writing it back would lose them.
    if (text.includes("\uFFFD")) throw new FileError("other", `${envFile}: it is not UTF-8 text`);
    await files.writeAtomic(await targetOf(files, envFile), setInEnvFile(text, environment, value));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UserError(`Cannot keep ${name} in the env file ${error.message}`, {
      hint: `fix the file, or set ${environment} yourself`,
    });
  }
}

async function envText(files: Files, envFile: string): Promise<string> {
  return await files.info(envFile) ? await files.readText(envFile) : "";
}

// Replacing the file by a rename would turn a link, which the user made on purpose, into a file.
async function targetOf(files: Files, path: string): Promise<string> {
  return await files.info(path) ? await files.realPath(path) : path;
}
