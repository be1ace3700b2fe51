/**
 * Whose turn it is. Pure: of the keys and a request, the key that serves it.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import { healthAt, isStable, type KeyHealth } from "./key_state.ts";
import { tightestWindow, type WindowReading } from "./limits.ts";
import { isModelCode } from "./outcome.ts";
import type { AuthRecord } from "./record.ts";
import { burstTrialAtMs, readyAtMs } from "./trials.ts";

/** What matters about a request when its key is chosen. */
export interface ChoiceRequest {
  /** The client's session; `undefined` for a request without one. */
  readonly session: string | undefined;
  /** The model asked for; `undefined` when the request does not name one. */
  readonly model: string | undefined;
  /** Files of the keys that this request has already tried. */
  readonly tried: ReadonlySet<string>;
}

/** What choosing looks at. */
export interface Candidate {
  /** Which key it is. */
  readonly record: AuthRecord;
  /** How it is. */
  readonly health: KeyHealth;
  /** What is known of its limits. */
  readonly windows: readonly WindowReading[];
  /** When its turn last came, counted over all keys; 0 for never. The lowest is next. */
  readonly turn: number;
}

/**
 * The key whose turn it is: of those that carry the traffic; else of unproven ones; else of those that should be full; else, as a last resort, of
 * those in the middle of a burst's cooldown, of those that were refused the model, and of those whose token has expired.
 */
export function chooseKey<T extends Candidate>(
  keys: readonly T[],
  request: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): T | undefined {
  const untried = keys.filter(({ record }) => !request.tried.has(record.file));
  const valid = untried.filter((key) => !isExpired(key, nowMs));
  const free = valid.filter((key) => availableAtMs(key, request.model, policy, nowMs) <= nowMs);
  const roomy = free.filter((key) => hasRoom(key, policy, nowMs));
  return lowestTurn(roomy.filter(({ health }) => isStable(healthAt(health, nowMs)))) ??
    lowestTurn(roomy) ??
    lowestTurn(free) ??
    lowestTurn(valid.filter((key) => (burstTrialAtMs(healthAt(key.health, nowMs)) ?? Infinity) <= nowMs)) ??
    lowestTurn(valid.filter((key) => isWorthAModelRecheck(key, request, policy, nowMs))) ??
    lowestTurn(
      untried.filter((key) =>
        isExpired(key, nowMs) && availableAtMs(key, request.model, policy, nowMs) <= nowMs
      ),
    );
}

/** Whether a key's token is past its own `exp`. Clocks differ, so such a key is asked all the same when no other is left. */
export function isExpired({ record: { expiresAtMs } }: Pick<Candidate, "record">, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}

// A refused model may have been granted since: when no other key is left, the upstream's own word is better than ours.
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

/** Whether a session stays on this key: while it is neither limited, nor ejected, nor on trial, nor full. */
export function canKeepSession(
  key: Candidate,
  { model, tried }: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): boolean {
  return !tried.has(key.record.file) && !isExpired(key, nowMs) &&
    healthAt(key.health, nowMs).state.kind === "ok" &&
    availableAtMs(key, model, policy, nowMs) <= nowMs && hasRoom(key, policy, nowMs);
}

/** When the key can be given a request for `model`, epoch milliseconds; a time that has passed means now. */
export function availableAtMs(
  { health, windows }: Candidate,
  model: string | undefined,
  policy: Policy,
  nowMs: number,
): number {
  const reservedUntilMs = policy.minRemainingPercent === 0 ? 0 : fullUntilMs(windows, policy, nowMs);
  return Math.max(readyAtMs(healthAt(health, nowMs), model), reservedUntilMs);
}

/** When the key can be given a request at the earliest, the last resorts included; epoch milliseconds. */
export function earliestAtMs(
  key: Candidate,
  model: string | undefined,
  policy: Policy,
  nowMs: number,
): number {
  const availableMs = availableAtMs(key, model, policy, nowMs);
  return Math.min(availableMs, burstTrialAtMs(healthAt(key.health, nowMs)) ?? Infinity);
}

/** Whether no usage window of the key is full. Without a reserve that is only a hint: a full key is asked when there is no other. */
export function hasRoom({ windows }: Candidate, policy: Policy, nowMs: number): boolean {
  return fullUntilMs(windows, policy, nowMs) === 0;
}

/** 0 when the tightest window has more left than the reserve. */
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
