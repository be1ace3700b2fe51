/**
 * The same state of a key by another clock. The pool measures with a clock that never goes back; files, pages and people read
 * the wall clock, which somebody may set.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import type { Clock } from "../system/clock.ts";
import type { KeyReport } from "./key_report.ts";
import { HEALTHY, type KeyHealth, type KeyState } from "./key_state.ts";
import type { KeyTable } from "./key_table.ts";
import type { WindowReading } from "./limits.ts";
import type { Outcome } from "./outcome.ts";
import { type PoolEntry, reportOf } from "./pool_entry.ts";
import type { AuthRecord } from "./record.ts";
import type { SharedKey } from "./shared_key.ts";

/** The health with all its times later by `byMs`. The same object when that is 0. */
export function healthLater(health: KeyHealth, byMs: number): KeyHealth {
  if (byMs === 0) return health;
  const { state, lastStrikeMs, nextTrialMs, modelLimits, evidence } = health;
  return {
    ...health,
    state: stateLater(state, byMs),
    lastStrikeMs: laterUnlessNever(lastStrikeMs, byMs),
    nextTrialMs: laterUnlessNever(nextTrialMs, byMs),
    modelLimits: modelLimits.map((limit) => ({ ...limit, untilMs: limit.untilMs + byMs })),
    evidence: evidence && { ...evidence, atMs: evidence.atMs + byMs },
  };
}

/** What machines share of a key, with all its times later by `byMs`. The health stays the very object that stands for one without a penalty. */
export function sharedLater<Key extends SharedKey>(key: Key, byMs: number): Key {
  const { health, windows, lastSuccessMs, refusal, firstTry } = key;
  if (byMs === 0) return key;
  return {
    ...key,
    health: health === HEALTHY ? HEALTHY : healthLater(health, byMs),
    windows: readingsLater(windows, byMs),
    lastSuccessMs: laterUnlessNever(lastSuccessMs, byMs),
    refusal: refusal && { ...refusal, atMs: refusal.atMs + byMs, before: healthLater(refusal.before, byMs) },
    firstTry: firstTry && { ...firstTry, untilMs: firstTry.untilMs + byMs },
  };
}

function stateLater(state: KeyState, byMs: number): KeyState {
  return "untilMs" in state ? { ...state, untilMs: state.untilMs + byMs } : state;
}

function laterUnlessNever(ms: number, byMs: number): number {
  return ms === 0 ? 0 : ms + byMs;
}

function readingsLater(
  readings: readonly WindowReading[],
  byMs: number,
): readonly WindowReading[] {
  if (byMs === 0) return readings;
  return readings.map((reading) => ({
    ...reading,
    atMs: reading.atMs + byMs,
    resetAtMs: reading.resetAtMs === undefined ? undefined : reading.resetAtMs + byMs,
  }));
}

function recordLater(record: AuthRecord, byMs: number): AuthRecord {
  if (byMs === 0 || record.expiresAtMs === undefined) return record;
  return { ...record, expiresAtMs: record.expiresAtMs + byMs };
}

function reportLater(report: KeyReport, byMs: number): KeyReport {
  if (byMs === 0) return report;
  return {
    ...report,
    record: recordLater(report.record, byMs),
    health: healthLater(report.health, byMs),
    windows: readingsLater(report.windows, byMs),
    reservedUntilMs: laterUnlessNever(report.reservedUntilMs, byMs),
    lastUsedMs: laterUnlessNever(report.lastUsedMs, byMs),
  };
}

/**
 * A key once the wall clock has been set, so that it is `setMs` further ahead than it was, `beforeMs`. Moments that the upstream
 * or the issuer named come as much sooner; our own durations stay as they are.
 */
function withClockSet(
  entry: PoolEntry,
  { beforeMs, setMs }: { readonly beforeMs: number; readonly setMs: number },
): PoolEntry {
  const { record, health, namedMs } = entry;
  const { state } = health;
  const isNamed = state.kind === "cooldown" && state.untilMs + beforeMs === namedMs;
  return {
    ...entry,
    record: recordLater(record, -setMs),
    windows: entry.windows.map((window) => ({
      ...window,
      resetAtMs: window.resetAtMs === undefined ? undefined : window.resetAtMs - setMs,
    })),
    health: isNamed ? { ...health, state: { ...state, untilMs: state.untilMs - setMs } } : health,
  };
}

/** A wall clock that nobody sets. */
export const UNTOUCHED_CLOCK: Pick<Clock, "wallAheadMs"> = { wallAheadMs: 0 };

/** What the wall clock shows of the keys in a table that measures with another clock. */
export class WallTime {
  readonly #keys: KeyTable;
  readonly #policy: Policy;
  readonly #clock: Pick<Clock, "wallAheadMs">;

  /** The keys measure with this clock. */
  constructor(keys: KeyTable, policy: Policy, clock: Pick<Clock, "wallAheadMs">) {
    this.#keys = keys;
    this.#policy = policy;
    this.#clock = clock;
  }

  /** How far the wall clock is ahead; negative when it shows less. */
  get aheadMs(): number {
    return this.#clock.wallAheadMs;
  }

  /** Somebody has set the wall clock by this time, as it shows already. Only moments that others named move with it. */
  move(setMs: number): void {
    const beforeMs = this.aheadMs - setMs;
    this.#keys.updateAll((entry) => withClockSet(entry, { beforeMs, setMs }));
  }

  /** All keys with the times that the wall clock shows: for people and files. `nowMs` is of the other clock. */
  describe(nowMs: number): readonly KeyReport[] {
    return this.#keys.list().map((entry) => reportLater(reportOf(entry, this.#policy, nowMs), this.aheadMs));
  }

  /** Keys as their files describe them, the ends of their tokens by the clock of the keys. */
  ownRecords(records: readonly AuthRecord[]): readonly AuthRecord[] {
    return records.map((record) => recordLater(record, -this.aheadMs));
  }

  /** An outcome with a time that the upstream named, by the clock of the keys. */
  ownOutcome(outcome: Outcome): Outcome {
    if (outcome.kind !== "rate_limited" || outcome.untilMs === undefined) return outcome;
    return { ...outcome, untilMs: outcome.untilMs - this.aheadMs };
  }

  /** Readings with times that the upstream named, by the clock of the keys. */
  ownReadings(readings: readonly WindowReading[]): readonly WindowReading[] {
    return readingsLater(readings, -this.aheadMs);
  }
}

/**
 * The health that an earlier run saved. A last strike in the future is of a wall clock that has been set back since: all
 * times are then as much earlier, so that what was left of a penalty is what is left.
 */
export function healthAfterRestart(saved: KeyHealth, nowMs: number): KeyHealth {
  return healthLater(saved, Math.min(0, nowMs - saved.lastStrikeMs));
}
