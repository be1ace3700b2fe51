/**
 * Locks on files, which exclude other processes and other holders in this one.
 * @module
 */

import { systemClock } from "./clock.ts";
import { named } from "./file_error.ts";
import { refusePipe } from "./pipe.ts";

/** An exclusive lock. The kernel releases it when this process ends, however it ends. */
export interface FileLock {
  /** Whether the locked file is still the one at this path: the file may have been removed, or its folder made again. */
  isAt(path: string): Promise<boolean>;
  /** Replaces what is in the locked file. */
  write(note: string): Promise<void>;
  release(): void;
}

// Deno before 2.9 has no tryLock: there, a lock that is not granted within this time counts as held by another.
const LOCK_WAIT_MS = 150;

// Windows lets nobody else read a file that is locked (LockFileEx), and a note is for others. There, a file beside it is
// locked in its place.
const HIDES_LOCKED = Deno.build.os === "windows";

function lockedPath(path: string, hidesLocked: boolean): string {
  return hidesLocked ? `${path}.held` : path;
}

/**
 * Takes the lock if it is free and writes `note` into the file; `undefined` when another process holds it. `hidesLocked`:
 * the system lets nobody read a locked file.
 */
export async function tryLock(
  path: string,
  note: string,
  hidesLocked = HIDES_LOCKED,
): Promise<FileLock | undefined> {
  await refusePipe(path);
  const held = await openForLock(lockedPath(path, hidesLocked));
  if (!(await isGranted(held))) return undefined;
  let lock = lockOf(held, held);
  try {
    if (hidesLocked) lock = lockOf(held, await openForLock(path));
    await lock.write(note);
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openForLock(path: string): Promise<Deno.FsFile> {
  return Deno.open(path, { write: true, create: true, mode: 0o600 });
}

/** The lock that is held through an open file, with its note in another one or in the same. */
function lockOf(held: Deno.FsFile, noted: Deno.FsFile): FileLock {
  return {
    isAt: (path) => named(path, () => isSameFile(noted, path)),
    // Through the handle that holds the lock: a file renamed over this one would not be locked.
    // Not emptied before, so that a reader at the same moment finds the old note or the new one.
    write: async (note) => {
      const bytes = new TextEncoder().encode(note);
      await noted.seek(0, Deno.SeekMode.Start);
      await noted.write(bytes);
      await noted.truncate(bytes.length);
    },
    release: () => {
      if (noted !== held) noted.close();
      held.close();
    },
  };
}

async function isSameFile(file: Deno.FsFile, path: string): Promise<boolean> {
  try {
    const [held, found] = await Promise.all([file.stat(), Deno.stat(path)]);
    return held.ino === found.ino && held.dev === found.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Waits until the lock is free, and takes it. The file is created when it is missing, and keeps its content. `hidesLocked`
 * as for {@link tryLock}.
 */
export async function waitForLock(path: string, hidesLocked = HIDES_LOCKED): Promise<FileLock> {
  const locked = lockedPath(path, hidesLocked);
  for (;;) {
    await refusePipe(path);
    const file = await openForLock(locked);
    try {
      await file.lock(true);
      // Somebody may have removed the file meanwhile: then others lock another one.
      if (await isSameFile(file, locked)) return lockOf(file, file);
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
  }
}

/** Closes the file when its lock is not granted, or is granted too late. */
async function isGranted(file: Deno.FsFile): Promise<boolean> {
  if ("tryLock" in file && typeof file.tryLock === "function") {
    const granted: boolean = await file.tryLock(true);
    if (!granted) file.close();
    return granted;
  }
  const granting = file.lock(true).then(() => true, () => false);
  const waiting = new AbortController();
  const givingUp = systemClock.sleep(LOCK_WAIT_MS, waiting.signal).then(() => false);
  const granted = await Promise.race([granting, givingUp]);
  waiting.abort();
  if (!granted) granting.then(() => file.close());
  return granted;
}
