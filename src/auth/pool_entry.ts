/**
 * What the pool keeps about one key, and how callers name keys to it.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import { type Candidate, hasRoom, reservedUntilMs } from "./availability.ts";
import { standingOf } from "./choice.ts";
import { type CreditStanding, servesOnCredits, UNKNOWN_CREDITS, withQuotaRefusal } from "./credits.ts";
import type { KeyReport } from "./key_report.ts";
import { healthAt, isUnburdened } from "./key_state.ts";
import { tightestWindow } from "./limits.ts";
import { isQuotaCode, meaningOf, type Outcome } from "./outcome.ts";
import type { AuthRecord } from "./record.ts";
import { type SharedKey, UNUSED_KEY } from "./shared_key.ts";
import type { Usage } from "./usage.ts";

/** Which keys a reset is about: those that match all fields given, so an empty filter means all keys. */
export interface ResetFilter {
  /** The key's file. */
  readonly file?: string;
  /** The key's state at the time of the reset. */
  readonly state?: "blacklist" | "cooldown" | "probation";
}

/** Whether a reset with this filter ends something: a penalty, or a remembered full window. */
export function isToBeReset(entry: PoolEntry, filter: ResetFilter, policy: Policy, nowMs: number): boolean {
  const health = healthAt(entry.health, nowMs);
  if (filter.file !== undefined && filter.file !== entry.record.file) return false;
  if (filter.state !== undefined && filter.state !== health.state.kind) return false;
  return !isUnburdened(health) || !hasRoom(entry, policy, nowMs);
}

/** Whether a usage page that permits requests, within the limits or on credits, ends the key's wait for its quota. */
export function isFreedBy({ health: { state }, credits }: PoolEntry, usage: Usage): boolean {
  if (state.kind !== "cooldown" || !isQuotaCode(state.cause)) return false;
  return usage.allowed || (usage.credits !== undefined && servesOnCredits(credits));
}

/** A key that was refused a model. */
export interface ModelRefusal {
  /** The key's file. */
  readonly file: string;
  /** The upstream's name for the refusal. */
  readonly code: string;
}

/** One key in the pool. */
export interface PoolEntry extends Candidate, SharedKey {
  /** Attempts made with it since the start of the proxy. */
  readonly used: number;
  /** How many of them count as errors. */
  readonly errors: number;
  /** When an attempt with it last began, epoch milliseconds; 0 for never. */
  readonly lastUsedMs: number;
  /**
   * The moment that the upstream last named as the end of a cooldown, epoch milliseconds of the wall clock; `undefined` when it
   * named a duration or nothing.
   */
  readonly namedMs: number | undefined;
}

/** The entry of a key that is new to the pool, and that has not had its turn. */
export function newEntry(record: AuthRecord, turn = 0): PoolEntry {
  return {
    ...UNUSED_KEY,
    record,
    credits: UNKNOWN_CREDITS,
    turn,
    used: 0,
    errors: 0,
    lastUsedMs: 0,
    namedMs: undefined,
  };
}

/**
 * A known key with the present content of its file: with the same token it keeps everything, with a new one it is
 * reset.
 */
export function withRecord(known: PoolEntry, record: AuthRecord): PoolEntry {
  if (known.record.token.equals(record.token)) return { ...known, record };
  return { ...known, ...UNUSED_KEY, record, credits: UNKNOWN_CREDITS };
}

/** A key after an attempt, apart from what machines share of it. */
export function withOutcome(entry: PoolEntry, outcome: Outcome, nowMs: number): PoolEntry {
  return {
    ...entry,
    errors: entry.errors + (meaningOf(outcome).isError ? 1 : 0),
    credits: creditsAfter(entry, outcome, nowMs),
    namedMs: outcome.kind === "rate_limited" && outcome.isMoment ? outcome.untilMs : entry.namedMs,
  };
}

function creditsAfter({ credits, windows }: PoolEntry, outcome: Outcome, nowMs: number): CreditStanding {
  if (outcome.kind === "rate_limited" && outcome.scope === "key" && isQuotaCode(outcome.code)) {
    return withQuotaRefusal(credits);
  }
  const isFull = (tightestWindow(windows, nowMs)?.usedPercent ?? 0) >= 100;
  return outcome.kind === "ok" && isFull ? { ...credits, refused: undefined } : credits;
}

/** What others get to see of a key at a time. */
export function reportOf(entry: PoolEntry, policy: Policy, nowMs: number): KeyReport {
  const { record, health, windows, credits, used, errors, lastUsedMs } = entry;
  return {
    record,
    health: healthAt(health, nowMs),
    standing: standingOf(entry, nowMs),
    windows,
    credits,
    reservedUntilMs: reservedUntilMs(entry, policy, nowMs),
    used,
    errors,
    lastUsedMs,
  };
}
