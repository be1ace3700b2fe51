/**
 * Keeps on the disk who renews which login of a shared pool: the worker, which learns of it, may not write there, and renewals
 * look there and nowhere else.
 * @module
 */

import type { LoginClaim } from "../credentials/login_claim.ts";
import type { LoginHomes } from "../credentials/login_homes.ts";
import { FileError } from "../system/files.ts";

/** The worker has this kept. */
export interface HomeToKeep {
  /** Tells it from other messages. */
  readonly kind: "home_to_keep";
  /** Which login. */
  readonly login: string;
  /** Who renews it. */
  readonly claim: LoginClaim;
}

/** What became of that. */
export interface HomeKept {
  /** Tells it from other messages. */
  readonly kind: "home_kept";
  /** Which login. */
  readonly login: string;
  /** It is on the disk. */
  readonly isKept: boolean;
}

const NAME = /^[0-9a-f]{32}$/;

/** The worker, as far as homes are about it. */
export interface HomeWorker {
  /** Has `keep` keep the homes of logins. */
  readonly onHome: (keep: (home: HomeToKeep) => Promise<HomeKept>) => void;
}

/** The main thread's end. */
export class HomeKeeper {
  readonly #homes: LoginHomes;
  readonly #onKept: () => void;
  /** What is being written, by login: later ones wait. */
  readonly #writing = new Map<string, Promise<HomeKept>>();

  /** `onKept` is called when somebody else may have become the home of a login. */
  constructor(homes: LoginHomes, onKept: () => void) {
    this.#homes = homes;
    this.#onKept = onKept;
  }

  /** From now on for this worker. */
  serve(worker: HomeWorker): void {
    worker.onHome((home) => {
      const kept = Promise.resolve(this.#writing.get(home.login)).then(() => this.#keep(home));
      this.#writing.set(home.login, kept);
      return kept;
    });
  }

  /** Resolves when nothing is left to do. */
  async close(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  async #keep({ login, claim }: HomeToKeep): Promise<HomeKept> {
    const isKept = NAME.test(login) && await this.#write(login, claim);
    if (isKept) this.#onKept();
    return { kind: "home_kept", login, isKept };
  }

  async #write(login: string, { memberId, name, sinceMs, round }: LoginClaim): Promise<boolean> {
    try {
      // No renewal of this login is under way then: one looks for its home once it has the lock.
      const lock = await this.#homes.lock(login);
      try {
        await this.#homes.write(login, { memberId, name, sinceMs, round });
      } finally {
        lock.release();
      }
      return true;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return false;
    }
  }
}

/** The worker's end. */
export class HomeKeeping {
  readonly #ask: (home: HomeToKeep) => void;
  readonly #waiting = new Map<string, PromiseWithResolvers<boolean>[]>();

  /** `ask` asks the main thread. */
  constructor(ask: (home: HomeToKeep) => void) {
    this.#ask = ask;
  }

  /** Resolves with whether it is on the disk. */
  keep(login: string, claim: LoginClaim): Promise<boolean> {
    const answer = Promise.withResolvers<boolean>();
    this.#waiting.getOrInsertComputed(login, () => []).push(answer);
    this.#ask({ kind: "home_to_keep", login, claim });
    return answer.promise;
  }

  /** Takes an answer of the main thread: they come in the order of the questions. */
  take({ login, isKept }: HomeKept): void {
    this.#waiting.get(login)?.shift()?.resolve(isKept);
  }
}
