/**
 * Codex's `config.toml` on the disk: read, and replaced as a whole. A link stays a link, and the file keeps its mode.
 * @module
 */

import { dirname } from "node:path";
import { codexConfigFile } from "../../config/paths.ts";
import { FileError } from "../../system/files.ts";
import { UserError } from "../../values/user_error.ts";
import type { World } from "../world.ts";
import { isStrayProfile, unrouted } from "./config_toml.ts";
import { isRouted, wasMade } from "./marks.ts";

const NEW_FILE_MODE = 0o600;
const BYTE_ORDER_MARK = "\uFEFF";

/** The file, where it really is. */
export interface CodexConfig {
  /** As the user knows it. */
  readonly path: string;
  /** The same with links resolved. */
  readonly realPath: string;
  /** Without a byte order mark; `undefined` when there is no such file. */
  readonly text: string | undefined;
  /** The byte order mark that the file begins with, or nothing: some editors on Windows write one. */
  readonly mark: string;
  readonly mode: number;
  /** Where a copy is kept while there are lines of ours in the file. */
  readonly backup: string;
}

type ConfigWorld = Pick<World, "files" | "env" | "homeFolder">;

/** Reads it. @throws {@link UserError} when it is there and cannot be read */
export async function readCodexConfig({ files, env, homeFolder }: ConfigWorld): Promise<CodexConfig> {
  const path = codexConfigFile(env, homeFolder);
  try {
    const info = await files.info(path);
    const backup = `${path}.before-cdx2`;
    if (info === undefined) {
      return { path, realPath: path, text: undefined, mark: "", mode: NEW_FILE_MODE, backup };
    }
    const [realPath, read] = await Promise.all([files.realPath(path), files.readText(path)]);
    // Reading replaced bytes that are not UTF-8 with this character; writing it back would lose them.
    if (read.includes("\uFFFD")) throw new FileError("other", `${path}: it is not UTF-8 text`);
    const mark = read.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
    return {
      path,
      realPath,
      text: read.slice(mark.length),
      mark,
      mode: info.mode || NEW_FILE_MODE,
      backup,
    };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UserError(`Cannot read the settings of Codex ${error.message}`, {
      hint: "fix the file, or set CODEX_HOME to the folder that Codex uses",
    });
  }
}

const PROFILE_END = ".config.toml";

/** The names of the profiles beside the settings that lead past the proxy. Each is a file `NAME.config.toml`. */
export async function strayProfileFiles(
  { files }: Pick<World, "files">,
  { path }: Pick<CodexConfig, "path">,
): Promise<readonly string[]> {
  const folder = dirname(path);
  const names = (await files.list(folder).catch(() => [])).filter((name) => name.endsWith(PROFILE_END));
  const areStray = await Promise.all(names.map(async (name) => {
    const text = await files.readText(`${folder}/${name}`).catch(() => "");
    return isStrayProfile(text.replace(BYTE_ORDER_MARK, ""));
  }));
  return names.filter((_, index) => areStray[index]).map((name) => name.slice(0, -PROFILE_END.length));
}

/** Writes an edited text, and before the first edit a copy. @throws {@link UserError} when the disk refuses */
export async function writeCodexConfig(
  { files }: Pick<World, "files">,
  config: CodexConfig,
  edited: string,
): Promise<void> {
  const { text, mark, backup, path } = config;
  await writing(async () => {
    if (text === undefined) await files.makeFolder(dirname(path));
    else if (!isRouted(text)) await files.writeAtomic(backup, mark + text);
    await replace(files, config, edited);
  });
}

/** Takes our lines out. A file that was made for them goes, and so does the copy, unless the file has changed since. */
export async function undoCodexConfig(
  { files }: Pick<World, "files">,
  config: CodexConfig & { readonly text: string },
): Promise<void> {
  const { text, mark, backup, realPath } = config;
  const restored = unrouted(text);
  await writing(async () => {
    if (restored === "" && wasMade(text)) await files.remove(realPath);
    else await replace(files, config, restored);
    const copy = await files.info(backup) && await files.readText(backup);
    if (copy === mark + restored) await files.remove(backup);
  });
}

async function replace(
  files: World["files"],
  { realPath, mark, mode }: CodexConfig,
  text: string,
): Promise<void> {
  await files.writeAtomic(realPath, mark + text);
  if (mode !== NEW_FILE_MODE) await files.setMode(realPath, mode);
}

async function writing(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UserError(`Cannot write the settings of Codex ${error.message}`, {
      hint: 'make the file writable, or put in the lines of "cdx2 setup codex --print" yourself',
    });
  }
}
