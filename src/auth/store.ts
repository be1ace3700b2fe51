/**
 * Which keys there are: the auth files in one folder, read whole or rejected with a reason. The folder is looked at
 * by polling. Our own log and event files stand in it, so a watcher would wake at every request; and polling works
 * as well on network folders and bind mounts, where watchers see nothing.
 * @module
 */

import { sep } from "node:path";
import type { Cancel, Clock } from "../system/clock.ts";
import { FileError, type Files } from "../system/files.ts";
import {
  type AuthRecord,
  isAuthFileName,
  MAX_AUTH_FILE_BYTES,
  parseAuthFile,
  type ParsedAuth,
  type RejectedFile,
} from "./record.ts";

/** What an auth dir holds, each list in the order of file names. */
export interface AuthListing {
  /** The keys, by file name. */
  readonly records: readonly AuthRecord[];
  /** The files that are not usable, with the reason. */
  readonly rejected: readonly RejectedFile[];
}

// Quick enough that a login seems to count at once, and cheap: one listing and a stat per file.
const LOOK_EVERY_MS = 700;

/** Reads all auth files of a folder. @throws FileError when the folder itself cannot be read. */
export async function loadAuthDir(files: Files, authDir: string): Promise<AuthListing> {
  const [names, realFolder] = await Promise.all([authFileNames(files, authDir), files.realPath(authDir)]);
  const parsed = await Promise.all(names.map((name) => loadAuthFile(files, { authDir, realFolder, name })));
  return withoutDoubles(parsed);
}

/** A watched auth dir. */
export interface AuthDirWatch {
  /** Ends the polling; no listing is given out any more. */
  stop(): void;
  /** Loads now. Gives the last listing when the folder cannot be read; never rejects. */
  refresh(): Promise<AuthListing>;
}

/** What a watch is made of. */
export interface AuthDirWatchOptions {
  /** Reads the folder. */
  readonly files: Files;
  /** Times the looks. */
  readonly clock: Clock;
  /** Absolute. */
  readonly authDir: string;
  /** Hears of each listing that differs from the one before; the first is compared with an empty one. */
  readonly onChange: (listing: AuthListing) => void;
  /** Hears once of a folder that cannot be read, and again only after it could be. */
  readonly onProblem: (message: string) => void;
}

/** Begins to poll an auth dir. The first listing comes with `refresh`, or by itself after two looks. */
export function watchAuthDir(options: AuthDirWatchOptions): AuthDirWatch {
  return new PollingWatch(options);
}

class PollingWatch implements AuthDirWatch {
  readonly #options: AuthDirWatchOptions;
  #listing: AuthListing = { records: [], rejected: [] };
  #loadedRevision = "";
  #seenRevision = "";
  #isTroubled = false;
  #stopped = false;
  #cancelLook: Cancel = () => {};
  // Looks and refreshes go one after the other, so that an older listing can never replace a newer one.
  #turn: Promise<void> = Promise.resolve();

  constructor(options: AuthDirWatchOptions) {
    this.#options = options;
    this.#planLook();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelLook();
  }

  async refresh(): Promise<AuthListing> {
    await this.#inTurn(async () => await this.#load(await this.#revision()));
    return this.#listing;
  }

  #planLook(): void {
    this.#cancelLook = this.#options.clock.after(LOOK_EVERY_MS, async () => {
      await this.#inTurn(() => this.#look());
      if (!this.#stopped) this.#planLook();
    });
  }

  // A file that changed between the last two looks may be half written; it is left alone until it rests.
  async #look(): Promise<void> {
    const revision = await this.#revision();
    const rests = revision === this.#seenRevision;
    this.#seenRevision = revision;
    if (rests && revision !== this.#loadedRevision) await this.#load(revision);
  }

  async #load(revision: string): Promise<void> {
    const listing = await loadAuthDir(this.#options.files, this.#options.authDir);
    this.#loadedRevision = revision;
    if (this.#stopped || isSameListing(listing, this.#listing)) return;
    this.#listing = listing;
    this.#options.onChange(listing);
  }

  async #revision(): Promise<string> {
    const { files, authDir } = this.#options;
    const names = await authFileNames(files, authDir);
    const lines = await Promise.all(names.map(async (name) => {
      // A file that cannot be looked at is one more state that it can be in.
      const info = await files.info(`${authDir}/${name}`).catch(() => undefined);
      return `${name} ${info?.revision ?? "none"}`;
    }));
    return lines.join("\n");
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(act).then(
      () => void (this.#isTroubled = false),
      (error) => this.#report(error),
    );
    return this.#turn;
  }

  #report(error: unknown): void {
    if (!(error instanceof FileError)) throw error;
    if (this.#isTroubled || this.#stopped) return;
    this.#isTroubled = true;
    this.#options.onProblem(`cannot read the auth dir, the keys stay as they were: ${error.message}`);
  }
}

async function authFileNames(files: Files, authDir: string): Promise<readonly string[]> {
  return (await files.list(authDir)).filter(isAuthFileName);
}

async function loadAuthFile(
  files: Files,
  place: { authDir: string; realFolder: string; name: string },
): Promise<ParsedAuth> {
  const path = `${place.authDir}/${place.name}`;
  const rejected = (reason: string): ParsedAuth => ({ kind: "rejected", file: place.name, reason });
  try {
    // Before anything else: the server's sandbox lets a link lead out of the folder.
    const realPath = await files.realPath(path);
    if (!realPath.startsWith(place.realFolder + sep)) {
      return rejected("a link that leads out of the auth dir");
    }
    const info = await files.info(path);
    if (info?.kind === "folder") return rejected("a folder, not a file");
    if (info?.kind !== "file") return rejected("not a regular file");
    if (info.sizeBytes > MAX_AUTH_FILE_BYTES) return rejected("larger than 1 MiB");
    return parseAuthFile(place.name, await files.readText(path));
  } catch (error) {
    if (error instanceof FileError) return rejected(reasonOf(error, path));
    throw error;
  }
}

function reasonOf(error: FileError, path: string): string {
  if (error.code === "denied") return "cannot be read: permission denied";
  if (error.code === "not_found") return "a link that leads nowhere, or a file that just went";
  return `cannot be read: ${error.message.replace(`${path}: `, "")}`;
}

// One account twice in the pool would be asked twice for each request, and wait out its limits twice.
function withoutDoubles(parsed: readonly ParsedAuth[]): AuthListing {
  const records = new Map<string, AuthRecord>();
  const rejected: RejectedFile[] = [];
  for (const entry of parsed) {
    if (entry.kind === "rejected") {
      rejected.push({ file: entry.file, reason: entry.reason });
      continue;
    }
    const { file, token } = entry.record;
    const first = records.get(token.reveal());
    if (first) rejected.push({ file, reason: `same token as ${first.file}` });
    else records.set(token.reveal(), entry.record);
  }
  return { records: [...records.values()], rejected };
}

// Tokens do not show in JSON, so they are compared beside it.
function isSameListing(a: AuthListing, b: AuthListing): boolean {
  return JSON.stringify(a) === JSON.stringify(b) &&
    a.records.every((record, index) => b.records[index]?.token.equals(record.token));
}
