/**
 * Changes auth files on the disk, one writer at a time. What is changed in the text is decided in auth_file_edit.ts.
 * @module
 */

import { sep } from "node:path";
import { runtimePaths } from "../config/paths.ts";
import { type Clock, withDeadline } from "../system/clock.ts";
import type { Files } from "../system/files.ts";
import type { Secret } from "../values/secret.ts";
import { UserError } from "../values/user_error.ts";
import { editAuthFile, type MemberChange } from "./auth_file_edit.ts";
import { withSwitchesOf } from "./key_switches.ts";
import { MAX_AUTH_FILE_BYTES } from "./record.ts";

/** An auth dir that is written to. */
export interface WritableAuthDir {
  /** The file system. */
  readonly files: Files;
  /** Limits the wait for other writers. */
  readonly clock: Clock;
  /** The folder, which has to exist. */
  readonly authDir: string;
}

// Another writer needs a few milliseconds.
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Calls `act` while no other command and no renewal writes into the auth dir.
 * @throws {@link UserError} when another writer does not end
 */
export async function asOnlyWriter<T>(
  { files, clock, authDir }: WritableAuthDir,
  act: () => Promise<T>,
): Promise<T> {
  const locking = files.lock(runtimePaths(authDir).writersLockFile);
  const lock = await withDeadline(clock, LOCK_TIMEOUT_MS, () => locking);
  if (!lock) {
    void locking.then((late) => late.release(), () => {});
    throw new UserError(`Cannot change the auth files in ${authDir}: another program is changing them`, {
      hint: "try again in a moment",
    });
  }
  try {
    return await act();
  } finally {
    lock.release();
  }
}

/** Which file a login is written to: a new one, or one that keeps only its switches. */
export interface LoginPlace {
  /** Whether the file is made, or is there already. */
  readonly kind: "add" | "replace";
  /** Its name in the auth dir. */
  readonly file: string;
}

/**
 * Writes a login into an auth file. False when the file was to be made and another program has just made one of this
 * name. Call it inside {@link asOnlyWriter}.
 * @throws {FileError} when it cannot be written; then no new file is left
 */
export async function writeLogin(
  { files, authDir }: Pick<WritableAuthDir, "files" | "authDir">,
  { kind, file }: LoginPlace,
  text: Secret,
): Promise<boolean> {
  const path = `${authDir}/${file}`;
  if (kind === "replace") {
    await files.writeDurable(path, withSwitchesOf(await files.readText(path), text.reveal()));
    return true;
  }
  // The name is reserved before the file is written: other programs do not ask for the lock.
  if (!(await files.createEmpty(path))) return false;
  try {
    await files.writeDurable(path, text.reveal());
    return true;
  } catch (error) {
    await files.remove(path);
    throw error;
  }
}

/**
 * Makes changes to an auth file, and returns whether any was needed. It keeps its layout and gets the mode 0600. Of a link
 * inside the folder, the file that it leads to is changed.
 * @throws {@link UserError} when the file must not be changed, cannot be, or was changed by another program meanwhile
 * @throws {FileError} when it cannot be read or written
 */
export async function changeAuthFile(
  place: WritableAuthDir,
  file: string,
  changes: readonly MemberChange[],
): Promise<boolean> {
  const { files } = place;
  return await asOnlyWriter(place, async () => {
    const { path, text, revision } = await changeableFile(place, file);
    const edited = editAuthFile(text, changes);
    if (edited.kind === "refused") throw cannotChange(file, edited.reason);
    if (edited.text === text) return false;
    if ((await files.info(path))?.revision !== revision) {
      throw cannotChange(file, "another program changed it at this moment", "try again");
    }
    await files.writeDurable(path, edited.text);
    return true;
  });
}

/**
 * A file that may be changed, by its path without links. Call it inside {@link asOnlyWriter}.
 * @throws {@link UserError} when it must not be changed
 * @throws {FileError} when it cannot be read
 */
export async function changeableFile(
  { files, authDir }: Pick<WritableAuthDir, "files" | "authDir">,
  file: string,
): Promise<{ readonly path: string; readonly text: string; readonly revision: string }> {
  const [path, folder] = await Promise.all([files.realPath(`${authDir}/${file}`), files.realPath(authDir)]);
  if (!path.startsWith(folder + sep)) throw cannotChange(file, "it is a link that leads out of the auth dir");
  const before = await files.info(path);
  if (before?.kind !== "file") throw cannotChange(file, "it is not a file");
  // Writing would leave the other name with the old content.
  if (before.links > 1) {
    throw cannotChange(file, "it is hard-linked", "replace it by a copy of its own, then try again");
  }
  if (before.sizeBytes > MAX_AUTH_FILE_BYTES) throw cannotChange(file, "it is larger than 1 MiB");
  return { path, text: await files.readText(path), revision: before.revision };
}

function cannotChange(file: string, reason: string, hint?: string): UserError {
  return new UserError(`Cannot change ${file}: ${reason}`, { hint });
}
