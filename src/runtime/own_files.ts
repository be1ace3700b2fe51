/**
 * Watches that the files by which the service is found stay its own. What was removed or overwritten is written again;
 * when another service has taken the auth dir over, or the folder is gone, this one has to end.
 * @module
 */

import type { RuntimePaths } from "../config/paths.ts";
import type { Clock } from "../system/clock.ts";
import { FileError, type FileLock, type Files } from "../system/files.ts";
import { type ProcessRecord, type ServiceRecord, writeHolder, writePid } from "./process_record.ts";
import { readState } from "./state_file.ts";

/** What {@link OwnFiles} works with. */
export interface OwnFilesOptions {
  /** Reads and writes them. */
  readonly files: Files;
  /** Times the looks. */
  readonly clock: Clock;
  /** The folder. */
  readonly authDir: string;
  /** Where they are. */
  readonly paths: RuntimePaths;
  /** What the lock file says. */
  readonly own: ProcessRecord;
}

/** What has to be done about the service's files besides what {@link OwnFiles} does by itself. */
export interface OnLoss {
  /** The state file is gone, or is another service's. */
  saveState(): void;
  /** The lock file was gone, perhaps with the whole folder, and has been taken again. */
  keepSettings(): Promise<void>;
  /** Called with what was lost and written again, such as `the lock file`. */
  report(what: string): Promise<void>;
}

/** Why the service has to end. */
export interface Eviction {
  /** A text for the log. */
  readonly reason: string;
  /** Another service writes these files now. */
  readonly isTaken: boolean;
}

const LOOK_EVERY_MS = 1_000;
// Longer than a folder needs to be moved, restored or mounted again.
const FOLDER_GONE_MS = 10_000;

/** The lock, the pid file and the state file of this process. */
export class OwnFiles {
  readonly #options: OwnFilesOptions;
  #lock: FileLock;
  #record: ProcessRecord | ServiceRecord;
  #goneSinceMs: number | undefined;
  #stateRevision = "";
  #queue: Promise<unknown> = Promise.resolve();

  /** Begins with a lock that has been taken. */
  constructor(options: OwnFilesOptions, lock: FileLock) {
    this.#options = options;
    this.#lock = lock;
    this.#record = options.own;
  }

  /** Says in the lock file where the service listens. The worker, which writes the state file, cannot write this one. */
  async tellAddress(host: string, port: number): Promise<void> {
    await this.#inTurn(async () => {
      this.#record = { ...this.#options.own, host, port };
      await this.#lock.write(writeHolder(this.#record));
    });
  }

  /** Writes the pid file. @throws {FileError} */
  async writePid(): Promise<void> {
    const { files, paths, own } = this.#options;
    await files.writeAtomic(paths.pidFile, writePid(own.pid));
  }

  /** Looks every second. Resolves when the service has to end, or with `undefined` when `signal` aborts. */
  async watch(onLoss: OnLoss, signal: AbortSignal): Promise<Eviction | undefined> {
    const { clock } = this.#options;
    for (;;) {
      await clock.sleep(LOOK_EVERY_MS, signal);
      if (signal.aborted) return undefined;
      const eviction = await this.#inTurn(() => this.#look(onLoss));
      if (eviction) return eviction;
    }
  }

  /** Lets another service have the auth dir. */
  release(): void {
    this.#lock.release();
  }

  /**
   * A look at a text that is being written would take it for another's, and write it as well: readers would find it
   * twice.
   */
  async #inTurn<T>(act: () => Promise<T>): Promise<T | undefined> {
    const turn = this.#queue.then(act).catch(ignoreFileError);
    this.#queue = turn.catch(() => {});
    return await turn;
  }

  async #look(onLoss: OnLoss): Promise<Eviction | undefined> {
    const { files, clock, authDir } = this.#options;
    if (await files.info(authDir) === undefined) {
      this.#goneSinceMs ??= clock.elapsedMs();
      const isGone = clock.elapsedMs() - this.#goneSinceMs >= FOLDER_GONE_MS;
      return isGone ? { reason: `the auth dir ${authDir} was removed`, isTaken: false } : undefined;
    }
    this.#goneSinceMs = undefined;
    if (!(await this.#holdLock(onLoss))) {
      return { reason: "another proxy serves this auth dir now", isTaken: true };
    }
    await this.#keepPid(onLoss);
    await this.#keepState(onLoss);
    return undefined;
  }

  /** False when another process has the lock. */
  async #holdLock(onLoss: OnLoss): Promise<boolean> {
    const { files, paths: { lockFile } } = this.#options;
    const note = writeHolder(this.#record);
    if (await this.#lock.isAt(lockFile)) {
      if (await files.readText(lockFile) === note) return true;
      await this.#lock.write(note);
      await onLoss.report("the text of the lock file");
      return true;
    }
    const lock = await files.tryLock(lockFile, note);
    if (lock === undefined) return false;
    this.#lock.release();
    this.#lock = lock;
    await onLoss.keepSettings();
    await onLoss.report("the lock file");
    return true;
  }

  async #keepPid(onLoss: OnLoss): Promise<void> {
    const { files, paths: { pidFile }, own } = this.#options;
    const text = await files.readText(pidFile).catch(() => "");
    if (text === writePid(own.pid)) return;
    await this.writePid();
    await onLoss.report("the pid file");
  }

  /** It is read only when it has changed; the worker writes it at each change of a penalty. */
  async #keepState(onLoss: OnLoss): Promise<void> {
    const { files, paths: { stateFile }, own } = this.#options;
    const revision = (await files.info(stateFile))?.revision ?? "";
    if (revision !== "" && revision === this.#stateRevision) return;
    this.#stateRevision = revision;
    const reading = revision === "" ? undefined : readState(await files.readText(stateFile));
    const isOwn = reading?.kind === "state" && reading.service.pid === own.pid;
    if (!isOwn) onLoss.saveState();
  }
}

// A disk that is full or slow, or a folder that may not be read: the next look may find it well again.
function ignoreFileError(error: unknown): undefined {
  if (!(error instanceof FileError)) throw error;
  return undefined;
}
