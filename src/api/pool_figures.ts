/**
 * What `cdx2 all --line` says of the pool, and until when it stays true by itself.
 * @module
 */

import { FIVE_HOURS_S, WEEK_S } from "../auth/usage.ts";
import { msOf } from "../values/iso_time.ts";
import { type Account, isOwn, stateOf } from "./account.ts";

/** The pool in four numbers. */
export interface PoolFigures {
  /** Percent of the window of 5 hours that is left, the mean over the keys in service; null when too few are known. */
  readonly fiveHoursLeft: number | null;
  /** The same of the week. */
  readonly weekLeft: number | null;
  /** How many keys can be used now. */
  readonly usable: number;
  /** How many there are. */
  readonly keys: number;
}

/** The figures of these keys. */
export function poolFigures(accounts: readonly Account[], nowMs: number): PoolFigures {
  const inService = accounts.filter(({ disabled, expired }) => !disabled && !expired);
  return {
    fiveHoursLeft: meanLeft(inService, FIVE_HOURS_S, nowMs),
    weekLeft: meanLeft(inService, WEEK_S, nowMs),
    usable: inService.filter((account) => isUsable(account, nowMs)).length,
    keys: accounts.length,
  };
}

/** The next moment at which the figures can change although nothing happens, epoch milliseconds; `Infinity` for none. */
export function nextChangeMs(accounts: readonly Account[], nowMs: number): number {
  let nextMs = Infinity;
  for (const { until, next_trial_at, token_expires_at, usage } of accounts) {
    const resets = (usage?.windows ?? []).map(({ reset_at }) => reset_at);
    for (const time of [until, next_trial_at, token_expires_at, ...resets]) {
      const timeMs = msOf(time) ?? Infinity;
      if (timeMs > nowMs && timeMs < nextMs) nextMs = timeMs;
    }
  }
  return nextMs;
}

function isUsable(account: Account, nowMs: number): boolean {
  if (stateOf(account) !== "whitelist") return false;
  return account.usage?.credits?.has_credits === true ||
    windowsOf(account, nowMs).every(({ left }) => left > 0);
}

function meanLeft(accounts: readonly Account[], seconds: number, nowMs: number): number | null {
  const known = accounts.flatMap((account) => windowsOf(account, nowMs))
    .filter((window) => window.seconds === seconds);
  // The mean of a few says nothing about the rest.
  return known.length === 0 || known.length < accounts.length / 2
    ? null
    : known.reduce((sum, { left }) => sum + left, 0) / known.length;
}

/** The account's own windows: one that has been reset since it was read is full again. */
function windowsOf({ usage }: Account, nowMs: number): readonly { seconds: number; left: number }[] {
  const own = (usage?.windows ?? []).filter(isOwn);
  return own.map(({ limit_window_seconds, used_percent, reset_at }) => ({
    seconds: limit_window_seconds ?? 0,
    left: (msOf(reset_at) ?? Infinity) <= nowMs ? 100 : Math.max(0, 100 - used_percent),
  }));
}
