/**
 * Files for commands, which must end when a disk does not answer, as that of a server that is gone.
 * @module
 */

import { type Clock, withDeadline } from "./clock.ts";
import { FileError } from "./file_error.ts";
import type { Files } from "./files.ts";

/** Each operation rejects after `timeoutMs` at the latest. Waiting for a lock is none: its holder may take its time. */
export function impatientFiles(files: Files, clock: Clock, timeoutMs: number): Files {
  const within = async <T>(path: string, act: () => Promise<T>): Promise<T> => {
    const done = await withDeadline(clock, timeoutMs, async () => ({ value: await act() }));
    if (done === undefined) throw new FileError("other", `${path}: the disk does not answer`);
    return done.value;
  };
  return {
    readText: (path, known) => within(path, () => files.readText(path, known)),
    readHead: (path, maxBytes) => within(path, () => files.readHead(path, maxBytes)),
    readTail: (path, maxBytes) => within(path, () => files.readTail(path, maxBytes)),
    info: (path) => within(path, () => files.info(path)),
    list: (folder) => within(folder, () => files.list(folder)),
    realPath: (path) => within(path, () => files.realPath(path)),
    makeFolder: (path) => within(path, () => files.makeFolder(path)),
    writeAtomic: (path, text) => within(path, () => files.writeAtomic(path, text)),
    writeDurable: (path, text) => within(path, () => files.writeDurable(path, text)),
    createEmpty: (path) => within(path, () => files.createEmpty(path)),
    openAppend: (path) => within(path, () => files.openAppend(path)),
    append: (path, bytes) => within(path, () => files.append(path, bytes)),
    rename: (from, to) => within(from, () => files.rename(from, to)),
    remove: (path) => within(path, () => files.remove(path)),
    setMode: (path, mode) => within(path, () => files.setMode(path, mode)),
    tryLock: (path, note) => within(path, () => files.tryLock(path, note)),
    lock: (path) => files.lock(path),
  };
}
