/**
 * Reads what the renewal of keys depends on: the auth files, the notes about their refresh tokens, and Codex's login.
 * Nothing is changed.
 * @module
 */

import { type KeyFile, loadKeyFiles } from "../auth/store.ts";
import { type Files, isMissing } from "../system/files.ts";
import { type CodexLoginDeps, readCodexLogin } from "./codex_login.ts";
import { type HeldLogin, heldLogin } from "./held_login.ts";
import type { RenewalFacts, RenewalKey } from "./renewable.ts";
import { inBatches } from "../values/batches.ts";
import { homeIn, type KeptHomes } from "./login_homes.ts";
import { loginId } from "./login_id.ts";
import type { RenewalMark } from "./renewal_mark.ts";
import type { ReadMark, RenewalMarks } from "./renewal_marks.ts";

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
export async function readRenewalFacts(
  deps: RenewalFactsDeps,
  load = () => loadKeyFiles(deps.files, deps.settings.authDir),
): Promise<RenewalFacts> {
  const { settings: { refresh: isOn, issuer } } = deps;
  const homes = await deps.marks.homes.read();
  const [keys, codex] = await Promise.all([keysOf(deps, homes, await orNone(load)), readCodexLogin(deps)]);
  return { isOn, issuer, keys, codex };
}

/** The notes are read after the files: a token that is renewed meanwhile has its note by then. */
async function keysOf(
  deps: RenewalFactsDeps,
  homes: KeptHomes,
  found: readonly KeyFile[],
): Promise<readonly RenewalKey[]> {
  const readMark = await deps.marks.reader();
  return await inBatches(found, (file) => keyOf(deps, file, { homes, readMark }));
}

/** Nothing when there is no such folder. */
async function orNone(load: () => Promise<readonly KeyFile[]>): Promise<readonly KeyFile[]> {
  try {
    return await load();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function keyOf(
  { files, settings: { shared } }: RenewalFactsDeps,
  file: KeyFile,
  { homes, readMark }: { readonly homes: KeptHomes; readonly readMark: ReadMark },
): Promise<RenewalKey> {
  const { record, path, links } = file;
  const login = loginIn(file);
  const mark = login?.refreshToken && await readMark(login.refreshToken, path);
  const successor = await successorOf(files, path, mark);
  const home = homeIn(homes, loginId(record), { isShared: shared !== undefined });
  return { record, path, login, links, mark, successor, home };
}

// Those of a file that has not changed, in a program that looks again and again.
const logins = new WeakMap<KeyFile, { readonly login: HeldLogin | undefined }>();

function loginIn(file: KeyFile): HeldLogin | undefined {
  const known = logins.get(file) ?? { login: heldLogin(file.text) };
  logins.set(file, known);
  return known.login;
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
