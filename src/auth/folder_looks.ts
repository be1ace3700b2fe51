/**
 * Which files an auth dir has, and whether they have changed since the last look. With thousands of files most of a look would be spent on
 * those that stay as they are, so of a large folder only a part is looked at each time: more when the folder itself has
 * changed, as it does when a file appears, goes or is replaced.
 * @module
 */

import type { FileInfo, Files } from "../system/files.ts";
import { inBatches } from "../values/batches.ts";
import { isAuthFileName, isMisnamedAuthFile } from "./record.ts";

/** The revision of each file, in the order of the names. */
export type Revisions = ReadonlyMap<string, string>;

/** The names in a folder that belong to auth files, or should. @throws {FileError} */
export async function authFileNames(files: Files, authDir: string): Promise<readonly string[]> {
  return (await files.list(authDir)).filter((name) => isAuthFileName(name) || isMisnamedAuthFile(name));
}

// A file that is changed in its place leaves no trace at the folder. It is found once it is its turn: of 10 000 files within 35 s.
const QUIET_LOOKS = 200;
// A replaced file is found within a few seconds: of 10 000 files within 7 s.
const BUSY_LOOKS = 1_000;

// A folder may change twice within the time that its file system can tell apart.
const LISTINGS_AFTER_CHANGE = 3;
// Some network file systems do not tell of changes in a folder at once.
const LIST_EVERY = 10;

/** What is looked at, and how much of it. */
export interface FolderLooksOptions {
  /** The file system. */
  readonly files: Files;
  /** The folder, as an absolute path. */
  readonly authDir: string;
  /** How many files one look is about while the folder stays as it is; absent: 200. */
  readonly quietLooks?: number;
  /** The same after it has changed, until each was looked at; absent: 1,000. */
  readonly busyLooks?: number;
}

/** Looks at one folder. */
export class FolderLooks {
  readonly #files: Files;
  readonly #authDir: string;
  #folderRevision: string | undefined;
  #names: readonly string[] = [];
  #revisions: Revisions = new Map();
  /** Where the next look begins. */
  #next = 0;
  /** How many files have still to be looked at since the folder last changed. */
  #due = 0;
  /** How many of the next looks list the names. */
  #listings = 0;
  #looks = 0;
  /** What the last look found at each file that it was about. */
  #found = new Map<string, FileInfo>();

  readonly #quietLooks: number;
  readonly #busyLooks: number;

  /** Has not looked yet. */
  constructor({ files, authDir, quietLooks = QUIET_LOOKS, busyLooks = BUSY_LOOKS }: FolderLooksOptions) {
    this.#files = files;
    this.#authDir = authDir;
    this.#quietLooks = quietLooks;
    this.#busyLooks = busyLooks;
  }

  /** What the last look found there; `undefined` when it was not about this file. A file is then not looked at twice. */
  found(name: string): FileInfo | undefined {
    return this.#found.get(name);
  }

  /** Looks at every file. @throws {FileError} */
  async all(): Promise<Revisions> {
    this.#folderRevision = (await this.#infoOf(""))?.revision ?? NONE;
    this.#names = await authFileNames(this.#files, this.#authDir);
    this.#due = 0;
    return await this.#lookAt(this.#names);
  }

  /**
   * Looks at some files, at each new one, and takes the others for unchanged. The very same map when nothing has changed.
   * @throws {FileError}
   */
  async some(): Promise<Revisions> {
    const folder = (await this.#infoOf(""))?.revision ?? NONE;
    const hasChanged = folder !== this.#folderRevision || folder === NONE;
    this.#folderRevision = folder;
    if (hasChanged) this.#listings = LISTINGS_AFTER_CHANGE;
    if (this.#listings-- > 0 || this.#looks++ % LIST_EVERY === 0) {
      this.#names = await authFileNames(this.#files, this.#authDir);
    }
    if (hasChanged) this.#due = this.#names.length;
    const isBusy = this.#due > 0;
    const inTurn = this.#inTurn(isBusy ? this.#busyLooks : this.#quietLooks);
    this.#due = Math.max(0, this.#due - inTurn.length);
    const fresh = this.#names.filter((name) => !this.#revisions.has(name));
    return await this.#lookAt(new Set([...fresh, ...inTurn]));
  }

  #inTurn(count: number): readonly string[] {
    const names = this.#names;
    if (names.length <= count) return names;
    const from = this.#next % names.length;
    this.#next = from + count;
    return [...names.slice(from, from + count), ...names.slice(0, Math.max(0, from + count - names.length))];
  }

  async #lookAt(names: Iterable<string>): Promise<Revisions> {
    this.#found = new Map();
    const looked = new Map(
      await inBatches([...names], async (name) => [name, await this.#revisionOfFile(name)] as const),
    );
    if (this.#isNews(looked)) {
      this.#revisions = new Map(
        this.#names.map((name) => [name, looked.get(name) ?? this.#revisions.get(name) ?? NONE]),
      );
    }
    return this.#revisions;
  }

  #isNews(looked: Revisions): boolean {
    // Of as many names, one that is not the same is new, and was looked at.
    if (this.#revisions.size !== this.#names.length) return true;
    return [...looked].some(([name, revision]) => this.#revisions.get(name) !== revision);
  }

  async #revisionOfFile(name: string): Promise<string> {
    const info = await this.#infoOf(`/${name}`);
    if (info) this.#found.set(name, info);
    return info?.revision ?? NONE;
  }

  #infoOf(path: string): Promise<FileInfo | undefined> {
    return this.#files.info(`${this.#authDir}${path}`).catch(() => undefined);
  }
}

// A file without readable information counts as one in another revision.
const NONE = "none";

/** Whether both have the same files in the same revisions. */
export function areSame(a: Revisions, b: Revisions): boolean {
  if (a === b) return true;
  return a.size === b.size && [...a].every(([name, revision]) => b.get(name) === revision);
}
