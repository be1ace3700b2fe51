/**
 * First tries of keys that nobody knows anything of, by several members at once: each such key is tried by one of them, and
 * the others learn from it. Pure; what waits for whom is in key_sharing.ts.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import { hasRoom } from "./availability.ts";
import { type ChoiceRequest, chooseNext, type Picked } from "./choice.ts";
import { healthAt, isStable } from "./key_state.ts";
import type { PendingRenewals } from "./pending_renewals.ts";
import type { PoolEntry } from "./pool_entry.ts";
import { isUntested, triedElsewhere } from "./shared_key.ts";

/** Which run of a member chooses. */
export interface Chooser {
  /** The run. */
  readonly runId: string;
  /** It has not chosen yet. */
  readonly isNewcomer: boolean;
}

/**
 * As `chooseNext`, but rather another key that is as good than one that another member tries first just now. A newcomer rather
 * takes one that is known to serve. Without a `chooser`, there are no other members.
 */
export function chooseAmongMembers(
  keys: Pick<PendingRenewals, "lineUp">,
  { request, chooser }: { readonly request: ChoiceRequest; readonly chooser: Chooser | undefined },
  policy: Policy,
  nowMs: number,
): Picked<PoolEntry> | undefined {
  const next = chooseNext(keys.lineUp(nowMs), request, policy, nowMs);
  const isLeft = (key: PoolEntry) =>
    chooser !== undefined && isUntested(key) &&
    (chooser.isNewcomer || triedElsewhere(key, chooser.runId, nowMs) !== undefined);
  if (!next || !isLeft(next.key)) return next;
  const left = keys.lineUp(nowMs).all().filter(isLeft).map(({ record }) => record.file);
  const tried = new Set([...request.tried, ...left]);
  const other = chooseNext(keys.lineUp(nowMs), { ...request, tried }, policy, nowMs);
  const isAsGood = other && other.key.record.priority === next.key.record.priority &&
    isStable(healthAt(other.key.health, nowMs)) && hasRoom(other.key, policy, nowMs);
  if (isAsGood) return other;
  // Then at least not one that another member tries.
  return chooser?.isNewcomer
    ? chooseAmongMembers(keys, { request, chooser: { ...chooser, isNewcomer: false } }, policy, nowMs)
    : next;
}
