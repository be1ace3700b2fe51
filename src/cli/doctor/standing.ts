/**
 * What the user wants to know about a key: whether to look at it, what ends its penalty, and what they can do.
 * @module
 */

import type { RenewalStanding } from "../../credentials/renewal_standing.ts";
import { shQuoted } from "../shell_quote.ts";
import {
  type Account,
  causeCode,
  groupOf,
  isOwn,
  isTokenExpired,
  stateOf,
  type UsageWindow,
} from "../../api/account.ts";
import { msOf } from "../../values/iso_time.ts";
import { causeOf } from "../../observability/causes.ts";

/** False for a key that the user need not look at: it is well, or the user has disabled it. */
export function isTroubled(account: Account, nowMs: number): boolean {
  const group = groupOf(account, nowMs);
  if (group === "disabled") return false;
  const isUsedUp = !account.usage?.credits?.has_credits &&
    ownWindows(account, nowMs).some(({ used_percent }) => used_percent >= 100);
  return group !== "whitelist" || hasStrike(account) || isUsedUp;
}

// Of the account, or for one model.
function hasStrike({ rate_limit_strikes, model_limits }: Account): boolean {
  return rate_limit_strikes > 0 || model_limits.length > 0;
}

/** The windows that have not been reset since they were read. */
export function currentWindows({ usage }: Account, nowMs: number): readonly UsageWindow[] {
  const windows = usage?.windows ?? [];
  return windows.filter(({ reset_at }) => (msOf(reset_at) ?? Infinity) > nowMs);
}

/** Those of them that hold for every model. */
export function ownWindows(account: Account, nowMs: number): readonly UsageWindow[] {
  return currentWindows(account, nowMs).filter(isOwn);
}

/** What ends the penalty before, or instead of, its time; `undefined` when the key has none. */
export function clearedBy(account: Account): string | undefined {
  const { file, probation_successes, probation_target } = account;
  const byHand = `"cdx2 reset --name ${shellWord(file)}"`;
  switch (stateOf(account)) {
    case "cooldown":
      return `a success, a new token in the file, or ${byHand}`;
    case "blacklist":
      return `a new token in the file, or ${byHand}`;
    case "probation":
      return `${probation_target} successes in a row (${probation_successes} so far), ` +
        `a new token in the file, or ${byHand}`;
    default:
      return hasStrike(account) ? `a success, or ${byHand}` : undefined;
  }
}

/** The moment of a diagnosis, and who renews the keys at it. */
export interface DiagnosisMoment {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** By the file of the key; one that is not in it is shown without. */
  readonly renewals: ReadonlyMap<string, RenewalStanding>;
}

/** What the user can do about the cause; `undefined` when only time helps, or when nothing is wrong. */
export function fixFor(account: Account, { nowMs, renewals }: DiagnosisMoment): string | undefined {
  const renewal = renewals.get(account.file);
  if (renewal?.fix) return `run "${renewal.fix}"`;
  const isExpired = isTokenExpired(account, nowMs);
  if (isExpired && renewal?.by) return undefined;
  const code = isExpired ? "token_expired" : causeCode(account);
  return code === undefined
    ? undefined
    : causeOf(code).fix?.replace("KEY", shellWord(account.file.replace(/\.json$/, "")));
}

function shellWord(text: string): string {
  return /^[\w.,:/@+-]+$/.test(text) ? text : shQuoted(text);
}
