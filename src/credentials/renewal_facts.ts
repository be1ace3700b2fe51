/**
 * Reads what the renewal of keys depends on: the auth files, the notes about their refresh tokens, and Codex's login.
 * Nothing is changed.
 * @module
 */

import { parseAuthFile } from "../auth/record.ts";
import { listKeys } from "../auth/folder.ts";
import { FileError, type Files } from "../system/files.ts";
import { type CodexLoginDeps, readCodexLogin } from "./codex_login.ts";
import { type HeldLogin, heldLogin } from "./held_login.ts";
import type { RenewalFacts, RenewalKey } from "./renewable.ts";
import type { RenewalMark } from "./renewal_mark.ts";
import type { RenewalMarks } from "./renewal_marks.ts";

/** What is needed to read the facts. */
export interface RenewalFactsDeps extends CodexLoginDeps {
  /** The notes about refresh tokens. */
  readonly marks: RenewalMarks;
  /** The settings that matter. */
  readonly settings: {
    /** The folder with the keys. */
    readonly authDir: string;
    /** Whether tokens are renewed. */
    readonly refresh: boolean;
    /** Who renews them. */
    readonly issuer: string;
  };
}

/** The facts of this moment. @throws {FileError} when the auth dir or the notes cannot be read */
export async function readRenewalFacts(deps: RenewalFactsDeps): Promise<RenewalFacts> {
  const { files, settings: { authDir, refresh: isOn, issuer } } = deps;
  const { records } = await listKeys(files, authDir);
  const [keys, codex] = await Promise.all([
    Promise.all(records.map(({ file }) => readKey(deps, file))),
    readCodexLogin(deps),
  ]);
  return { isOn, issuer, keys: keys.flatMap((key) => key ?? []), codex };
}

/** One key; `undefined` when its file went or changed into something else. */
async function readKey(
  { files, marks, settings: { authDir } }: RenewalFactsDeps,
  file: string,
): Promise<RenewalKey | undefined> {
  const found = await fileAt(files, `${authDir}/${file}`);
  if (!found) return undefined;
  const { path, text, links } = found;
  const parsed = parseAuthFile(file, text);
  if (parsed.kind === "rejected") return undefined;
  const login = heldLogin(text);
  const mark = login?.refreshToken && await marks.read(login.refreshToken, path);
  return { record: parsed.record, path, login, links, mark, successor: await successorOf(files, path, mark) };
}

async function successorOf(
  files: Files,
  path: string,
  mark: RenewalMark | undefined,
): Promise<HeldLogin | undefined> {
  if (mark?.state !== "spent" || mark.path === path) return undefined;
  return await readHeldLogin(files, mark.path);
}

/** The login in the auth file at `path`; `undefined` when there is none, or the file cannot be read. */
export async function readHeldLogin(
  files: Pick<Files, "readText">,
  path: string,
): Promise<HeldLogin | undefined> {
  return heldLogin(await files.readText(path).catch(() => ""));
}

async function fileAt(
  files: Files,
  name: string,
): Promise<{ path: string; text: string; links: number } | undefined> {
  try {
    const path = await files.realPath(name);
    const [text, info] = await Promise.all([files.readText(path), files.info(path)]);
    return { path, text, links: info?.links ?? 1 };
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}
