/**
 * The answer of `cdx2 all --line`: the pool in one line, for a prompt or a status bar. It is what the running proxy knows
 * already; nobody is asked, so it is there in a few milliseconds.
 * @module
 */

import { FIVE_HOURS_S, WEEK_S } from "../../auth/usage.ts";
import { msOf } from "../../values/iso_time.ts";
import { type Account, isOwn, stateOf } from "../doctor/account.ts";
import { percentText } from "./percent_text.ts";

/** `5h 60% · week 90% · 4/7 keys`: what is left, the mean over the keys in service, and how many can be used now. */
export function poolLine(accounts: readonly Account[], nowMs: number): string {
  const inService = accounts.filter(({ disabled, expired }) => !disabled && !expired);
  const usable = inService.filter((account) => isUsable(account, nowMs));
  const left = (seconds: number) => percentText(meanLeft(inService, seconds, nowMs)).replace("unknown", "?");
  return `5h ${left(FIVE_HOURS_S)} · week ${left(WEEK_S)} · ${usable.length}/${accounts.length} ` +
    (accounts.length === 1 ? "key" : "keys");
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
