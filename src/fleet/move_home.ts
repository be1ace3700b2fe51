/**
 * Makes this machine the home of a login, because somebody wants that: the machine that is the home hands it over, or is
 * passed over where it will not come back.
 * @module
 */

import type { AuthRecord } from "../auth/record.ts";
import type { LoginMember } from "../credentials/login_claim.ts";
import { generationMs, loginId } from "../credentials/login_id.ts";
import { type Clock, holdsWithin } from "../system/clock.ts";
import { Secret } from "../values/secret.ts";
import type { Exchange } from "./exchange.ts";
import { asked, claimed, homeOf, type SharedLogin, taken, UNKNOWN_LOGIN } from "./shared_login.ts";
import type { SharedLogins } from "./shared_logins.ts";

/** What {@link moveHome} works with. */
export interface MoveOptions {
  /** Knows who is the home. */
  readonly logins: SharedLogins;
  /** The way to the others. */
  readonly exchange: Pick<Exchange, "state" | "storeNowMs">;
  /** Measures the waiting. */
  readonly clock: Clock;
  /** This machine. */
  readonly self: LoginMember & { readonly mayBeHome: boolean };
  /** Whether a member is there. */
  readonly isThere: (memberId: string) => boolean;
  /** Pass over the home that is. */
  readonly isForced: boolean;
}

/** What came of it. `home` is the name of the member that is the home. */
export type HomeMove =
  | { readonly kind: "moved" }
  | { readonly kind: "is_home" }
  /** Its token does not say whose login it is. */
  | { readonly kind: "no_login" }
  /** This machine may not renew for the pool. */
  | { readonly kind: "not_permitted" }
  /** Its file has no refresh token that we could use. */
  | { readonly kind: "no_copy" }
  /** It has been renewed elsewhere since: the refresh token here is used up. */
  | { readonly kind: "old_copy"; readonly home: string | undefined }
  /** The engine cannot be asked. */
  | { readonly kind: "unreachable" }
  /** The home is off. */
  | { readonly kind: "away"; readonly home: string }
  /** The home does not answer; it hands over once it does. */
  | { readonly kind: "no_answer"; readonly home: string };

// A renewal that is under way there comes first, and the issuer may take its time.
const MAX_WAIT_MS = 20_000;

/** Resolves when it is settled. */
export async function moveHome(record: AuthRecord, options: MoveOptions): Promise<HomeMove> {
  const { logins, exchange, self, isThere, isForced } = options;
  const login = loginId(record);
  if (login === undefined) return { kind: "no_login" };
  const value = logins.confirmed(login) ?? UNKNOWN_LOGIN;
  const home = homeOf(value);
  if (home?.memberId === self.memberId) return { kind: "is_home" };
  if (!self.mayBeHome) return { kind: "not_permitted" };
  if (exchange.state.kind !== "up") return { kind: "unreachable" };
  const here = logins.heldHere(login);
  if (!here?.isRenewable) return { kind: "no_copy" };
  const knownMs = Math.max(value.newestMs, accessMs(value, record));
  if (here.generationMs < knownMs) return { kind: "old_copy", home: home?.name };
  if (!home) logins.add(login, claimed(self, exchange.storeNowMs));
  else if (isForced) logins.add(login, taken(self, exchange.storeNowMs));
  else if (isThere(home.memberId)) logins.add(login, asked(self));
  else return { kind: "away", home: home.name };
  const isMoved = await untilHome(login, options);
  return isMoved ? { kind: "moved" } : { kind: "no_answer", home: home?.name ?? "the engine" };
}

function accessMs({ access }: SharedLogin, { accountId }: AuthRecord): number {
  return access === undefined ? 0 : generationMs({ token: new Secret(access), accountId });
}

function untilHome(login: string, { logins, clock, self }: MoveOptions): Promise<boolean> {
  return holdsWithin(clock, MAX_WAIT_MS, {
    holds: () => homeOf(logins.confirmed(login))?.memberId === self.memberId,
    nextChange: () => logins.nextChange(),
  });
}
