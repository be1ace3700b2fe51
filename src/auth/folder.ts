/**
 * Changes the auth dir as folder_plan.ts decides. A running proxy need not be told: it polls the folder.
 * @module
 */

import { UserError } from "../values/user_error.ts";
import { FileError, type Files } from "../system/files.ts";
import {
  type ImportOptions,
  type ImportPlan,
  type Login,
  planImport,
  planRemoval,
  type Refusal,
  type RemovalPlan,
} from "./folder_plan.ts";
import type { Secret } from "../values/secret.ts";
import { type AuthListing, loadAuthDir } from "./store.ts";

/** What {@link importKey} has done: added a file, or replaced one. */
export type Imported = Exclude<ImportPlan, Refusal>;
/** The auth file that {@link removeKey} removes. */
export type Removal = Exclude<RemovalPlan, Refusal>;

/**
 * What an auth dir holds; nothing when there is no such folder.
 * @throws {FileError} when it cannot be read
 */
export async function listKeys(files: Files, authDir: string): Promise<AuthListing> {
  try {
    return await loadAuthDir(files, authDir);
  } catch (error) {
    if (error instanceof FileError && error.code === "not_found") return { records: [], rejected: [] };
    throw error;
  }
}

/**
 * Writes a login into an auth dir, which has to exist. Two imports at the same moment never overwrite each other's
 * file.
 * @throws {@link UserError} when the login must not be written, as {@link planImport} decides
 * @throws {FileError} when the folder cannot be read, or the file cannot be written
 */
export async function importKey(
  files: Files,
  authDir: string,
  login: Login,
  options: ImportOptions,
): Promise<Imported> {
  const takenMeanwhile = new Set<string>();
  for (;;) {
    const { records, rejected } = await loadAuthDir(files, authDir);
    const taken = new Set([...[...records, ...rejected].map(({ file }) => file), ...takenMeanwhile]);
    const plan = planImport(login, options, { records, taken });
    if (plan.kind === "refuse") throw refusalError(plan, "Cannot import the key");
    if (await write(plan, { files, authDir, text: login.text })) return plan;
    takenMeanwhile.add(plan.file);
  }
}

interface Writing {
  readonly files: Files;
  readonly authDir: string;
  readonly text: Secret;
}

/** False when another process has just created the file. */
async function write({ kind, file }: Imported, { files, authDir, text }: Writing): Promise<boolean> {
  const path = `${authDir}/${file}`;
  // The name is reserved before the file is written: two imports at the same moment must not overwrite each other.
  if (kind === "add" && !(await files.createEmpty(path))) return false;
  try {
    await files.writeAtomic(path, text.reveal());
    return true;
  } catch (error) {
    if (kind === "add") await files.remove(path);
    throw error;
  }
}

/**
 * The one auth file that a file name, with or without `.json`, or an e-mail means.
 * @throws {@link UserError} when it means none or several, or a folder
 * @throws {FileError} when the auth dir cannot be read
 */
export async function findKey(files: Files, authDir: string, name: string): Promise<Removal> {
  const plan = planRemoval(name, await listKeys(files, authDir));
  if (plan.kind === "refuse") throw refusalError(plan, `Cannot remove a key from ${authDir}`);
  // A folder can have the name of an auth file, too.
  if ((await files.info(`${authDir}/${plan.file}`))?.kind === "folder") {
    throw new UserError(`Cannot remove ${plan.file}: it is a folder`);
  }
  return plan;
}

/**
 * Removes an auth file. When it is a link, only the link is removed.
 * @throws {FileError} when it cannot be removed
 */
export async function removeKey(files: Files, authDir: string, { file }: Removal): Promise<void> {
  await files.remove(`${authDir}/${file}`);
}

function refusalError({ reason, hint }: Refusal, cannot: string): UserError {
  return new UserError(`${cannot}: ${reason}`, { hint });
}
