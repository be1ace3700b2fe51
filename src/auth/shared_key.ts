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
  isUnburdened,
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

/** The first attempt with a token that nothing is known of, by one member of several. A hint for the others, no lock. */
export interface FirstTry {
  /** Which run of a member makes it. */
  readonly by: string;
  /** Until when others leave the key to it, epoch milliseconds. */
  readonly untilMs: number;
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
  /** Who tries it first; `undefined` when nobody does, or an answer has come. */
  readonly firstTry: FirstTry | undefined;
}

/** A change. Returns the same object when there is nothing to change. */
export type SharedChange = <Key extends SharedKey>(key: Key) => Key;

/** Who is told of a pool's keys. */
export interface KeySharer {
  /** This was done to a key. */
  readonly changed: (record: AuthRecord, change: SharedChange) => void;
  /** There may be other keys now. */
  readonly listed: () => void;
  /** This run of ours: others leave to it what it tries first. */
  readonly runId: string;
  /** Whether others can be asked now. */
  readonly isThere: () => boolean;
  /** Resolves once the others know what was told of this key, and we what they did; or it takes too long. */
  readonly told: (record: AuthRecord) => Promise<void>;
  /** Resolves with the next news of any key, after `maxMs` at the latest. */
  readonly nextNews: (maxMs: number) => Promise<void>;
}

/** What is known of a token that was never used. */
export const UNUSED_KEY: SharedKey = {
  health: HEALTHY,
  windows: [],
  lastSuccessMs: 0,
  refusal: undefined,
  firstTry: undefined,
};

/** When a first try takes longer, others use the key as well. */
export const FIRST_TRY_MS = 1000;

/** Whether nothing speaks for or against a key: no attempt with it has told anything. */
export function isUntested({ health, lastSuccessMs, refusal }: SharedKey): boolean {
  return lastSuccessMs === 0 && refusal === undefined && isUnburdened(health);
}

/** Who else tries it first now; `undefined` when nobody does. */
export function triedElsewhere(key: SharedKey, by: string, nowMs: number): FirstTry | undefined {
  const { firstTry } = key;
  const isElsewhere = firstTry !== undefined && firstTry.by !== by && firstTry.untilMs > nowMs;
  return isElsewhere && isUntested(key) ? firstTry : undefined;
}

/** This run of a member tries it first, unless another one does already. */
export function firstTryBegun(by: string, nowMs: number): SharedChange {
  return (key) =>
    !isUntested(key) || triedElsewhere(key, by, nowMs)
      ? key
      : { ...key, firstTry: { by, untilMs: nowMs + FIRST_TRY_MS } };
}

/** An answer has begun: the key can be used, and how the answer ends is not waited for. */
export function firstTryAnswered(): SharedChange {
  return (key) => key.firstTry === undefined ? key : { ...key, firstTry: undefined };
}

/** An attempt has ended with this verdict. */
export function judged(verdict: Verdict, policy: Policy): SharedChange {
  return (key) => {
    const judgedKey = firstTryAnswered()(withHealth(key, healthAfter(key.health, verdict, policy)));
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
