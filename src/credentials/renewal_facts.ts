/**
 * Reads what the renewal of keys depends on: the auth files, the notes about their refresh tokens, and Codex's login.
 * Nothing is changed.
 * @module
 */

import { type KeyFile, loadKeyFiles } from "../auth/store.ts";
import { FileError, type Files } from "../system/files.ts";
import { type CodexLoginDeps, readCodexLogin } from "./codex_login.ts";
import { type HeldLogin, heldLogin } from "./held_login.ts";
import type { RenewalFacts, RenewalKey } from "./renewable.ts";
import { homeIn, type KeptHomes } from "./login_homes.ts";
import { loginId } from "./login_id.ts";
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
    /** `undefined`: there is no shared pool. */
    readonly shared: unknown;
  };
}

/** The facts of this moment. @throws {FileError} when the auth dir or the notes cannot be read */
export async function readRenewalFacts(deps: RenewalFactsDeps): Promise<RenewalFacts> {
  const { files, settings: { authDir, refresh: isOn, issuer } } = deps;
  const homes = await deps.marks.homes.read();
  const [keys, codex] = await Promise.all([
    keyFiles(files, authDir).then((found) => Promise.all(found.map((file) => keyOf(deps, file, homes)))),
    readCodexLogin(deps),
  ]);
  return { isOn, issuer, keys, codex };
}

/** Nothing when there is no such folder. */
async function keyFiles(files: Files, authDir: string): Promise<readonly KeyFile[]> {
  try {
    return await loadKeyFiles(files, authDir);
  } catch (error) {
    if (error instanceof FileError && error.code === "not_found") return [];
    throw error;
  }
}

async function keyOf(
  { files, marks, settings: { shared } }: RenewalFactsDeps,
  { record, path, text, links }: KeyFile,
  homes: KeptHomes,
): Promise<RenewalKey> {
  const login = heldLogin(text);
  const mark = login?.refreshToken && await marks.read(login.refreshToken, path);
  const successor = await successorOf(files, path, mark);
  const home = homeIn(homes, loginId(record), { isShared: shared !== undefined });
  return { record, path, login, links, mark, successor, home };
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
