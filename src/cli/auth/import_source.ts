/**
 * Where the logins to import are: in a file, on standard input, or where Codex keeps its own.
 * @module
 */

import { basename, sep } from "node:path";
import { loginFromApiKey } from "../../auth/folder_plan.ts";
import { codexAuthFile } from "../../config/paths.ts";
import { codexKeyringText } from "../../credentials/codex_login.ts";
import { findLogins, type FoundLogins } from "../../credentials/found_logins.ts";
import { FileError, type Files } from "../../system/files.ts";
import { UserError } from "../../values/user_error.ts";
import type { World } from "../world.ts";

/** What the command line names; when it names nothing, Codex's own login is imported. */
export interface ImportSource {
  /** The file to read, `-` for standard input; `undefined` when none is named. */
  readonly file: string | undefined;
  /** Read an API key from standard input, or ask for it on a terminal. */
  readonly apiKeyStdin: boolean;
  /** Where keys go. */
  readonly authDir: string;
}

/** What was found there. */
export interface ReadSource extends FoundLogins {
  /** What messages call the place. */
  readonly place: string;
  /** The name of a key without an e-mail. */
  readonly fallbackName: string;
  /** The file, with links resolved, and as it was named when that is a link; empty when it is not in a file. */
  readonly paths: readonly string[];
  /** Codex itself keeps this login here. */
  readonly isCodexs: boolean;
  /** It is in the auth dir itself. */
  readonly isInAuthDir: boolean;
}

// An export of many accounts, of some kilobytes each.
const MAX_SOURCE_BYTES = 32 * 2 ** 20;

/** Reads the logins that the source holds. @throws {@link UserError} when it cannot be read */
export async function readSource(
  world: World,
  { file, apiKeyStdin, authDir }: ImportSource,
): Promise<ReadSource> {
  if (apiKeyStdin && file !== undefined) {
    const hint = "name only one of them";
    throw new UserError(`Cannot import ${file} and a key from standard input at once`, { hint, exitCode: 2 });
  }
  if (apiKeyStdin) return await apiKeyOnStdin(world);
  if (file === "-") return await loginsOnStdin(world);
  return file === undefined ? await codexSource(world, authDir) : await fileSource(world, file, authDir);
}

async function codexSource(world: World, authDir: string): Promise<ReadSource> {
  const path = codexAuthFile(world.env, world.homeFolder);
  if (await world.files.info(path)) {
    return { ...await fileSource(world, path, authDir), fallbackName: "codex" };
  }
  const text = await codexKeyringText(world);
  if (text !== undefined) {
    const found = findLogins(text);
    const place = "Codex's entry in the keyring";
    return { ...found, ...NO_FILE, place, fallbackName: "codex", isCodexs: true };
  }
  throw new UserError(`Cannot import Codex's login: there is no ${path}`, {
    hint: 'log in with "cdx2 auth login", name an auth file, or pass an API key with --api-key-stdin',
  });
}

async function fileSource(
  { files, env, homeFolder }: World,
  path: string,
  authDir: string,
): Promise<ReadSource> {
  try {
    const [real, codex, keys] = await Promise.all([
      files.realPath(path),
      realOr(files, codexAuthFile(env, homeFolder)),
      realOr(files, authDir),
    ]);
    if (((await files.info(path))?.sizeBytes ?? 0) > MAX_SOURCE_BYTES) {
      throw new UserError(`Cannot import ${path}: it is larger than 32 MiB`);
    }
    const found = findLogins(await files.readText(path));
    return {
      ...found,
      place: path,
      fallbackName: basename(path, ".json"),
      paths: real === path ? [path] : [path, real],
      isCodexs: real === codex,
      isInAuthDir: real.startsWith(keys + sep),
    };
  } catch (error) {
    throw error instanceof FileError ? new UserError(`Cannot import ${error.message}`) : error;
  }
}

async function realOr(files: Files, path: string): Promise<string> {
  return await files.realPath(path).catch(() => path);
}

const NO_FILE = { paths: [], isCodexs: false, isInAuthDir: false };
const ON_STDIN = { ...NO_FILE, place: "standard input" };

async function loginsOnStdin({ terminal }: World): Promise<ReadSource> {
  const text = await terminal.readIn(MAX_SOURCE_BYTES);
  if (text.trim() === "") throw new UserError("Cannot import a key from standard input: it is empty");
  return { ...findLogins(text), ...ON_STDIN, fallbackName: "key" };
}

async function apiKeyOnStdin({ terminal }: World): Promise<ReadSource> {
  const text = terminal.inIsTerminal
    ? await terminal.askHidden("API key (not shown): ")
    : await terminal.readIn(MAX_SOURCE_BYTES);
  const login = loginFromApiKey(text);
  if (login) {
    const usable = { kind: "usable", text: login.text, label: undefined } as const;
    return {
      tool: undefined,
      isLive: false,
      logins: [usable],
      ...ON_STDIN,
      fallbackName: login.fallbackName,
    };
  }
  if (text.trim() === "") throw new UserError("Cannot import a key from standard input: it is empty");
  throw new UserError(
    "Cannot import a key from standard input: it holds more than one key, or something else",
    {
      hint: "other logins come in with: cdx2 auth import - < FILE",
    },
  );
}
