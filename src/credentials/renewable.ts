/**
 * Who renews a key: we, Codex, or nobody, and why. Pure, one rule after the other. In doubt the answer is "not we": a
 * token that expires costs one login, a refresh token that two programs use costs both theirs.
 * @module
 */

import type { AuthRecord } from "../auth/record.ts";
import { tokenShape } from "../values/token_shape.ts";
import { type HeldLogin, isNewer, isSameLine, isSameUser } from "./held_login.ts";
import type { LoginHome } from "./login_homes.ts";
import type { RenewalMark } from "./renewal_mark.ts";
import { entryOf } from "../values/lookup.ts";

/** A key with all that its renewal depends on. */
export interface RenewalKey {
  /** The key. */
  readonly record: AuthRecord;
  /** The path of its file, with links resolved. */
  readonly path: string;
  /** What the file holds; `undefined` when it holds no login. */
  readonly login: HeldLogin | undefined;
  /** How many names the file has. */
  readonly links: number;
  /** What is known about its refresh token; `undefined` when nothing is, or it has none. */
  readonly mark: RenewalMark | undefined;
  /**
   * The login that another file got for its refresh token, which is used up; `undefined` when it is not, or nothing can
   * be read there.
   */
  readonly successor: HeldLogin | undefined;
  /** Who renews its login, as far as a shared pool has decided. */
  readonly home: LoginHome;
}

/** Codex's own login. */
export interface CodexLogin {
  /** The path of its file, with links resolved; `undefined` when it is in the keyring. */
  readonly path: string | undefined;
  /** What it holds. */
  readonly login: HeldLogin;
}

/** All that the renewal of keys depends on. */
export interface RenewalFacts {
  /** Whether the settings permit it. */
  readonly isOn: boolean;
  /** The issuer that is asked, without a slash at its end. */
  readonly issuer: string;
  /** Every key of the auth dir. */
  readonly keys: readonly RenewalKey[];
  /** `undefined` when Codex has none. */
  readonly codex: CodexLogin | undefined;
}

/** Who renews a key. */
export type Renewer =
  /** We do. */
  | { readonly by: "cdx2"; readonly login: RenewableLogin }
  /** Codex does, and its new access token is taken over. */
  | { readonly by: "codex" }
  /** Another member of the shared pool does, whose access token this one gets. */
  | { readonly by: "member"; readonly name: string }
  /**
   * Nobody does. `reason` is a clause about the key. `needsLogin`: it could be renewed, but for the state of its
   * refresh token, so that logging in again fixes it.
   */
  | { readonly by: "nobody"; readonly reason: string; readonly needsLogin: boolean };

/** A login with a refresh token. */
export type RenewableLogin = HeldLogin & { readonly refreshToken: NonNullable<HeldLogin["refreshToken"]> };

/** Why nobody renews a login that no member is the home of. */
export const NO_HOME = "its login has no home in the shared pool";

/** Who renews `key`, one of `facts.keys`. */
export function renewerOf(key: RenewalKey, facts: RenewalFacts): Renewer {
  const { login, record, mark } = key;
  if (!login || !login.accessToken.equals(record.token)) return nobody(keyReason(record.token.reveal()));
  const kind = entryOf(KINDS, login.authMode ?? "");
  if (kind !== undefined) return nobody(kind);
  if (isOfCodex(key, login, facts.codex)) return { by: "codex" };
  if (key.home.kind === "elsewhere") return { by: "member", name: key.home.name };
  const { refreshToken } = login;
  if (!refreshToken) return nobody("its file holds no refresh token");
  if (mark?.state === "codex") return { by: "codex" };
  const sibling = newerCopy(key, login, facts.keys);
  if (sibling) return nobody(`an older copy of the login in ${sibling.record.file}`);
  if (mark && mark.state in NEEDS_LOGIN) return needsLogin(mark);
  if (key.links > 1) {
    return nobody("its file is hard-linked, so that a renewal would reach only one of the names");
  }
  if (login.issuer !== undefined && login.issuer !== facts.issuer) {
    return nobody("its login is from another issuer than the setting issuer names");
  }
  if (!facts.isOn) return nobody("the setting refresh is off");
  if (key.home.kind === "nowhere") return nobody(NO_HOME);
  return { by: "cdx2", login: { ...login, refreshToken } };
}

// What Codex calls logins that are not renewed with a refresh token.
const KINDS: Readonly<Record<string, string | undefined>> = {
  apikey: "an API key does not expire",
  personalAccessToken: "a personal access token cannot be renewed",
  agentIdentity: "an agent identity has no refresh token",
  bedrockApiKey: "a login of Amazon Bedrock",
  bedrockAccessKeys: "a login of Amazon Bedrock",
  chatgptAuthTokens: "another program gives Codex its tokens",
};

function keyReason(token: string): string {
  const shape = tokenShape(token);
  if (shape === "personal_token") return "a personal access token cannot be renewed";
  return shape === "api_key" ? "an API key does not expire" : "its file holds no login, only a token";
}

const NEEDS_LOGIN: Readonly<Partial<Record<RenewalMark["state"], string>>> = {
  dead: "the issuer has refused its refresh token",
  spent: "its refresh token is used up: the file is an old copy",
  lost: "its renewal got no answer twice",
};

function needsLogin({ state, reason }: RenewalMark): Renewer {
  const code = state === "dead" && reason !== undefined ? ` (${reason})` : "";
  return { by: "nobody", reason: `${NEEDS_LOGIN[state]}${code}`, needsLogin: true };
}

function nobody(reason: string): Renewer {
  return { by: "nobody", reason, needsLogin: false };
}

// Without a refresh token, a key follows every login of Codex as the same user: nothing can go wrong by that.
function isOfCodex({ path }: RenewalKey, login: HeldLogin, codex: CodexLogin | undefined): boolean {
  if (!codex) return false;
  if (codex.path === path) return true;
  return login.refreshToken ? isSameLine(login, codex.login) : isSameUser(login.line, codex.login.line);
}

/** Another file with a newer token of the same login. */
function newerCopy(
  { path }: RenewalKey,
  login: HeldLogin,
  keys: readonly RenewalKey[],
): RenewalKey | undefined {
  return alike(login, keys).find((other) =>
    other.path !== path && other.login?.refreshToken && isSameLine(other.login, login) &&
    isNewer(other.login, login)
  );
}

/** Each list of keys by what all of one line have in common, as {@link isSameLine} has it. */
const GROUPS = new WeakMap<readonly RenewalKey[], ReadonlyMap<string, readonly RenewalKey[]>>();

/** Those of the keys that may be of the same line. Thousands of keys are each compared with few others. */
function alike(login: HeldLogin, keys: readonly RenewalKey[]): readonly RenewalKey[] {
  const groups = GROUPS.getOrInsertComputed(keys, groupsOf);
  return commonOf(login).flatMap((common) => groups.get(common) ?? []);
}

function groupsOf(keys: readonly RenewalKey[]): ReadonlyMap<string, readonly RenewalKey[]> {
  const groups = new Map<string, RenewalKey[]>();
  for (const key of keys) {
    for (const common of key.login ? commonOf(key.login) : []) {
      groups.getOrInsertComputed(common, () => []).push(key);
    }
  }
  return groups;
}

function commonOf({ refreshToken, line: { accountId } }: HeldLogin): readonly string[] {
  return [
    ...(refreshToken ? [`token ${refreshToken.reveal()}`] : []),
    ...(accountId === undefined ? [] : [`account ${accountId}`]),
  ];
}
