/**
 * What an account comes to for a person: whether to look at it, what brings it back, and what they can do.
 * @module
 */

import { shQuoted } from "../shell_quote.ts";
import type { Account, UsageWindow } from "./account.ts";
import { causeOf } from "./causes.ts";

/** False for a key that a person need not look at. */
export function isTroubled(account: Account, nowMs: number): boolean {
  const { state, strikes, modelLimits } = account;
  const isUsedUp = ownWindows(account, nowMs).some(({ usedPercent }) => usedPercent >= 100);
  return state !== "whitelist" || strikes > 0 || modelLimits.length > 0 || isUsedUp ||
    isTokenOver(account, nowMs);
}

export function isTokenOver({ tokenExpiresMs }: Account, nowMs: number): boolean {
  return tokenExpiresMs !== undefined && tokenExpiresMs <= nowMs;
}

/** The windows that still say something: what was used before a reset is of no account. */
export function currentWindows({ windows }: Account, nowMs: number): readonly UsageWindow[] {
  return windows.filter(({ resetMs }) => resetMs === undefined || resetMs > nowMs);
}

/** Those of them that hold for every model. */
export function ownWindows(account: Account, nowMs: number): readonly UsageWindow[] {
  return currentWindows(account, nowMs).filter(({ limit }) => limit === undefined);
}

/** What ends the penalty before, or instead of, its time; `undefined` when there is none. */
export function clearedBy(account: Account): string | undefined {
  const { file, state, strikes, modelLimits, successes, wantedSuccesses } = account;
  const byHand = `"cdx2 reset --name ${shellWord(file)}"`;
  switch (state) {
    case "cooldown":
      return `a success, a new token in the file, or ${byHand}`;
    case "blacklist":
      return `a new token in the file, or ${byHand}`;
    case "probation":
      return `${wantedSuccesses} successes in a row (${successes} so far), a new token in the file, or ${byHand}`;
    default:
      return strikes > 0 || modelLimits.length > 0 ? `a success, or ${byHand}` : undefined;
  }
}

/** What a person can do about the cause; `undefined` when time alone helps, or when nothing is wrong. */
export function mendOf(account: Account, nowMs: number): string | undefined {
  const code = isTokenOver(account, nowMs) ? "token_expired" : account.cause;
  return code === undefined ? undefined : causeOf(code).mend;
}

function shellWord(text: string): string {
  return /^[\w.,:/@+-]+$/.test(text) ? text : shQuoted(text);
}
