/**
 * Which file a new login becomes. A file that is there already is replaced only when the user names it and it holds the
 * same account; otherwise a login that was made is never lost: it gets a name of its own. Pure.
 * @module
 */

import { closestAllowedName, freeFileName } from "../auth/folder_plan.ts";
import type { AuthRecord } from "../auth/record.ts";
import { isSameAccount } from "../auth/same_account.ts";
import type { AuthListing } from "../auth/store.ts";

/** What the user wants to become of a login. */
export interface LoginWish {
  /** The file to make; `undefined`: named for the e-mail. */
  readonly name: string | undefined;
  /** The file to replace; `undefined`: none. */
  readonly replace: string | undefined;
}

/** Why a wish cannot be met. */
export interface LoginRefusal {
  /** Tells it from a plan. */
  readonly kind: "refuse";
  /** Completes "Cannot log in: ". */
  readonly reason: string;
  /** What the user can do about it. */
  readonly hint: string;
}

/** What becomes of a login. */
export type LoginPlan =
  /** `sameAccount` names a file that holds this account, too; `undefined` when there is none. */
  | { readonly kind: "add"; readonly file: string; readonly sameAccount: string | undefined }
  | { readonly kind: "replace"; readonly file: string }
  | LoginRefusal;

/** Why a wish cannot be met, as far as that is known before anybody logs in; `undefined` when it can. */
export function refusalOf({ name, replace }: LoginWish, folder: AuthListing): LoginRefusal | undefined {
  if (name !== undefined && namesIn(folder).has(name)) {
    const login = `cdx2 auth login --replace ${name}`;
    return refuse(`${name} is there already`, `choose another name, or log its account in again: ${login}`);
  }
  const rejected = folder.rejected.find(({ file }) => file === replace);
  if (rejected && !folder.records.some(({ file }) => file === replace)) {
    return refuse(
      `it is not known whose login ${rejected.file} is: ${rejected.reason}`,
      `log in without --replace, then remove the file: cdx2 auth remove ${rejected.file}`,
    );
  }
  return undefined;
}

/** What becomes of a login that was made; `record` is what its auth file says. */
export function planLogin(record: AuthRecord, wish: LoginWish, folder: AuthListing): LoginPlan {
  const known = folder.records.find(({ file }) => file === wish.replace);
  if (wish.replace !== undefined) {
    if (known && isSameAccount(known, record)) return { kind: "replace", file: known.file };
    const [is, was] = [record.email ?? "another account", known?.email ?? "the account of that file"];
    return refuse(
      `you logged in as ${is}, and ${wish.replace} holds ${known ? was : "no login any more"}`,
      `nothing was changed; log in as ${was}, or leave out --replace`,
    );
  }
  const sameAccount = folder.records.find((other) => isSameAccount(other, record))?.file;
  const stem = wish.name?.replace(/\.json$/, "") ?? closestAllowedName(record.email ?? "login");
  return { kind: "add", file: freeFileName(stem, namesIn(folder)), sameAccount };
}

function refuse(reason: string, hint: string): LoginRefusal {
  return { kind: "refuse", reason, hint };
}

function namesIn({ records, rejected }: AuthListing): ReadonlySet<string> {
  return new Set([...records, ...rejected].map(({ file }) => file));
}
