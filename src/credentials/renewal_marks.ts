/**
 * The notes about refresh tokens and the locks on them, in a folder for each user. A file is named by the token's hash,
 * so that two auth dirs with copies of one login meet here.
 * @module
 */

import { createHash } from "node:crypto";
import type { Secret } from "../values/secret.ts";
import { type FileLock, type Files, isMissing } from "../system/files.ts";
import { fingerprint } from "../auth/fingerprint.ts";
import { LoginHomes } from "./login_homes.ts";
import { MARK_KEPT_MS, readMark, type RenewalMark, writeMark } from "./renewal_mark.ts";

// 128 bits are enough to tell tokens apart.
const NAME_DIGITS = 32;

/** The same as {@link RenewalMarks.read}. */
export type ReadMark = (token: Secret, path: string) => Promise<RenewalMark | undefined>;

/** The notes in one folder. All methods reject with a {@link FileError} when the folder cannot be used. */
export class RenewalMarks {
  /** Which member of a shared pool renews which login. */
  readonly homes: LoginHomes;
  readonly #files: Files;
  readonly #folder: string;

  /** `folder` is made when something is first written. */
  constructor(files: Files, folder: string) {
    this.#files = files;
    this.#folder = folder;
    this.homes = new LoginHomes(files, folder);
  }

  /** The note about a refresh token that the file at `path` holds; `undefined` when there is none. */
  async read(token: Secret, path: string): Promise<RenewalMark | undefined> {
    try {
      return readMark(await this.#files.readText(this.#file(nameOf(token))), path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Reads notes as they are now, for many tokens: most have none, which is known from one look at the folder. */
  async reader(): Promise<ReadMark> {
    const names = new Set(await this.#files.list(this.#folder).catch(notThere));
    return async (token, path) =>
      names.has(`${nameOf(token)}${MARK}`) ? await this.read(token, path) : undefined;
  }

  /** Resolves when the note would outlive a power failure. */
  async write(token: Secret, mark: RenewalMark): Promise<void> {
    await this.#files.makeFolder(this.#folder);
    await this.#files.writeDurable(this.#file(nameOf(token)), writeMark(mark));
  }

  /** Waits until no other program is busy with this token, and keeps them out until the lock is released. */
  async lock(token: Secret): Promise<FileLock> {
    return await this.#lock(nameOf(token));
  }

  /** The same for a text that is not a secret, such as a path. */
  async lockFor(text: string): Promise<FileLock> {
    return await this.#lock(hashOf(text));
  }

  /** The same for an issuer, which is asked for one renewal at a time. */
  async lockIssuer(issuer: string): Promise<FileLock> {
    return await this.lockFor(`issuer ${issuer}`);
  }

  /** Keeps new tokens that could not be written where they belong. Resolves with the path of the file. */
  async keepAside(token: Secret, text: string): Promise<string> {
    await this.#files.makeFolder(this.#folder);
    const path = `${this.#folder}/${nameOf(token)}${ASIDE}`;
    await this.#files.writeDurable(path, text);
    return path;
  }

  /** Removes notes and locks that nobody needs any more. */
  async prune(nowMs: number): Promise<void> {
    const names = await this.#files.list(this.#folder).catch(() => []);
    for (const name of names.filter((name) => name.endsWith(MARK))) {
      const text = await this.#files.readText(`${this.#folder}/${name}`).catch(() => "");
      if (readMark(text, "").atMs + MARK_KEPT_MS > nowMs) continue;
      await this.#files.remove(`${this.#folder}/${name.slice(0, -MARK.length)}.lock`);
      await this.#files.remove(`${this.#folder}/${name}`);
    }
  }

  async #lock(name: string): Promise<FileLock> {
    await this.#files.makeFolder(this.#folder);
    return await this.#files.lock(`${this.#folder}/${name}.lock`);
  }

  #file(name: string): string {
    return `${this.#folder}/${name}${MARK}`;
  }
}

function notThere(error: unknown): readonly string[] {
  if (isMissing(error)) return [];
  throw error;
}

const MARK = ".json";
const ASIDE = ".login";

/** Whether a path is one of {@link RenewalMarks.keepAside}. */
export function isAside(path: string): boolean {
  return path.endsWith(ASIDE);
}

function nameOf(token: Secret): string {
  return fingerprint(token).slice(0, NAME_DIGITS);
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, NAME_DIGITS);
}
