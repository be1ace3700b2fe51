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

/** Takes the lock if it is free and writes `note` into the file; `undefined` when another process holds it. */
export async function tryLock(path: string, note: string): Promise<FileLock | undefined> {
  await refusePipe(path);
  const file = await Deno.open(path, { write: true, create: true, mode: 0o600 });
  if (!(await isGranted(file))) return undefined;
  const lock = heldLock(file);
  try {
    await lock.write(note);
    return lock;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The lock that is held through an open file. */
function heldLock(file: Deno.FsFile): FileLock {
  return {
    isAt: (path) => named(path, () => isSameFile(file, path)),
    // Through the handle that holds the lock: a file renamed over this one would not be locked.
    // Not emptied before, so that a reader at the same moment finds the old note or the new one.
    write: async (note) => {
      const bytes = new TextEncoder().encode(note);
      await file.seek(0, Deno.SeekMode.Start);
      await file.write(bytes);
      await file.truncate(bytes.length);
    },
    release: () => file.close(),
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

/** Waits until the lock is free, and takes it. The file is created when it is missing, and keeps its content. */
export async function waitForLock(path: string): Promise<FileLock> {
  for (;;) {
    await refusePipe(path);
    const file = await Deno.open(path, { write: true, create: true, mode: 0o600 });
    try {
      await file.lock(true);
      // Somebody may have removed the file meanwhile: then others lock another one.
      if (await isSameFile(file, path)) return heldLock(file);
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
