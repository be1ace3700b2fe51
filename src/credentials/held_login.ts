/**
 * What an auth file holds of a login: the tokens that a renewal replaces, and the line of the login, by which copies of
 * it are recognised. Two files can hold one login without having a token in common: each renewal replaces all of them.
 * @module
 */

import { claimsOf, openAiClaim } from "../auth/jwt.ts";
import { filledText, isObject, member, parseJson } from "../values/json.ts";
import { Secret } from "../values/secret.ts";
import { LAST_MOMENT_MS } from "../values/iso_time.ts";

/** Whose login it is, and which of the same user's; each `undefined` when the tokens do not say. */
export interface LoginLine {
  /** The account or workspace. */
  readonly accountId: string | undefined;
  /** The user, as the issuer names them. */
  readonly userId: string | undefined;
  /** In lower case. */
  readonly email: string | undefined;
  /** Made at the login; each renewal keeps it. */
  readonly sessionId: string | undefined;
}

/** The login in an auth file. */
export interface HeldLogin {
  /** Where the tokens are: in `tokens`, as Codex writes them, or at the top. */
  readonly place: "tokens" | "top";
  /** What requests carry. */
  readonly accessToken: Secret;
  /** `undefined` when there is none: then the login cannot be renewed. Never empty. */
  readonly refreshToken: Secret | undefined;
  /** Says who logged in; `undefined` when there is none. */
  readonly idToken: Secret | undefined;
  /** Copies of one login have the same. */
  readonly line: LoginLine;
  /** The `exp` of the access token, epoch milliseconds; `undefined` when it does not say. */
  readonly expiresAtMs: number | undefined;
  /** Its `iat`, epoch milliseconds; `undefined` when it does not say. */
  readonly issuedAtMs: number | undefined;
  /** Who gave out the tokens, as the file says; without a slash at its end. */
  readonly issuer: string | undefined;
  /** Which program they were given to, as the file or the token says. */
  readonly clientId: string | undefined;
  /** What Codex calls this kind of login. */
  readonly authMode: string | undefined;
  /** `cdx2 auth login` made it, so that no other program renews it. */
  readonly isOurs: boolean;
}

/** The login in the text of an auth file; `undefined` when it holds none, but at most an API key. Never throws. */
export function heldLogin(text: string): HeldLogin | undefined {
  const json = parseJson(text);
  if (!isObject(json)) return undefined;
  const tokens = member(json, "tokens");
  const place = filledText(member(tokens, "access_token")) === undefined ? "top" : "tokens";
  const holder = place === "tokens" ? tokens : json;
  const accessToken = filledText(member(holder, "access_token"));
  if (accessToken === undefined) return undefined;
  const refreshToken = filledText(member(holder, "refresh_token"));
  const provenance = member(holder, "oauth_provenance");
  const claims = claimsOf(accessToken);
  const idToken = filledText(member(holder, "id_token"));
  const idClaims = claimsOf(idToken ?? "");
  return {
    place,
    accessToken: new Secret(accessToken),
    refreshToken: refreshToken === undefined ? undefined : new Secret(refreshToken),
    idToken: idToken === undefined ? undefined : new Secret(idToken),
    line: {
      accountId: filledText(member(holder, "account_id")) ?? filledText(member(json, "account_id")) ??
        accountIn(claims) ?? accountIn(idClaims),
      userId: userIn(claims) ?? userIn(idClaims),
      email: (filledText(idClaims["email"]) ?? filledText(member(holder, "email")) ??
        filledText(member(json, "email")))
        ?.toLowerCase(),
      sessionId: filledText(claims["session_id"]) ?? filledText(idClaims["session_id"]),
    },
    expiresAtMs: endIn(claims),
    issuedAtMs: millisecondsOf(claims["iat"]),
    issuer: filledText(member(provenance, "issuer"))?.replace(/\/+$/, ""),
    clientId: filledText(member(provenance, "client_id")) ?? filledText(claims["client_id"]),
    authMode: filledText(member(json, "auth_mode")),
    // Codex's own logins say which of its processes may renew them.
    isOurs: provenance !== undefined && member(holder, "login_owner_id") === undefined,
  };
}

/**
 * Whether two logins are of the same user in the same account. Where the tokens do not say enough to tell two users
 * apart, they count as one: a login that is not ours must not be renewed.
 */
export function isSameUser(a: LoginLine, b: LoginLine): boolean {
  if (a.accountId === undefined || a.accountId !== b.accountId) return false;
  if (a.userId !== undefined && b.userId !== undefined) return a.userId === b.userId;
  return a.email === undefined || b.email === undefined || a.email === b.email;
}

/**
 * Whether two logins are one: renewing one of them ends the other. Of the same user, two that do not name their session
 * count as one, unless `cdx2 auth login` made one of them.
 */
export function isSameLine(a: HeldLogin, b: HeldLogin): boolean {
  if (a.refreshToken && b.refreshToken && a.refreshToken.equals(b.refreshToken)) return true;
  if (!isSameUser(a.line, b.line)) return false;
  if (a.line.sessionId !== undefined && b.line.sessionId !== undefined) {
    return a.line.sessionId === b.line.sessionId;
  }
  return !a.isOurs && !b.isOurs;
}

/** Whether `a` was given out after `b`, as far as the access tokens say. */
export function isNewer(a: HeldLogin, b: HeldLogin): boolean {
  const [aMs, bMs] = [a.issuedAtMs ?? a.expiresAtMs, b.issuedAtMs ?? b.expiresAtMs];
  if (aMs === bMs) return (a.expiresAtMs ?? 0) > (b.expiresAtMs ?? 0);
  return (aMs ?? 0) > (bMs ?? 0);
}

/** The account that an access token is for; `undefined` when it does not say. */
export function accountIn(claims: Readonly<Record<string, unknown>>): string | undefined {
  return filledText(openAiClaim(claims, "chatgpt_account_id"));
}

/** The user that a token was given to; `undefined` when it does not say. */
export function userIn(claims: Readonly<Record<string, unknown>>): string | undefined {
  return filledText(openAiClaim(claims, "chatgpt_user_id")) ?? filledText(openAiClaim(claims, "user_id")) ??
    filledText(claims["sub"]);
}

/** The `exp` of an access token, epoch milliseconds; `undefined` when it does not say. */
export function endOfToken(accessToken: Secret): number | undefined {
  return endIn(claimsOf(accessToken.reveal()));
}

function endIn(claims: Readonly<Record<string, unknown>>): number | undefined {
  return millisecondsOf(claims["exp"]);
}

function millisecondsOf(seconds: unknown): number | undefined {
  return typeof seconds === "number" && seconds > 0 && seconds <= LAST_MOMENT_MS / 1000
    ? Math.round(seconds * 1000)
    : undefined;
}
