/**
 * Reads the key to import: from a file, from standard input, or from Codex's own login.
 * @module
 */

import { basename } from "node:path";
import { type Login, loginFrom, loginFromApiKey } from "../../auth/folder_plan.ts";
import { MAX_AUTH_FILE_BYTES } from "../../auth/record.ts";
import { codexAuthFile } from "../../config/paths.ts";
import { UserError } from "../../values/user_error.ts";
import { FileError, type Files } from "../../system/files.ts";
import type { World } from "../world.ts";

/** What the command line names; when it names neither, Codex's own login is imported. */
export interface ImportSource {
  /** The auth file to copy. */
  readonly file: string | undefined;
  /** Read an API key from standard input, or ask for it on a terminal. */
  readonly apiKeyStdin: boolean;
}

/** Reads the login that the source holds. @throws {@link UserError} when there is none */
export async function readLogin(world: World, { file, apiKeyStdin }: ImportSource): Promise<Login> {
  if (apiKeyStdin && file !== undefined) {
    const hint = "name only one of them";
    throw new UserError(`Cannot import ${file} and a key from standard input at once`, { hint, exitCode: 2 });
  }
  if (apiKeyStdin) return await loginOnStdin(world);
  if (file !== undefined) return await loginInFile(world.files, file, basename(file, ".json"));
  return await codexLogin(world);
}

async function codexLogin({ files, env, homeFolder }: World): Promise<Login> {
  const path = codexAuthFile(env, homeFolder);
  if (await files.info(path)) return await loginInFile(files, path, "codex");
  throw new UserError(`Cannot import Codex's login: there is no ${path}`, {
    hint: 'log in with "cdx2 auth login", name an auth file, or pass an API key with --api-key-stdin',
  });
}

async function loginInFile(files: Files, path: string, fallbackName: string): Promise<Login> {
  try {
    const login = loginFrom(await files.readText(path), fallbackName);
    if ("reason" in login) throw new UserError(`Cannot import ${path}: ${login.reason}`);
    return login;
  } catch (error) {
    throw error instanceof FileError ? new UserError(`Cannot import ${error.message}`) : error;
  }
}

async function loginOnStdin({ terminal }: World): Promise<Login> {
  const text = terminal.inIsTerminal
    ? await terminal.askHidden("API key (not shown): ")
    : await terminal.readIn(MAX_AUTH_FILE_BYTES);
  const login = loginFromApiKey(text);
  if (login) return login;
  if (text.trim() === "") throw new UserError("Cannot import a key from standard input: it is empty");
  throw new UserError(
    "Cannot import a key from standard input: it holds more than one key, or something else",
    {
      hint: "to import an auth file, name it: cdx2 auth import FILE",
    },
  );
}
