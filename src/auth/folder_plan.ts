/**
 * What to write into the auth dir, or why not. Decided from what the folder holds; folder.ts does it. A file of another
 * account is never overwritten, whatever the options.
 * @module
 */

import { isSameAccount } from "./same_account.ts";
import { type AuthRecord, isAuthFileName, MAX_AUTH_FILE_BYTES, parseAuthFile } from "./record.ts";
import { Secret } from "../values/secret.ts";

/** A key that is to be written into the auth dir. */
export interface Login {
  /** The text of its auth file, which is kept as it is. */
  readonly text: Secret;
  /** What that text says. Its `file` means nothing yet. */
  readonly record: AuthRecord;
  /** The name of its file when the login names no e-mail, without `.json`. */
  readonly fallbackName: string;
}

/** Why nothing is changed. */
export interface Refusal {
  /** Tells it from a plan. */
  readonly kind: "refuse";
  /** Completes "Cannot import the key: ". */
  readonly reason: string;
  /** What the user can do about it. */
  readonly hint: string;
}

/** Which file to write. */
export type ImportPlan =
  /** There is no file of this name. */
  | { readonly kind: "add"; readonly file: string }
  /** The file holds this account already. */
  | { readonly kind: "replace"; readonly file: string }
  /** The file holds this very token: there is nothing to do. */
  | { readonly kind: "already"; readonly file: string }
  | Refusal;

/** How to import a login. */
export interface ImportOptions {
  /** The name of the file, from {@link keyFileName}; absent: a name is made from the login. */
  readonly file?: string | undefined;
  /** Replace an older login of the same account. */
  readonly replace: boolean;
  /** Replace a copy that has the same token: the login comes with more than that copy has. */
  readonly takesOver: boolean;
  /** The files whose refresh token is nowhere else: a login without one must not replace theirs. */
  readonly ownLogins: readonly string[];
}

/** What an auth dir holds, as far as an import needs it. */
export interface AuthFolder {
  /** The usable keys. */
  readonly records: readonly AuthRecord[];
  /** The names of all auth files, usable or not. */
  readonly taken: ReadonlySet<string>;
}

// With at most four bytes per character and a suffix, a name stays below the 255 bytes that common file systems allow.
const MAX_NAME_LENGTH = 60;

/** What {@link keyFileName} allows, for error messages. */
export const ALLOWED_NAMES =
  `1 to ${MAX_NAME_LENGTH} letters, digits and any of @ . _ + -, with a letter or digit first`;

/** The file of a key with this name, given with or without `.json`; `undefined` when the name is not allowed. */
export function keyFileName(name: string): string | undefined {
  const stem = name.replace(/\.json$/, "");
  const isSafe = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}@._+-]*$/u.test(stem) && [...stem].length <= MAX_NAME_LENGTH;
  const file = `${stem}.json`;
  return isSafe && isAuthFileName(file) ? file : undefined;
}

/** The closest name that {@link keyFileName} allows, without `.json`; for an e-mail usually the e-mail itself. */
export function closestAllowedName(text: string): string {
  const safe = text.replace(/[^\p{L}\p{M}\p{N}@._+-]+/gu, "-").replace(/^[^\p{L}\p{N}]+/u, "");
  const stem = [...safe].slice(0, MAX_NAME_LENGTH).join("").replace(/[.-]+$/, "");
  return keyFileName(stem)?.replace(/\.json$/, "") ?? "key";
}

/** Whether and where to write a login. */
export function planImport(login: Login, options: ImportOptions, folder: AuthFolder): ImportPlan {
  const matches = folder.records.filter((known) => isSameAccount(known, login.record));
  const match = bestMatch(matches, login, options);
  if (match) return planForKnownAccount(match, login, options);
  if (matches.length > 0) return ambiguous(matches);
  if (options.file === undefined) {
    const stem = closestAllowedName(login.record.email ?? login.fallbackName);
    return { kind: "add", file: freeFileName(stem, folder.taken) };
  }
  if (!folder.taken.has(options.file)) return { kind: "add", file: options.file };
  return {
    kind: "refuse",
    reason: `${options.file} already exists and does not hold this account`,
    hint: `choose another --name, or first run "cdx2 auth remove ${options.file}"`,
  };
}

/** The file that holds the login's account; `undefined` when there is none, or it can be several. */
function bestMatch(
  matches: readonly AuthRecord[],
  { record }: Login,
  { file }: ImportOptions,
): AuthRecord | undefined {
  return matches.find((match) => match.file === file) ??
    matches.find((match) => match.token.equals(record.token)) ??
    matches.find(({ accountId, email }) =>
      accountId === record.accountId && email?.toLowerCase() === record.email?.toLowerCase()
    ) ??
    (matches.length === 1 ? matches[0] : undefined);
}

// The login names less than the files, such as only the account id of a workspace with several members.
function ambiguous(matches: readonly AuthRecord[]): Refusal {
  const files = matches.map(({ file }) => file).join(", ");
  return {
    kind: "refuse",
    reason: `this account can be any of those in ${files}`,
    hint: "add --replace and --name with the file to replace",
  };
}

function planForKnownAccount(
  { file, token }: AuthRecord,
  { record }: Login,
  options: ImportOptions,
): ImportPlan {
  const refuse = (reason: string, hint: string): ImportPlan => ({ kind: "refuse", reason, hint });
  if (!options.replace) {
    if (token.equals(record.token)) return { kind: options.takesOver ? "replace" : "already", file };
    return refuse(`this account is in ${file} already`, "add --replace to put this login in its place");
  }
  if (!record.hasRefreshToken && options.ownLogins.includes(file)) {
    return refuse(
      `${file} has a login of its own, with a refresh token, and this one has none`,
      `add --move to take this login over with its refresh token; to use it without, first run "cdx2 auth remove ${file}"`,
    );
  }
  if (options.file === undefined || options.file === file) return { kind: "replace", file };
  return refuse(
    `this account is in ${file} already, not in ${options.file}`,
    `leave out --name, or first run "cdx2 auth remove ${file}"`,
  );
}

/** The name of a file that is not `taken`: `STEM.json`, or else with a number. */
export function freeFileName(stem: string, taken: ReadonlySet<string>): string {
  for (let count = 1;; count++) {
    const file = count === 1 ? `${stem}.json` : `${stem}-${count}.json`;
    if (!taken.has(file)) return file;
  }
}

/**
 * The login in the text of an auth file, or the reason why it has none. `fallbackName` is the name of its file when the
 * login names no e-mail.
 */
export function loginFrom(text: string, fallbackName: string): Login | { readonly reason: string } {
  if (new TextEncoder().encode(text).length > MAX_AUTH_FILE_BYTES) {
    return { reason: "it is larger than 1 MiB" };
  }
  const parsed = parseAuthFile("", text);
  if (parsed.kind === "rejected") return { reason: parsed.what };
  return { text: new Secret(text), record: parsed.record, fallbackName };
}

// The characters of a bearer token (RFC 6750 §2.1). A file that is piped in by mistake has others.
const BEARER_TOKEN = /^[\w.~+/-]+=*$/;

/** A login with only an API key, in the format of Codex; `undefined` when the text cannot be an API key. */
export function loginFromApiKey(text: string): Login | undefined {
  const key = text.trim();
  if (!BEARER_TOKEN.test(key)) return undefined;
  const file = JSON.stringify({ auth_mode: "apikey", OPENAI_API_KEY: key }, null, 2) + "\n";
  const login = loginFrom(file, "api-key");
  return "reason" in login ? undefined : login;
}
