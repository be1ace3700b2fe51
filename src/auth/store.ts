/**
 * Which keys there are: the auth files in one folder, each read completely or rejected with a reason. The folder is
 * polled. Our own log files are in it, so a file watcher would wake up at every request; and polling also works on
 * network folders and bind mounts, where watchers see nothing.
 * @module
 */

import type { Cancel, Clock } from "../system/clock.ts";
import { FileError, type Files } from "../system/files.ts";
import { inBatches } from "../values/batches.ts";
import { type KeyFile, loadAuthFile, type LoadedFile } from "./auth_file_load.ts";
import { mayNameEntry } from "./kept_member.ts";
import { KnownFiles } from "./known_files.ts";
import { areSame, authFileNames, FolderLooks, type Revisions } from "./folder_looks.ts";
import type { AuthRecord, ParsedAuth, RejectedFile } from "./record.ts";

export type { KeyFile } from "./auth_file_load.ts";

/** What an auth dir holds, each list in the order of file names. */
export interface AuthListing {
  /** The usable keys, no token twice. */
  readonly records: readonly AuthRecord[];
  /** The files that give no key. */
  readonly rejected: readonly RejectedFile[];
}

// Fast enough that a new login seems to work at once, and cheap: see folder_looks.ts.
const POLL_INTERVAL_MS = 700;

/**
 * Reads all auth files of a folder. Of files with the same token, the first by name is the key.
 * @throws {FileError} when the folder itself cannot be read; a file that cannot be read is rejected
 */
export async function loadAuthDir(files: Files, authDir: string): Promise<AuthListing> {
  return withoutDuplicates((await loadAuthFiles(files, authDir)).map(({ parsed }) => parsed));
}

/** The usable keys of {@link loadAuthDir}, each with its file, which is read once. @throws {FileError} in the same way */
export async function loadKeyFiles(files: Files, authDir: string): Promise<readonly KeyFile[]> {
  return usableOf(await loadAuthFiles(files, authDir));
}

/** Loads the keys of one auth dir again and again. */
export class KeyFileLoader {
  readonly #files: Files;
  readonly #authDir: string;
  readonly #looks: FolderLooks;
  readonly #known = new KnownFiles<LoadedFile>();
  #last: Promise<unknown> = Promise.resolve();

  /** Has loaded nothing. */
  constructor({ files, authDir }: { readonly files: Files; readonly authDir: string }) {
    this.#files = files;
    this.#authDir = authDir;
    this.#looks = new FolderLooks({ files, authDir, quietLooks: 1_000, busyLooks: Infinity });
  }

  /**
   * What {@link loadKeyFiles} gives, an unchanged file as the same object. Looks at every file for `all`; for `some`, of more
   * than a thousand only at the next thousand, unless the folder has changed.
   * @throws {FileError}
   */
  async load(look: "all" | "some"): Promise<readonly KeyFile[]> {
    return usableOf(await this.#loadInTurn(look));
  }

  #loadInTurn(look: "all" | "some"): Promise<readonly LoadedFile[]> {
    const loading = this.#last.then(() => this.#loadAll(look));
    this.#last = loading.catch(() => {});
    return loading;
  }

  async #loadAll(look: "all" | "some"): Promise<readonly LoadedFile[]> {
    const revisions = await this.#looks[look]();
    const realFolder = await this.#files.realPath(this.#authDir);
    const place = { authDir: this.#authDir, realFolder };
    const read = (name: string) =>
      loadAuthFile(this.#files, { ...place, name, found: this.#looks.found(name) });
    return await this.#known.readAll(revisions, { read, stands });
  }
}

// A keyring may be opened, or changed, while the file stays as it is.
function stands({ parsed, keyFile }: LoadedFile): boolean {
  return parsed.kind === "key" && keyFile !== undefined && !mayNameEntry(keyFile.text);
}

function usableOf(loaded: readonly LoadedFile[]): readonly KeyFile[] {
  const usable = new Set(withoutDuplicates(loaded.map(({ parsed }) => parsed)).records);
  return loaded.flatMap(({ keyFile }) => keyFile && usable.has(keyFile.record) ? [keyFile] : []);
}

async function loadAuthFiles(files: Files, authDir: string): Promise<readonly LoadedFile[]> {
  const [names, realFolder] = await Promise.all([authFileNames(files, authDir), files.realPath(authDir)]);
  return await inBatches(names, (name) => loadAuthFile(files, { authDir, realFolder, name }));
}

/** An auth dir that is polled. */
export interface AuthDirWatch {
  /** As last read; empty before. */
  readonly listing: AuthListing;
  /** Stops the polling: `onChange` is not called again. */
  stop(): void;
  /** Reads the folder now. Resolves with the last listing when it cannot be read; never rejects. */
  refresh(): Promise<AuthListing>;
}

/** What {@link watchAuthDir} needs. */
export interface AuthDirWatchOptions {
  /** The file system. */
  readonly files: Files;
  /** Times the polling. */
  readonly clock: Clock;
  /** The folder, as an absolute path. */
  readonly authDir: string;
  /** Decides which of the keys in the folder may be used. */
  readonly admit?: (listing: AuthListing) => AuthListing;
  /** Called with every listing that differs from the last; the first is compared with an empty one. */
  readonly onChange: (listing: AuthListing) => void;
  /** Called once when the folder cannot be read, and again only after it could be read. */
  readonly onProblem: (message: string) => void;
}

/** Starts to poll an auth dir. The first listing comes with `refresh`, or after two polls (1.4 s). */
export function watchAuthDir(options: AuthDirWatchOptions): AuthDirWatch {
  return new PollingWatch(options);
}

class PollingWatch implements AuthDirWatch {
  readonly #options: AuthDirWatchOptions;
  #listing: AuthListing = { records: [], rejected: [] };
  readonly #looks: FolderLooks;
  readonly #known = new KnownFiles<ParsedAuth>();
  #seen: Revisions = new Map();
  #loaded: Revisions = new Map();
  #hasProblem = false;
  #isStopped = false;
  #cancelPoll: Cancel = () => {};
  // Polls and refreshes run one after the other, so that an older listing never replaces a newer one.
  #queue: Promise<void> = Promise.resolve();

  constructor(options: AuthDirWatchOptions) {
    this.#options = options;
    this.#looks = new FolderLooks(options);
    this.#planPoll();
  }

  get listing(): AuthListing {
    return this.#listing;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelPoll();
  }

  async refresh(): Promise<AuthListing> {
    await this.#queued(async () => await this.#load(await this.#looks.all(), { isComplete: true }));
    return this.#listing;
  }

  #planPoll(): void {
    this.#cancelPoll = this.#options.clock.after(POLL_INTERVAL_MS, async () => {
      await this.#queued(() => this.#poll());
      if (!this.#isStopped) this.#planPoll();
    });
  }

  // A file that changed since the last poll may be half written. It is read once it has stopped changing.
  async #poll(): Promise<void> {
    const now = await this.#looks.some();
    const before = this.#seen;
    this.#seen = now;
    if (areSame(now, before) && !areSame(now, this.#loaded)) await this.#load(now, { isComplete: false });
  }

  /** A file is read again when it has changed; when it was asked for, so are those that could not be used. */
  async #load(now: Revisions, { isComplete }: { readonly isComplete: boolean }): Promise<void> {
    const { files, authDir, admit = (listing) => listing } = this.#options;
    const realFolder = await files.realPath(authDir);
    const parsed = await this.#known.readAll(now, {
      read: async (name) => {
        const found = this.#looks.found(name);
        return (await loadAuthFile(files, { authDir, realFolder, name, found })).parsed;
      },
      stands: ({ kind }) => !isComplete || kind === "key",
    });
    this.#loaded = now;
    const listing = admit(withoutDuplicates(parsed));
    if (this.#isStopped || isSameListing(listing, this.#listing)) return;
    this.#listing = listing;
    this.#options.onChange(listing);
  }

  #queued(act: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(act).then(
      () => void (this.#hasProblem = false),
      (error) => this.#report(error),
    );
    return this.#queue;
  }

  #report(error: unknown): void {
    if (!(error instanceof FileError)) throw error;
    if (this.#hasProblem || this.#isStopped) return;
    this.#hasProblem = true;
    this.#options.onProblem(`cannot read the auth dir, the keys stay as they were: ${error.message}`);
  }
}

// An account that is in the pool twice would be tried twice for each request, and wait for its limits twice. Of two
// files with one token, a disabled one does not get in the way of the other.
function withoutDuplicates(parsed: readonly ParsedAuth[]): AuthListing {
  const keys = parsed.flatMap((entry) => entry.kind === "key" ? [entry.record] : []);
  const firsts = new Map<string, AuthRecord>();
  for (const record of keys) {
    const first = firsts.get(record.token.reveal());
    if (!first || (first.isDisabled && !record.isDisabled)) firsts.set(record.token.reveal(), record);
  }
  const listing: { records: AuthRecord[]; rejected: RejectedFile[] } = { records: [], rejected: [] };
  for (const entry of parsed) {
    if (entry.kind === "rejected") {
      listing.rejected.push({ file: entry.file, reason: entry.reason });
      continue;
    }
    const first = firsts.get(entry.record.token.reveal())!;
    if (first === entry.record) listing.records.push(entry.record);
    else listing.rejected.push({ file: entry.record.file, reason: `same token as ${first.file}` });
  }
  return listing;
}

// JSON shows no tokens, so they are compared separately.
function isSameListing(a: AuthListing, b: AuthListing): boolean {
  return JSON.stringify(a) === JSON.stringify(b) &&
    a.records.every((record, index) => b.records[index]?.token.equals(record.token));
}
