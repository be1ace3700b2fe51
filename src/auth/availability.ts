/**
 * When a key is available, and whether it can be expected to serve. Pure: decided from what is known of the key, the policy
 * and the time.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import { type CreditStanding, servesOnCredits } from "./credits.ts";
import { healthAt, type KeyHealth } from "./key_state.ts";
import { tightestWindow, type WindowReading } from "./limits.ts";
import type { AuthRecord } from "./record.ts";
import { burstTrialAtMs, readyAtMs } from "./trials.ts";

/** A key that a request may get. */
export interface Candidate {
  /** Who it is. */
  readonly record: AuthRecord;
  /** Its health as of its last change. */
  readonly health: KeyHealth;
  /** Its usage windows, each as last read. */
  readonly windows: readonly WindowReading[];
  /** What is known of its credits. */
  readonly credits: CreditStanding;
  /** When its turn last came, counted over all keys; 0 for never. The lowest is next. */
  readonly turn: number;
}

/**
 * When the key is available for a request for `model`, as far as penalties and the reserve allow; epoch milliseconds, a
 * time in the past means now.
 */
export function availableAtMs(
  key: Candidate,
  model: string | undefined,
  policy: Policy,
  nowMs: number,
): number {
  return Math.max(readyAtMs(healthAt(key.health, nowMs), model), reservedUntilMs(key, policy, nowMs));
}

/**
 * Until when a window that is down to the reserve keeps the key from being used, epoch milliseconds; 0 when none does.
 */
export function reservedUntilMs(
  { windows }: Pick<Candidate, "windows">,
  policy: Policy,
  nowMs: number,
): number {
  return policy.minRemainingPercent === 0 ? 0 : fullUntilMs(windows, policy, nowMs);
}

/** When the key may get a request at the earliest, early trials after a burst included; epoch milliseconds. */
export function earliestAtMs(
  key: Candidate,
  model: string | undefined,
  policy: Policy,
  nowMs: number,
): number {
  const availableMs = availableAtMs(key, model, policy, nowMs);
  return Math.min(availableMs, burstTrialAtMs(healthAt(key.health, nowMs)) ?? Infinity);
}

/**
 * Whether the key can be expected to serve: its usage windows have more left than the reserve, or else it has credits.
 * That is only a hint: a full key is still tried when there is no other.
 */
export function hasRoom(key: Candidate, policy: Policy, nowMs: number): boolean {
  return fullUntilMs(key.windows, policy, nowMs) === 0 || servesOnCredits(key.credits);
}

/** Whether the key serves on credits, which cost money: its usage windows are full. */
export function spendsCredits(key: Candidate, policy: Policy, nowMs: number): boolean {
  return servesOnCredits(key.credits) && fullUntilMs(key.windows, policy, nowMs) !== 0;
}

/** When the key has more left than the reserve again, epoch milliseconds; 0 when it has now. */
function fullUntilMs(windows: readonly WindowReading[], policy: Policy, nowMs: number): number {
  const tightest = tightestWindow(windows, nowMs);
  if (!tightest || tightest.usedPercent < 100 - policy.minRemainingPercent) return 0;
  return tightest.resetAtMs ?? nowMs + 1;
}
