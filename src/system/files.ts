/**
 * Files, as a port. What we create is private (0600, folders 0700) and appears whole: it is written to a temporary
 * file in the same folder, synced, then renamed.
 * @module
 */

import { dirname } from "node:path";
import { named } from "./file_error.ts";
import { refusePipe } from "./pipe.ts";
import { readText } from "./text_file.ts";
import { type FileLock, tryLock, waitForLock } from "./file_lock.ts";

export { FileError, type FileErrorCode, isMissing } from "./file_error.ts";
export type { FileLock } from "./file_lock.ts";

/** What is at a path. */
export interface FileInfo {
  readonly kind: "file" | "folder" | "other";
  readonly sizeBytes: number;
  /** Permission bits such as 0o600; 0 on a platform without them. */
  readonly mode: number;
  /** When its content was last changed, epoch milliseconds; 0 where the platform does not tell. */
  readonly modifiedMs: number;
  /** Changes whenever the file is written or replaced: modification time, size and identity in one text. */
  readonly revision: string;
  /** The same as long as the path leads to the same file, whatever is written into it; empty where the platform does not tell. */
  readonly identity: string;
  /** How many names the file has: more than one when it is hard-linked. 1 where the platform does not tell. */
  readonly links: number;
  /** Whether the path is a link; all else is about what it leads to. */
  readonly isLink: boolean;
}

/** A file open for appending, created 0600. A write resolves when all its bytes are written. */
export interface AppendFile {
  readonly sizeBytes: number;
  write(bytes: Uint8Array): Promise<void>;
  close(): void;
}

/** Every rejection is a {@link FileError}. */
export interface Files {
  /** `known`: what was just found at the path, so that a file is not looked at once more before it is opened. */
  readText(path: string, known?: Pick<FileInfo, "kind">): Promise<string>;
  /** The first `maxBytes` of a file, or all that it has. */
  readHead(path: string, maxBytes: number): Promise<Uint8Array>;
  /** The last `maxBytes` of a file, and the offset where they begin. */
  readTail(path: string, maxBytes: number): Promise<{ bytes: Uint8Array; startsAt: number }>;
  /** Follows links. `undefined` when there is nothing at `path`. */
  info(path: string): Promise<FileInfo | undefined>;
  /** Names in a folder, sorted. */
  list(folder: string): Promise<readonly string[]>;
  /** The path with all links resolved. */
  realPath(path: string): Promise<string>;
  makeFolder(path: string): Promise<void>;
  writeAtomic(path: string, text: string): Promise<void>;
  /** As `writeAtomic`, and the new file is still there after a power failure: the folder is synced as well. */
  writeDurable(path: string, text: string): Promise<void>;
  /** Makes an empty file, which reserves its name; `false` when something has that name already. */
  createEmpty(path: string): Promise<boolean>;
  openAppend(path: string): Promise<AppendFile>;
  /** Adds bytes to the end of a file that is there, in one step: opening it first costs three. */
  append(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Also succeeds when there is nothing to remove. */
  remove(path: string): Promise<void>;
  /** Sets the permission bits. Does nothing on a platform without them. */
  setMode(path: string, mode: number): Promise<void>;
  /** Takes the lock if it is free and writes `note` into the file; `undefined` when another process holds it. */
  tryLock(path: string, note: string): Promise<FileLock | undefined>;
  /** Waits until the lock is free, and takes it. The file is created when it is missing, and keeps its content. */
  lock(path: string): Promise<FileLock>;
}

/** The real file system. */
export const systemFiles: Files = {
  readText,
  readHead: (path, maxBytes) =>
    named(path, async () => {
      await refusePipe(path);
      using file = await Deno.open(path, { read: true });
      return await readUpTo(file, maxBytes);
    }),
  readTail: (path, maxBytes) =>
    named(path, async () => {
      await refusePipe(path);
      using file = await Deno.open(path, { read: true });
      const { size } = await file.stat();
      const startsAt = Math.max(0, size - maxBytes);
      await file.seek(startsAt, Deno.SeekMode.Start);
      return { bytes: await readUpTo(file, size - startsAt), startsAt };
    }),
  info: (path) =>
    named(path, async () => {
      try {
        const own = await Deno.lstat(path);
        return own.isSymlink ? { ...describe(await Deno.stat(path)), isLink: true } : describe(own);
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return undefined;
        throw error;
      }
    }),
  list: (folder) =>
    named(folder, async () => {
      const names: string[] = [];
      for await (const entry of Deno.readDir(folder)) names.push(entry.name);
      return names.sort();
    }),
  realPath: (path) => named(path, () => Deno.realPath(path)),
  makeFolder: (path) => named(path, () => Deno.mkdir(path, { recursive: true, mode: 0o700 })),
  writeAtomic: (path, text) => named(path, () => writeAtomic(path, text)),
  writeDurable: (path, text) =>
    named(path, async () => {
      await writeAtomic(path, text);
      await syncFolder(dirname(path));
    }),
  createEmpty: (path) =>
    named(path, async () => {
      try {
        (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
        return true;
      } catch (error) {
        if (error instanceof Deno.errors.AlreadyExists) return false;
        throw error;
      }
    }),
  openAppend: (path) => named(path, () => openAppend(path)),
  append: (path, bytes) => named(path, () => Deno.writeFile(path, bytes, { append: true, create: false })),
  rename: (from, to) => named(from, () => Deno.rename(from, to)),
  remove: (path) =>
    named(path, async () => {
      try {
        await Deno.remove(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }),
  setMode: (path, mode) =>
    named(path, async () => {
      if (Deno.build.os !== "windows") await Deno.chmod(path, mode);
    }),
  tryLock: (path, note) => named(path, () => tryLock(path, note)),
  lock: (path) => named(path, () => waitForLock(path)),
};

async function readUpTo(file: Deno.FsFile, maxBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(maxBytes);
  let filled = 0;
  while (filled < bytes.length) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

function writeAtomic(path: string, text: string): Promise<void> {
  return replace(path, text, `${path}.${Deno.pid}-${crypto.randomUUID().slice(0, 8)}.tmp`);
}

/** As `writeAtomic`, through a temporary file of this name. No two writers may use it at once. @throws {@link FileError} */
export function replaceFile(path: string, text: string, temporary: string): Promise<void> {
  return named(path, async () => {
    // One that a crash has left, or a link in its place.
    await Deno.remove(temporary).catch(() => {});
    await replace(path, text, temporary);
  });
}

async function replace(path: string, text: string, beside: string): Promise<void> {
  try {
    using file = await Deno.open(beside, { write: true, createNew: true, mode: 0o600 });
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
    await file.sync();
    await Deno.rename(beside, path);
  } catch (error) {
    await Deno.remove(beside).catch(() => {});
    throw error;
  }
}

// Some file systems, and Windows, cannot sync a folder: there the renaming alone has to do.
async function syncFolder(folder: string): Promise<void> {
  try {
    const open = await Deno.open(folder);
    await open.sync().finally(() => open.close());
  } catch {
    // The file itself is synced.
  }
}

async function openAppend(path: string): Promise<AppendFile> {
  await refusePipe(path);
  const file = await Deno.open(path, { append: true, create: true, mode: 0o600 });
  let sizeBytes = (await file.stat()).size;
  return {
    get sizeBytes() {
      return sizeBytes;
    },
    write: (bytes) =>
      named(path, async () => {
        for (let written = 0; written < bytes.length;) {
          const count = await file.write(bytes.subarray(written));
          written += count;
          sizeBytes += count;
        }
      }),
    close: () => file.close(),
  };
}

function describe(info: Deno.FileInfo): FileInfo {
  return {
    kind: info.isFile ? "file" : info.isDirectory ? "folder" : "other",
    sizeBytes: info.size,
    mode: (info.mode ?? 0) & 0o777,
    modifiedMs: info.mtime?.getTime() ?? 0,
    revision: `${info.mtime?.getTime() ?? 0}:${info.ctime?.getTime() ?? 0}:${info.size}:${info.ino ?? 0}`,
    identity: info.ino ? `${info.dev}:${info.ino}` : "",
    links: info.nlink ?? 1,
    isLink: false,
  };
}
