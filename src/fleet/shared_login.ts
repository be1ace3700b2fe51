/**
 * What the members of a shared pool know of one login: who renews it, and the access token of its last renewal. Its refresh
 * token is at its home and nowhere else. Pure.
 * @module
 */

import { type LoginClaim, type LoginMember, readClaim, readLoginMember } from "../credentials/login_claim.ts";
import { isObject } from "../values/json.ts";
import type { Change } from "./replica.ts";
import { isMomentMs } from "../values/iso_time.ts";

/** What is known of a login. */
export interface SharedLogin {
  /** `undefined`: nobody has claimed it yet. */
  readonly claim: LoginClaim | undefined;
  /** The access token of its home; `undefined` before it was told. */
  readonly access: string | undefined;
  /** The newest generation that a member holds in a file, epoch milliseconds by the issuer's clock. */
  readonly newestMs: number;
  /** The name of an access token that the upstream has refused to a member; `undefined` when there is none. */
  readonly wanted: string | undefined;
  /** A member that somebody wants to be its home; `undefined` when there is none. */
  readonly asker: LoginMember | undefined;
  /** When its home was last there, by the store's clock. Told once an hour. */
  readonly seenMs: number;
}

/** Before anything is known. */
export const UNKNOWN_LOGIN: SharedLogin = {
  claim: undefined,
  access: undefined,
  newestMs: 0,
  wanted: undefined,
  asker: undefined,
  seenMs: 0,
};

type LoginChange = Change<SharedLogin>;

const HOUR_MS = 3_600_000;

/** The member that renews; `undefined` when there is none, or nothing is known of the login. */
export function homeOf(login: Pick<SharedLogin, "claim"> | undefined): LoginClaim | undefined {
  return login?.claim?.memberId ? login.claim : undefined;
}

/** The one of two claims that counts: all members agree, in whatever order they meet them. */
export function strongerClaim(one: LoginClaim | undefined, other: LoginClaim): LoginClaim {
  if (!one) return other;
  if (one.round !== other.round) return one.round > other.round ? one : other;
  if (one.sinceMs !== other.sinceMs) return one.sinceMs < other.sinceMs ? one : other;
  return one.memberId <= other.memberId ? one : other;
}

/** An earlier run knew this claim: after the store has lost everything, it is still right. */
export function remembered(claim: LoginClaim): LoginChange {
  return (login) => {
    const stronger = strongerClaim(login.claim, claim);
    return stronger === login.claim ? login : { ...login, claim: stronger };
  };
}

/** A member becomes the home of a login that has none. */
export function claimed(member: LoginMember, nowMs: number): LoginChange {
  return (login) =>
    homeOf(login) ? login : { ...login, claim: nextClaim(login, member, nowMs), seenMs: nowMs };
}

/** Somebody makes a member the home without asking the one that is. */
export function taken(member: LoginMember, nowMs: number): LoginChange {
  return (login) =>
    homeOf(login)?.memberId === member.memberId
      ? login
      : { ...login, claim: nextClaim(login, member, nowMs), asker: undefined, seenMs: nowMs };
}

/** Somebody wants a member to be the home; the one that is has to agree. */
export function asked(member: LoginMember): LoginChange {
  return (login) => {
    const home = homeOf(login);
    return home && home.memberId !== member.memberId ? { ...login, asker: member } : login;
  };
}

/** The home hands over to another member, or to the next one that comes. */
export function handedOver(from: LoginMember, claim: LoginClaim): LoginChange {
  return (login) => homeOf(login)?.memberId === from.memberId ? { ...login, claim, asker: undefined } : login;
}

/** The claim that follows; `NOBODY` gives the login up. */
export function nextClaim(login: SharedLogin, { memberId, name }: LoginMember, nowMs: number): LoginClaim {
  return { memberId, name, sinceMs: nowMs, round: (login.claim?.round ?? 0) + 1 };
}

/** Nobody. */
export const NOBODY: LoginMember = { memberId: "", name: "" };

/** A member holds a copy of this generation in a file. */
export function held(generationMs: number): LoginChange {
  return (login) => generationMs > login.newestMs ? { ...login, newestMs: generationMs } : login;
}

/** The home has this access token. */
export function published(member: LoginMember, access: string): LoginChange {
  return (login) =>
    homeOf(login)?.memberId !== member.memberId || login.access === access
      ? login
      : { ...login, access, wanted: undefined };
}

/** The upstream refuses the token of this name. */
export function refusedToken(name: string): LoginChange {
  return (login) => login.wanted === name ? login : { ...login, wanted: name };
}

/** The home is there. */
export function seen(member: LoginMember, nowMs: number): LoginChange {
  return (login) =>
    homeOf(login)?.memberId === member.memberId && nowMs - login.seenMs >= HOUR_MS
      ? { ...login, seenMs: nowMs }
      : login;
}

/** Reads what another member wrote; `undefined` for what is none. */
export function readLogin(value: unknown): SharedLogin | undefined {
  if (!isObject(value)) return undefined;
  const { access, newestMs, wanted, asker, seenMs } = value;
  const claim = readClaim(value["claim"]);
  if (value["claim"] !== undefined && !claim) return undefined;
  if (!isMomentMs(newestMs) || !isMomentMs(seenMs)) return undefined;
  return {
    claim,
    access: textIn(access),
    newestMs,
    wanted: textIn(wanted),
    asker: readLoginMember(asker),
    seenMs,
  };
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
