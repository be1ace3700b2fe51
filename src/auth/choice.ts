/**
 * Whose turn it is. Pure: of the keys and a request, the key that serves it.
 * @module
 */

import {
  healthAt,
  isStable,
  isWorthABurstTrial,
  type KeyHealth,
  type Policy,
  readyAtMs,
} from "./key_state.ts";
import { tightestWindow, type WindowReading } from "./limits.ts";
import type { AuthRecord } from "./record.ts";

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
  readonly record: AuthRecord;
  readonly health: KeyHealth;
  readonly windows: readonly WindowReading[];
  /** When its turn last came, counted over all keys; 0 for never. The lowest is next. */
  readonly turn: number;
}

/**
 * The key whose turn it is: of those that carry the traffic; else of unproven ones; else of those that should be
 * full; else, as a last resort, of those in the middle of a burst's cooldown.
 */
export function chooseKey<T extends Candidate>(
  keys: readonly T[],
  request: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): T | undefined {
  const untried = keys.filter(({ record }) => !request.tried.has(record.file));
  const free = untried.filter((key) => availableAtMs(key, request.model, policy, nowMs) <= nowMs);
  const roomy = free.filter((key) => hasRoom(key, policy, nowMs));
  return lowestTurn(roomy.filter(({ health }) => isStable(healthAt(health, nowMs)))) ??
    lowestTurn(roomy) ??
    lowestTurn(free) ??
    lowestTurn(untried.filter(({ health }) => isWorthABurstTrial(healthAt(health, nowMs), nowMs)));
}

/** Whether a session stays on this key: while it is neither limited, nor ejected, nor on trial, nor full. */
export function canKeepSession(
  key: Candidate,
  { model, tried }: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): boolean {
  return !tried.has(key.record.file) && healthAt(key.health, nowMs).state.kind === "ok" &&
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

// Without a reserve a full window is only a hint: such a key is passed over, but asked when there is no other.
function hasRoom({ windows }: Candidate, policy: Policy, nowMs: number): boolean {
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
