/**
 * What is read off a key of `/health`: its state by the names of the JSON, and the code of its cause.
 * @module
 */

import { ACCOUNT_LIMIT } from "../auth/limits.ts";
import type { Account as AccountOnWire } from "./health.ts";
import type { Received } from "./received.ts";
import { msOf } from "../values/iso_time.ts";

/** A key as the running proxy describes it; the proxy may be of another version than this program. */
export type Account = Received<AccountOnWire>;

/** Until when a key is not used for one model. */
export type ModelLimit = Account["model_limits"][number];
/** How much of one limit an account has used. */
export type UsageWindow = NonNullable<Account["usage"]>["windows"][number];

/** Whether the limit is the account's own; others hold for some models only. */
export function isOwn({ limit }: UsageWindow): boolean {
  return limit === ACCOUNT_LIMIT || limit === "";
}

/** The states by their names in the JSON, in the order in which they are shown. */
export const STATES = ["whitelist", "probation", "cooldown", "blacklist"] as const;

/** One of {@link STATES}, or the state that a newer proxy names. */
export function stateOf({ status }: Account): string {
  return status === "OK" ? "whitelist" : status.toLowerCase();
}

/** What {@link groupOf} gives for the keys that take no turns, whatever their state. */
export const OUT_OF_SERVICE = ["expired", "disabled"] as const;

/** Under which title a key is shown and counted: its state, unless it is disabled or its token has expired. */
export function groupOf(account: Account, nowMs: number): string {
  if (account.disabled) return "disabled";
  return isTokenExpired(account, nowMs) ? "expired" : stateOf(account);
}

/** Whether the token has expired; an API key never does. */
export function isTokenExpired({ token_expires_at }: Account, nowMs: number): boolean {
  const expiresMs = msOf(token_expires_at);
  return expiresMs !== undefined && expiresMs <= nowMs;
}

/** The code of what led to the key's state, or of the strike that it still has; `undefined` when there is none. */
export function causeCode({ reason, evidence }: Account): string | undefined {
  return reason || evidence?.code || undefined;
}
