/**
 * What tells a login from others on several machines: its line, as its access token names it. A renewal changes the token and
 * not the line, so that all machines with a copy, or with nothing but an access token of it, know the login by the same
 * name.
 * @module
 */

import { createHash } from "node:crypto";
import { claimsOf } from "../auth/jwt.ts";
import { filledText } from "../values/json.ts";
import type { Secret } from "../values/secret.ts";
import { accountIn, userIn } from "./held_login.ts";

/** A token with the account that its file names. */
export interface OwnedToken {
  /** The access token. */
  readonly token: Secret;
  /** `undefined` when the file does not say. */
  readonly accountId: string | undefined;
}

/** What an access token says of itself. */
interface TokenFacts {
  readonly login: string | undefined;
  readonly account: string | undefined;
  readonly generationMs: number;
}

const FACTS = new WeakMap<Secret, TokenFacts>();

/**
 * The name of a login: the same for all its generations, without anything about the user in it. `undefined` for a token that
 * does not say whose it is, such as an API key.
 */
export function loginId(owned: OwnedToken): string | undefined {
  return factsOf(owned).login;
}

/**
 * The name of the account and the user of a login: the same for all logins of this user there, without anything about them
 * in it. `undefined` as for {@link loginId}.
 */
export function accountName(owned: OwnedToken): string | undefined {
  return factsOf(owned).account;
}

/** Which of two tokens of one login is newer: when it was given out, or else when it ends; 0 when it does not say. */
export function generationMs(owned: OwnedToken): number {
  return factsOf(owned).generationMs;
}

function factsOf({ token, accountId }: OwnedToken): TokenFacts {
  const known = FACTS.get(token);
  if (known) return known;
  const claims = claimsOf(token.reveal());
  const [account, user] = [accountId ?? accountIn(claims), userIn(claims)];
  const named = (kind: string, ...parts: readonly string[]) =>
    account === undefined || user === undefined
      ? undefined
      : createHash("sha256").update([kind, account, user, ...parts].join("\0")).digest("hex").slice(0, 32);
  const login = named("login", filledText(claims["session_id"]) ?? "");
  const bornS = [claims["iat"], claims["exp"]].find((seconds) => typeof seconds === "number");
  const facts = {
    login,
    account: named("account"),
    generationMs: typeof bornS === "number" ? bornS * 1000 : 0,
  };
  FACTS.set(token, facts);
  return facts;
}
