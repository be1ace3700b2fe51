/**
 * The pool: which key a request gets, and what becomes of each key. Looking (`pick`) and taking (`lease`) are
 * separate, so that a step can be decided purely. Nothing here waits, so a look and the take that follows it see the
 * same pool.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import { Affinity } from "./affinity.ts";
import { spendsCredits } from "./availability.ts";
import {
  canKeepSession,
  type ChoiceRequest,
  firstFreeMs,
  isInService,
  isWorthAMove,
  type Picked,
  type PickedRequest,
} from "./choice.ts";
import { type Credits, UNKNOWN_CREDITS, withCredits } from "./credits.ts";
import type { KeyChange, KeyReport } from "./key_report.ts";
import { healthAt, type KeyHealth } from "./key_state.ts";
import { keyCalled, type Named } from "./key_names.ts";
import { KeySharing } from "./key_sharing.ts";
import { KeyTable } from "./key_table.ts";
import type { Lease, LeaseRefusal, LeaseVerdict, PickedLease, Trial } from "./lease.ts";
import { usageReadings, type WindowReading } from "./limits.ts";
import type { Outcome } from "./outcome.ts";
import {
  isFreedBy,
  isToBeReset,
  type ModelRefusal,
  type PoolEntry,
  reportOf,
  type ResetFilter,
  withOutcome,
} from "./pool_entry.ts";
import { PendingRenewals } from "./pending_renewals.ts";
import { type AuthRecord, isExpired } from "./record.ts";
import {
  judged,
  modelRefused,
  penaltiesEnded,
  quotaFound,
  restoredHealth,
  trialBegun,
  windowsRead,
} from "./shared_key.ts";
import { chooseAmongMembers } from "./first_tries.ts";
import { areAllKeysRefused, excused, isStormOn, mayEjectAnother, refused } from "./storm.ts";
import { trialAtMs } from "./trials.ts";
import type { Usage } from "./usage.ts";
import { healthAfterRestart, UNTOUCHED_CLOCK, WallTime } from "./wall_time.ts";

/** The keys and the sessions on them. Times in epoch milliseconds; those that the upstream names are of the wall clock. */
export class KeyPool {
  /** Which key a session or an id belongs to. */
  readonly affinity = new Affinity();
  /** The keys whose token is being renewed. */
  readonly renewals: PendingRenewals;
  /** What other machines have to do with the keys. */
  readonly sharing: KeySharing;
  /** What the wall clock shows. */
  readonly wall: WallTime;
  readonly #policy: Policy;
  readonly #keys: KeyTable;
  /** How often a key has been taken; each taken key gets the next number. */
  #turns = 0;

  /** An empty pool that is told the times of this clock. `onChange` is called with each change of a key's health. */
  constructor(policy: Policy, onChange: (change: KeyChange) => void, clock = UNTOUCHED_CLOCK) {
    this.#policy = policy;
    this.#keys = new KeyTable(onChange);
    this.sharing = new KeySharing(this.#keys);
    this.wall = new WallTime(this.#keys, policy, clock);
    this.renewals = new PendingRenewals(this.#keys, (entry, refusal) => this.#applyRefusal(entry, refusal));
  }

  /** How many keys there are that are not disabled. */
  get size(): number {
    return this.#keys.list().filter(({ record }) => !record.isDisabled).length;
  }

  /** All keys, in the order of the last listing. */
  get records(): readonly AuthRecord[] {
    return this.#keys.list().map(({ record }) => record);
  }

  /**
   * Replaces the keys by those of a listing. A key with the same token keeps everything, also under a new name; with a new
   * token it is reset.
   */
  merge(records: readonly AuthRecord[], nowMs: number): void {
    for (const { from, to } of this.#keys.replaceAll(this.wall.ownRecords(records), nowMs)) {
      this.affinity.renameKey(from, to, nowMs);
    }
  }

  /** Restores a health that an earlier run saved for this very token. */
  restore(file: string, saved: KeyHealth, nowMs: number): void {
    this.#keys.change(file, restoredHealth(healthAfterRestart(saved, nowMs)));
  }

  /** The key that a request would get now, and why; `undefined` when none is available. Changes nothing. */
  pick(request: ChoiceRequest, nowMs: number): Picked<AuthRecord> | undefined {
    const kept = this.#sessionKey(request, nowMs);
    // Usually no key can be better than the session's, and then none is looked at.
    const mayMove = !kept || spendsCredits(kept, this.#policy, nowMs) ||
      this.#keys.highestPriority > kept.record.priority;
    const choice = { request, chooser: this.sharing.chooser(this.#turns === 0) };
    const next = mayMove ? chooseAmongMembers(this.renewals, choice, this.#policy, nowMs) : undefined;
    const isKept = kept && !(next && isWorthAMove(kept, next.key, this.#policy, nowMs));
    if (isKept) return { key: kept.record, picked: "session" };
    return next && { key: next.key.record, picked: next.picked };
  }

  /** The key that a name means. */
  called(name: string): Named<AuthRecord> {
    return keyCalled(name, this.records);
  }

  /** The key that served the session last, or the one before it, if this request may use it. Changes nothing. */
  previousKey(request: ChoiceRequest, nowMs: number): AuthRecord | undefined {
    const { session } = request;
    const files = session === undefined ? [] : this.affinity.servingKeysOf(session, nowMs);
    return files.map((file) => this.#usableKey(file, request, nowMs)).find((entry) => entry)?.record;
  }

  /**
   * The file of the key whose account made the first known thing of these, by the hashes of their ids. An ejected or
   * disabled key cannot serve what it made, so that its ids count as unknown. Changes nothing.
   */
  ownerOf(ids: readonly string[], nowMs: number): string | undefined {
    return ids.map((id) => this.affinity.ownerOf(id, nowMs)).find((file) => {
      const entry = this.#keys.get(file ?? "");
      return entry && !entry.record.isDisabled && healthAt(entry.health, nowMs).state.kind !== "blacklist";
    });
  }

  /**
   * Gives the key to an attempt: that was its turn, and a trial of it has begun. The session is on it until
   * `affinity.settle` says what came of the attempt.
   */
  lease(record: AuthRecord, request: PickedRequest, nowMs: number): PickedLease {
    const { session, owner, pinned, picked } = request;
    const isSticky = owner === record.file || pinned === record.file ||
      this.#sessionKey(request, nowMs)?.record.file === record.file;
    this.#keys.update(record.file, (entry) => ({
      ...entry,
      turn: isSticky ? entry.turn : ++this.#turns,
      used: entry.used + 1,
      lastUsedMs: nowMs,
    }));
    this.#keys.change(record.file, trialBegun(nowMs, this.#policy));
    if (session !== undefined) this.affinity.begin(session, record.file, nowMs);
    return { record, startedMs: nowMs, picked };
  }

  /** The trials that are due, of keys that are not proven or wait for their quota. Each counts as begun. */
  beginDueTrials(nowMs: number): readonly Trial[] {
    // That an expired token is refused would say nothing about its key.
    return this.#inService(nowMs).flatMap(({ record, health: before }) => {
      const health = healthAt(before, nowMs);
      if ((trialAtMs(health) ?? Infinity) > nowMs) return [];
      this.#keys.change(record.file, trialBegun(nowMs, this.#policy));
      return { lease: { record, startedMs: nowMs }, waitsForQuota: health.state.kind === "cooldown" };
    });
  }

  /**
   * Learns from an attempt. Returns what the attempt proves in view of the whole pool: a refusal that every key gets in
   * the same way is the upstream's fault. A verdict about a token that has been replaced changes nothing.
   */
  apply(lease: Lease, told: LeaseVerdict): Outcome {
    const { outcome, nowMs } = told;
    const verdict = { ...told, outcome: this.wall.ownOutcome(outcome) };
    const entry = this.#keys.get(lease.record.file);
    if (!entry || !entry.record.token.equals(lease.record.token)) return outcome;
    this.#keys.update(entry.record.file, (known) => withOutcome(known, outcome, nowMs));
    if (outcome.kind === "auth_rejected") {
      const refusal = { lease, verdict: { ...verdict, outcome } };
      return this.renewals.takesRefusal(entry.record, refusal) ? outcome : this.#applyRefusal(entry, refusal);
    }
    this.#judge(entry, lease, verdict);
    return outcome;
  }

  /** Keeps what the upstream said about a key's usage windows. */
  noteWindows(record: AuthRecord, readings: readonly WindowReading[]): void {
    if (readings.length === 0) return;
    this.#keys.change(record.file, windowsRead(this.wall.ownReadings(readings)));
  }

  /** Keeps what the upstream said about a key's credits; `undefined` says nothing. */
  noteCredits(record: AuthRecord, credits: Credits | undefined): void {
    if (!credits) return;
    this.#keys.update(record.file, (entry) => ({ ...entry, credits: withCredits(entry.credits, credits) }));
  }

  /**
   * Keeps a usage page. When it permits requests, within the limits or on credits, a key that waits for its quota is
   * available at once.
   */
  noteUsage(record: AuthRecord, usage: Usage, nowMs: number): void {
    this.noteWindows(record, usageReadings(usage, nowMs + this.wall.aheadMs));
    this.noteCredits(record, usage.credits);
    const entry = this.#keys.get(record.file);
    if (entry && isFreedBy(entry, usage)) {
      this.#keys.change(record.file, quotaFound(), { nowMs, why: "usage" });
    }
  }

  /** Limits keys for a model that they were refused, once another key has served it: until then it may be the request's fault. */
  confirmModelRefusals(refusals: readonly ModelRefusal[], model: string, nowMs: number): void {
    for (const { file, code } of refusals) {
      this.#keys.change(file, modelRefused({ model, cause: code }, nowMs), { nowMs, why: "verdict" });
    }
  }

  /** Ends penalties now, and forgets full usage windows. Returns the files of the keys that had either. */
  reset(filter: ResetFilter, nowMs: number): readonly string[] {
    const penalized = this.#keys.list().filter((entry) => isToBeReset(entry, filter, this.#policy, nowMs));
    for (const entry of penalized) {
      this.#keys.update(entry.record.file, (known) => ({ ...known, credits: UNKNOWN_CREDITS }));
      this.#keys.change(entry.record.file, penaltiesEnded(), { nowMs, why: "reset" });
    }
    return penalized.map(({ record }) => record.file);
  }

  /**
   * Ends penalties that have expired, and reports it. Choosing works without; logs and waiting requests need the
   * report.
   */
  expirePenalties(nowMs: number): void {
    for (const { record, health: from } of this.#keys.list()) {
      const to = healthAt(from, nowMs);
      if (to !== from) this.#keys.setHealth(record.file, to, { from, why: "time" });
    }
  }

  /** When the first key that this request may still be given is available; `undefined` when there is none. */
  nextAvailableMs(request: ChoiceRequest, nowMs: number): number | undefined {
    return firstFreeMs(this.renewals.choosable(nowMs), request, this.#policy, nowMs);
  }

  /** All keys with their health at `nowMs`, in the order of the last listing. */
  describe(nowMs: number): readonly KeyReport[] {
    return this.#keys.list().map((entry) => reportOf(entry, this.#policy, nowMs));
  }

  /** Resolves at the next change of any key: requests that wait for one look again. */
  nextChange(): Promise<void> {
    return this.#keys.nextChange();
  }

  #applyRefusal(entry: PoolEntry, { lease, verdict }: LeaseRefusal): Outcome {
    const { status, nowMs, outcome: { code } } = verdict;
    // That an expired token is refused says nothing about the upstream.
    if (isExpired(entry, nowMs)) {
      this.#judge(entry, lease, verdict);
      return verdict.outcome;
    }
    const refusal = { status, code, atMs: nowMs };
    const isAlike = ({ record }: PoolEntry) => record.upstream === entry.record.upstream;
    const isStorm = isStormOn(this.#keys.list().filter(isAlike), refusal);
    this.#keys.change(entry.record.file, refused(refusal));
    if (isStorm || areAllKeysRefused(this.#inService(nowMs).filter(isAlike), refusal)) {
      const excuse = ({ record }: PoolEntry) =>
        this.#keys.change(record.file, excused(refusal), { nowMs, why: "origin" });
      this.#keys.list().filter(isAlike).forEach(excuse);
      return { kind: "origin_failed", code: "refused_alike" };
    }
    if (status !== 403 || mayEjectAnother(this.#keys.list(), this.#policy, nowMs)) {
      this.#judge(entry, lease, verdict);
    }
    return verdict.outcome;
  }

  #judge({ record: { file } }: PoolEntry, { startedMs }: Lease, verdict: LeaseVerdict): void {
    const change = judged({ ...verdict, startedMs }, this.#policy);
    this.#keys.change(file, change, { nowMs: verdict.nowMs, why: "verdict" });
  }

  #inService(nowMs: number): readonly PoolEntry[] {
    return this.renewals.choosable(nowMs).filter((key) => isInService(key, nowMs));
  }

  #sessionKey(request: ChoiceRequest, nowMs: number): PoolEntry | undefined {
    const { session, owner, pinned } = request;
    if (session === undefined || owner !== undefined || pinned !== undefined) return undefined;
    return this.#usableKey(this.affinity.keyOf(session, nowMs), request, nowMs);
  }

  #usableKey(file: string | undefined, request: ChoiceRequest, nowMs: number): PoolEntry | undefined {
    const entry = file === undefined ? undefined : this.#keys.get(file);
    if (!entry || this.renewals.isPending(entry, nowMs)) return undefined;
    return canKeepSession(entry, request, this.#policy, nowMs) ? entry : undefined;
  }
}
