/**
 * Which key a request gets. Pure: decided from the keys, the request, the policy and the time.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import { type CreditStanding, servesOnCredits } from "./credits.ts";
import { healthAt, isStable, type KeyHealth } from "./key_state.ts";
import { tightestWindow, type WindowReading } from "./limits.ts";
import { isModelCode } from "./outcome.ts";
import type { AuthRecord } from "./record.ts";
import { burstTrialAtMs, readyAtMs } from "./trials.ts";

/** What a request wants of its key. */
export interface ChoiceRequest {
  /** The client's session; `undefined` for a request without one. */
  readonly session: string | undefined;
  /**
   * The file of the only key that can serve: what the request names lives at its account. `undefined` when any key may.
   */
  readonly owner: string | undefined;
  /** The model asked for; `undefined` when the request does not name one. */
  readonly model: string | undefined;
  /** Files of the keys that this request has already tried. */
  readonly tried: ReadonlySet<string>;
}

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
 * The key that a request gets, or `undefined` when none is available. The best tier with a key decides, and in it the
 * keys of the highest priority, of which the one whose last turn is the longest ago is next: stable keys, first those that
 * spend no credits; keys that are not proven; keys whose usage window should be full; and as last resorts keys in the
 * cooldown of a burst, keys that were refused the model, and keys whose token has expired.
 */
export function chooseKey<T extends Candidate>(
  keys: readonly T[],
  request: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): T | undefined {
  const { valid, expired } = contenders(keys, request, nowMs);
  const isFree = (key: T) => availableAtMs(key, request.model, policy, nowMs) <= nowMs;
  const free = valid.filter(isFree);
  const roomy = free.filter((key) => hasRoom(key, policy, nowMs));
  const stable = ofHighestPriority(roomy.filter(({ health }) => isStable(healthAt(health, nowMs))));
  return next(stable.filter((key) => !spendsCredits(key, policy, nowMs))) ??
    next(stable) ??
    next(roomy) ??
    next(free) ??
    next(valid.filter((key) => (burstTrialAtMs(healthAt(key.health, nowMs)) ?? Infinity) <= nowMs)) ??
    next(valid.filter((key) => isWorthAModelRecheck(key, request, policy, nowMs))) ??
    next(expired.filter(isFree));
}

/** Of keys that are as good as each other, the one whose turn it is. */
function next<T extends Candidate>(keys: readonly T[]): T | undefined {
  return lowestTurn(ofHighestPriority(keys));
}

function ofHighestPriority<T extends Candidate>(keys: readonly T[]): readonly T[] {
  const highest = Math.max(...keys.map(({ record: { priority } }) => priority));
  return keys.filter(({ record: { priority } }) => priority === highest);
}

/** When the first key that a request may be given is free, epoch milliseconds; `undefined` when there is none. */
export function firstFreeMs(
  keys: readonly Candidate[],
  request: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): number | undefined {
  const { valid, expired } = contenders(keys, request, nowMs);
  const times = [...valid, ...expired].map((key) => earliestAtMs(key, request.model, policy, nowMs));
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** The keys that a request may be given at some time; the expired ones only when no valid one is free. */
function contenders<T extends Candidate>(
  keys: readonly T[],
  request: ChoiceRequest,
  nowMs: number,
): { readonly valid: readonly T[]; readonly expired: readonly T[] } {
  const untried = untriedKeys(keys, request);
  const isClosed = request.owner === undefined && areExpiredRefused(keys, nowMs);
  return {
    valid: untried.filter((key) => !isExpired(key, nowMs)),
    expired: isClosed ? [] : untried.filter((key) => isExpired(key, nowMs)),
  };
}

// One refusal may be about its key alone. Two show that the clock is right and expired tokens are refused, so the others
// are not asked: a folder may hold dozens of them.
const EXPIRED_REFUSALS = 2;

/** Whether enough keys whose token has expired are ejected. */
function areExpiredRefused(keys: readonly Pick<Candidate, "record" | "health">[], nowMs: number): boolean {
  const refused = keys.filter((key) =>
    isExpired(key, nowMs) && healthAt(key.health, nowMs).state.kind === "blacklist"
  );
  return refused.length >= EXPIRED_REFUSALS;
}

/** The keys that may serve the request and have not been tried: all that are not disabled, or the one that it depends on. */
export function untriedKeys<T extends Candidate>(keys: readonly T[], { tried, owner }: ChoiceRequest): T[] {
  return keys.filter(({ record: { file, isDisabled } }) =>
    !isDisabled && !tried.has(file) && (owner === undefined || owner === file)
  );
}

/**
 * Whether a key's token has expired by its own `exp`. Clocks differ, so such a key is still tried when no other is
 * left.
 */
export function isExpired({ record: { expiresAtMs } }: Pick<Candidate, "record">, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}

/** Whether at least one key is usable. Those whose token has expired count only when there are no others to count on. */
export function hasUsableKey(keys: readonly Pick<Candidate, "record" | "health">[], nowMs: number): boolean {
  const isOk = ({ health }: typeof keys[number]) => healthAt(health, nowMs).state.kind === "ok";
  const inService = keys.filter((key) => isInService(key, nowMs));
  if (inService.length > 0) return inService.some(isOk);
  return !areExpiredRefused(keys, nowMs) && keys.some((key) => !key.record.isDisabled && isOk(key));
}

/** How a key is counted: by its state, unless it is out of service. */
export type Standing = "disabled" | "expired" | KeyHealth["state"]["kind"];

/** How a key is counted. */
export function standingOf(key: Pick<Candidate, "record" | "health">, nowMs: number): Standing {
  if (key.record.isDisabled) return "disabled";
  return isExpired(key, nowMs) ? "expired" : healthAt(key.health, nowMs).state.kind;
}

/** Whether a key takes turns with others when its health allows it: it is neither disabled nor expired. */
export function isInService(key: Pick<Candidate, "record">, nowMs: number): boolean {
  return !key.record.isDisabled && !isExpired(key, nowMs);
}

// The account may have been granted the model since: when no other key is left, asking the upstream is worth it.
function isWorthAModelRecheck(
  key: Candidate,
  { model }: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): boolean {
  const { modelLimits } = healthAt(key.health, nowMs);
  const isRefused = modelLimits.some((limit) => limit.model === model && isModelCode(limit.cause));
  return isRefused && availableAtMs(key, undefined, policy, nowMs) <= nowMs;
}

/** Whether a session can stay on its key: while the key is not limited, ejected, on trial, expired or full. */
export function canKeepSession(
  key: Candidate,
  { model, tried }: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): boolean {
  return !tried.has(key.record.file) && isInService(key, nowMs) &&
    healthAt(key.health, nowMs).state.kind === "ok" &&
    availableAtMs(key, model, policy, nowMs) <= nowMs && hasRoom(key, policy, nowMs);
}

/**
 * Whether a session leaves its key for the one that would be chosen next. It leaves a lower priority as soon as a stable
 * key of a higher one is free. Credits cost money and a cold cache only quota, so it also leaves a key that spends them.
 */
export function isWorthAMove(kept: Candidate, next: Candidate, policy: Policy, nowMs: number): boolean {
  if (!isStable(healthAt(next.health, nowMs)) || !hasRoom(next, policy, nowMs)) return false;
  const difference = next.record.priority - kept.record.priority;
  const savesCredits = !spendsCredits(next, policy, nowMs) && spendsCredits(kept, policy, nowMs);
  return difference > 0 || (difference === 0 && savesCredits);
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

function lowestTurn<T extends Candidate>(keys: readonly T[]): T | undefined {
  let lowest = keys[0];
  for (const key of keys) if (lowest && key.turn < lowest.turn) lowest = key;
  return lowest;
}
