/**
 * Changes the auth dir as folder_plan.ts decides. A running proxy need not be told: it polls the folder.
 * @module
 */

import { UserError } from "../values/user_error.ts";
import { type Files, isMissing } from "../system/files.ts";
import { type ImportOptions, type ImportPlan, type Login, planImport, type Refusal } from "./folder_plan.ts";
import { asOnlyWriter, type WritableAuthDir, writeLogin } from "./auth_file_change.ts";
import { keyCalled, type NamedKey } from "./key_names.ts";
import { type AuthListing, loadAuthDir } from "./store.ts";

/** What {@link importKey} has done: added a file, replaced one, or found nothing to do. */
export type Imported = Exclude<ImportPlan, Refusal>;

/**
 * What an auth dir holds; nothing when there is no such folder.
 * @throws {FileError} when it cannot be read
 */
export async function listKeys(files: Files, authDir: string): Promise<AuthListing> {
  try {
    return await loadAuthDir(files, authDir);
  } catch (error) {
    if (isMissing(error)) return { records: [], rejected: [] };
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
  place: WritableAuthDir,
  login: Login,
  options: ImportOptions,
): Promise<Imported> {
  return await asOnlyWriter(place, () => importAsOnlyWriter(place, login, options));
}

async function importAsOnlyWriter(
  place: WritableAuthDir,
  login: Login,
  options: ImportOptions,
): Promise<Imported> {
  const takenMeanwhile = new Set<string>();
  for (;;) {
    const { records, rejected } = await loadAuthDir(place.files, place.authDir);
    const taken = new Set([...[...records, ...rejected].map(({ file }) => file), ...takenMeanwhile]);
    const plan = planImport(login, options, { records, taken });
    if (plan.kind === "refuse") throw refusalError(plan, "Cannot import the key");
    if (plan.kind === "already") return plan;
    if (await writeLogin(place, plan, login.text)) return plan;
    takenMeanwhile.add(plan.file);
  }
}

/**
 * The one auth file that `name` means (key_names.ts), whether it gives a key or not. `cannot` begins the error: `Cannot
 * remove the key`.
 * @throws {@link UserError} when it means none or several, or a folder
 * @throws {FileError} when the auth dir cannot be read
 */
export async function findKey(
  files: Files,
  authDir: string,
  name: string,
  cannot: string,
): Promise<NamedKey> {
  const key = keyIn(await listKeys(files, authDir), name, cannot);
  // A folder can have the name of an auth file, too.
  if ((await files.info(`${authDir}/${key.file}`).catch(() => undefined))?.kind === "folder") {
    throw new UserError(`${cannot}: ${key.file} is a folder`);
  }
  return key;
}

/** The same in a listing that was read already. @throws {@link UserError} when `name` means none or several */
export function keyIn({ records, rejected }: AuthListing, name: string, cannot: string): NamedKey {
  const others = rejected.map(({ file }) => ({ file, email: undefined, alias: undefined }));
  const named = keyCalled(name, [...records, ...others]);
  if (named.kind !== "one") throw refusalError(named.problem, cannot);
  const { file, email, alias } = named.key;
  return { file, email, alias };
}

/**
 * Removes an auth file. When it is a link, only the link is removed.
 * @throws {@link UserError} when another writer does not end
 * @throws {FileError} when it cannot be removed
 */
export async function removeKey(place: WritableAuthDir, file: string): Promise<void> {
  await asOnlyWriter(place, () => place.files.remove(`${place.authDir}/${file}`));
}

/**
 * Gives an auth file another name, which is one that `keyFileName` made. When it is a link, the link is renamed.
 * @throws {@link UserError} when the name is taken, or another writer does not end
 * @throws {FileError} when it cannot be renamed
 */
export async function renameKey(place: WritableAuthDir, file: string, to: string): Promise<void> {
  const { files, authDir } = place;
  await asOnlyWriter(place, async () => {
    // The name is reserved first: renaming would overwrite whatever has it.
    if (!(await files.createEmpty(`${authDir}/${to}`))) {
      throw new UserError(`Cannot rename ${file}: there is a ${to} already`, { hint: "choose another name" });
    }
    try {
      await files.rename(`${authDir}/${file}`, `${authDir}/${to}`);
    } catch (error) {
      await files.remove(`${authDir}/${to}`);
      throw error;
    }
  });
}

function refusalError({ reason, hint }: Pick<Refusal, "reason" | "hint">, cannot: string): UserError {
  return new UserError(`${cannot}: ${reason}`, { hint });
}
