/**
 * The part of a pool entry that several machines may know together, and every change of it. A change is a pure function and
 * says what happened, not what results: made again on top of what another machine found out meanwhile, it is still right.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import {
  healthAfter,
  healthAt,
  HEALTHY,
  type KeyHealth,
  type Verdict,
  withModelRefusal,
} from "./key_state.ts";
import { newestReadings, type WindowReading } from "./limits.ts";
import { isQuotaCode } from "./outcome.ts";
import type { AuthRecord } from "./record.ts";
import { withTrialReserved } from "./trials.ts";

/** One refusal of one key. */
export interface Refusal {
  /** The upstream's status, such as 401 or 403; `null` when the refusal came from inside a stream. */
  readonly status: number | null;
  /** The upstream's name for the refusal. */
  readonly code: string;
  /** When it was received, epoch milliseconds. */
  readonly atMs: number;
}

/** A refusal as its key remembers it. */
export interface KeyRefusal extends Refusal {
  /** The key's health before it: restored when the refusal turns out to be the upstream's fault. */
  readonly before: KeyHealth;
  /** It was the upstream's fault. */
  readonly isExcused: boolean;
}

/** What an upstream has shown about one token. Times in epoch milliseconds. */
export interface SharedKey {
  /** Its health as of its last change. */
  readonly health: KeyHealth;
  /** Its usage windows, each as last read. */
  readonly windows: readonly WindowReading[];
  /** When an attempt with it last succeeded; 0 for never, or not since its token changed. */
  readonly lastSuccessMs: number;
  /** Its last refusal that no success has followed; `undefined` when there is none. */
  readonly refusal: KeyRefusal | undefined;
}

/** A change. Returns the same object when there is nothing to change. */
export type SharedChange = <Key extends SharedKey>(key: Key) => Key;

/** Who is told of a pool's keys. */
export interface KeySharer {
  /** This was done to a key. */
  readonly changed: (record: AuthRecord, change: SharedChange) => void;
  /** There may be other keys now. */
  readonly listed: () => void;
}

/** What is known of a token that was never used. */
export const UNUSED_KEY: SharedKey = { health: HEALTHY, windows: [], lastSuccessMs: 0, refusal: undefined };

/** An attempt has ended with this verdict. */
export function judged(verdict: Verdict, policy: Policy): SharedChange {
  return (key) => {
    const judgedKey = withHealth(key, healthAfter(key.health, verdict, policy));
    if (verdict.outcome.kind !== "ok") return judgedKey;
    // A refusal that was the upstream's fault says that others may meet the same, whatever this key serves meanwhile.
    const refusal = key.refusal?.isExcused ? key.refusal : undefined;
    return { ...judgedKey, refusal, lastSuccessMs: Math.max(key.lastSuccessMs, verdict.nowMs) };
  };
}

/** A trial of it has begun: of any attempt with a key that is not stable. */
export function trialBegun(nowMs: number, policy: Policy): SharedChange {
  return (key) => withHealth(key, withTrialReserved(healthAt(key.health, nowMs), nowMs, policy));
}

/** The upstream told how full windows are. */
export function windowsRead(readings: readonly WindowReading[]): SharedChange {
  return (key) => ({ ...key, windows: newestReadings(key.windows, readings) });
}

/** A key that waits for its quota was found to have some. */
export function quotaFound(): SharedChange {
  return (key) => {
    const { state } = key.health;
    return state.kind === "cooldown" && isQuotaCode(state.cause) ? withHealth(key, HEALTHY) : key;
  };
}

/** Another key has served a model that this one was refused. */
export function modelRefused(
  refusal: { readonly model: string; readonly cause: string },
  nowMs: number,
): SharedChange {
  return (key) => withHealth(key, withModelRefusal(key.health, refusal, nowMs));
}

/** The user ends penalties, and has full windows forgotten. */
export function penaltiesEnded(): SharedChange {
  return (key) => ({ ...withHealth(key, HEALTHY), windows: [] });
}

/** The health that an earlier run of this machine saved. It counts only where nothing else is known. */
export function restoredHealth(saved: KeyHealth): SharedChange {
  return (key) => key.health === HEALTHY && key.lastSuccessMs === 0 ? withHealth(key, saved) : key;
}

function withHealth<Key extends SharedKey>(key: Key, health: KeyHealth): Key {
  return health === key.health ? key : { ...key, health };
}
