/**
 * Which member of a shared pool renews which login, as this machine knows it: one small file for each login, beside the notes
 * about refresh tokens, so that every program of this user that could renew one looks here first. The files hold no token.
 * @module
 */

import { type FileLock, type Files, isMissing } from "../system/files.ts";
import { inBatches } from "../values/batches.ts";
import { parseJson } from "../values/json.ts";
import { type LoginClaim, readClaim } from "./login_claim.ts";

/** What is kept. */
export interface KeptHomes {
  /** This member; `undefined` when this user never was one. */
  readonly ownId: string | undefined;
  /** By {@link loginId}. */
  readonly claims: Readonly<Record<string, LoginClaim>>;
}

/** Who renews a login, as far as a shared pool has decided. */
export type LoginHome =
  /** No pool has anything to do with it. */
  | { readonly kind: "free" }
  /** This machine. */
  | { readonly kind: "here" }
  /** Another member, of this name. */
  | { readonly kind: "elsewhere"; readonly name: string }
  /** There is a shared pool, and nobody is known to be its home. */
  | { readonly kind: "nowhere" };

const CLAIM = ".home";
const OWN_ID = "member.id";

/** The homes that are kept in one folder. */
export class LoginHomes {
  readonly #files: Files;
  readonly #folder: string;

  /** `folder` is made when something is first written. */
  constructor(files: Files, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  /** All of it. @throws {FileError} when the folder cannot be read */
  async read(): Promise<KeptHomes> {
    const names = await this.#names();
    const read = async (name: string) => {
      const text = await this.#files.readText(`${this.#folder}/${name}`);
      return [name.slice(0, -CLAIM.length), readClaim(parseJson(text)) ?? DAMAGED] as const;
    };
    const claims = await inBatches(names.filter((name) => name.endsWith(CLAIM)), read);
    const ownId = names.includes(OWN_ID)
      ? (await this.#files.readText(`${this.#folder}/${OWN_ID}`)).trim()
      : undefined;
    return { ownId, claims: Object.fromEntries(claims) };
  }

  /** Resolves when it would outlive a power failure. @throws {FileError} */
  async write(login: string, claim: LoginClaim): Promise<void> {
    await this.#files.makeFolder(this.#folder);
    await this.#files.writeDurable(`${this.#folder}/${login}${CLAIM}`, JSON.stringify(claim) + "\n");
  }

  /** From now on this is the member. @throws {FileError} */
  async beMember(ownId: string): Promise<void> {
    await this.#files.makeFolder(this.#folder);
    await this.#files.writeDurable(`${this.#folder}/${OWN_ID}`, `${ownId}\n`);
  }

  /** Waits until no program renews this login, and keeps them from it until the lock is released. @throws {FileError} */
  async lock(login: string): Promise<FileLock> {
    await this.#files.makeFolder(this.#folder);
    return await this.#files.lock(`${this.#folder}/${login}${CLAIM}.lock`);
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await this.#files.list(this.#folder);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}

// It is not known who renews it, so we do not.
const DAMAGED: LoginClaim = { memberId: "?", name: "another machine", sinceMs: 0, round: 0 };

/** Who renews a login. `login` is `undefined` when its token does not say whose it is: then no home can be told. */
export function homeIn(
  { ownId, claims }: KeptHomes,
  login: string | undefined,
  { isShared }: { readonly isShared: boolean },
): LoginHome {
  const claim = login === undefined ? undefined : claims[login];
  if (!claim || claim.memberId === "") return { kind: isShared ? "nowhere" : "free" };
  return claim.memberId === ownId ? { kind: "here" } : { kind: "elsewhere", name: claim.name };
}
