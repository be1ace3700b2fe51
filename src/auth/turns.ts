/**
 * Whose turn it is among keys that are as good as each other. Pure.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import type { Candidate } from "./availability.ts";
import { compareResets, resetsAheadMs } from "./limits.ts";
import { evenlySpread } from "../values/evenly_spread.ts";
import { highest } from "../values/extremes.ts";

/** Of keys that are as good as each other, the one that is used next; `undefined` when there are none. */
export function nextInLine<T extends Candidate>(
  keys: readonly T[],
  policy: Policy,
  nowMs: number,
): T | undefined {
  return policy.rotation === "drain" ? firstToReset(keys, nowMs) : lowestTurn(keys);
}

/**
 * Where a key without a turn stands, from -1 up to 0: before all that had one, and in an order of each member's own. Members
 * of a shared pool that start at the same moment would otherwise send their first requests to the same dead keys.
 */
export function firstTurn(memberId: string, file: string): number {
  return evenlySpread(`first turn\0${memberId}\0${file}`) - 1;
}

// What is left in a window is lost when it resets. Keys that are alike are not taken in turns, but used up in order.
function firstToReset<T extends Candidate>(keys: readonly T[], nowMs: number): T | undefined {
  const withResets = keys.map((key) => ({ key, resetsMs: resetsAheadMs(key.windows, nowMs) }));
  withResets.sort((a, b) => compareResets(a.resetsMs, b.resetsMs) || turnTaken(b.key) - turnTaken(a.key));
  return withResets[0]?.key;
}

function turnTaken({ turn }: Candidate): number {
  return Math.max(turn, 0);
}

/** Those of the highest priority among the keys. */
export function ofHighestPriority<T extends Candidate>(keys: readonly T[]): readonly T[] {
  const top = highest(keys.map(({ record: { priority } }) => priority));
  return keys.filter(({ record: { priority } }) => priority === top);
}

function lowestTurn<T extends Candidate>(keys: readonly T[]): T | undefined {
  let lowest = keys[0];
  for (const key of keys) if (lowest && key.turn < lowest.turn) lowest = key;
  return lowest;
}
