/**
 * What the logins of a shared pool need of this machine, and what they tell it.
 * @module
 */

import type { AuthRecord } from "../auth/record.ts";
import type { LoginClaim, LoginMember } from "../credentials/login_claim.ts";
import type { Clock } from "../system/clock.ts";
import type { Exchange } from "./exchange.ts";
import type { Seal } from "./seal.ts";

/** What `SharedLogins` need of this machine. */
export interface LoginPorts {
  /** The keys as their files have them. */
  readonly records: () => readonly AuthRecord[];
  /** There are other access tokens: the keys are to be listed again. */
  readonly changed: () => void;
  /** Keeps who is the home. Resolves with whether it is on the disk. */
  readonly keep: (login: string, claim: LoginClaim) => Promise<boolean>;
  /** A member was refused the access token of this key. */
  readonly renew: (record: AuthRecord) => void;
}

/** Who renews a login. */
export interface LoginStanding {
  /** `undefined`: nobody. */
  readonly home: LoginClaim | undefined;
  /** This machine is it. */
  readonly isHere: boolean;
  /** When the home said that it was there, by the store's clock, at most an hour before it was last there; 0: never. */
  readonly seenMs: number;
}

/** What `SharedLogins` work with. */
export interface SharedLoginsOptions extends LoginPorts {
  /** The way to the others. */
  readonly exchange: Exchange;
  /** Names records and tokens. */
  readonly seal: Seal;
  /** The clock of the pool. */
  readonly clock: Clock;
  /** Who we are; whether we may become a home: a job of a CI system may not. */
  readonly self: LoginMember & { readonly mayBeHome: boolean };
  /** What earlier runs kept, by `loginId`. */
  readonly claims: Readonly<Record<string, LoginClaim>>;
  /** A tag for the next record. */
  readonly nextTag: () => string;
}
