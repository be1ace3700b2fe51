/**
 * The pool: which keys there are, whose turn it is, and what became of each. Looking (`candidate`) and taking
 * (`lease`) are apart so that a step can be decided purely; nothing here waits, so a look and the take that
 * follows it see the same pool.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import { SessionAffinity } from "./affinity.ts";
import { canKeepSession, type ChoiceRequest, chooseKey, earliestAtMs, hasRoom } from "./choice.ts";
import {
  healthAfter,
  healthAt,
  HEALTHY,
  isUnburdened,
  type KeyHealth,
  type Verdict,
  withModelRefusal,
} from "./key_state.ts";
import { mergeReadings, usageReadings, type WindowReading } from "./limits.ts";
import { isQuotaCode, meaningOf, type Outcome } from "./outcome.ts";
import type { AuthRecord } from "./record.ts";
import type { KeyChange, KeyReport } from "./key_report.ts";
import type { Lease, Trial } from "./lease.ts";
import { type ModelRefusal, newEntry, type PoolEntry, type ResetFilter, withRecord } from "./pool_entry.ts";
import { RefusalLedger } from "./storm.ts";
import { trialAtMs, withTrialReserved } from "./trials.ts";
import type { Usage } from "./usage.ts";

export class KeyPool {
  readonly #policy: Policy;
  readonly #onChange: (change: KeyChange) => void;
  readonly #affinity = new SessionAffinity();
  #entries = new Map<string, PoolEntry>();
  /** Keys whose file is gone: an editor may put it back, and a penalty must not be lost by that. */
  readonly #departed = new Map<string, PoolEntry>();
  readonly #refusals = new RefusalLedger();
  #turns = 0;
  #change = Promise.withResolvers<void>();

  constructor(policy: Policy, onChange: (change: KeyChange) => void) {
    this.#policy = policy;
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#entries.size;
  }

  get records(): readonly AuthRecord[] {
    return this.#keys().map(({ record }) => record);
  }

  /** Takes over a new listing. A key with the same token keeps everything; one with another token starts afresh. */
  merge(records: readonly AuthRecord[], nowMs: number): void {
    const next = new Map<string, PoolEntry>();
    for (const record of records) {
      const known = this.#entries.get(record.file) ?? this.#departed.get(record.file);
      const entry = known ? withRecord(known, record) : newEntry(record);
      next.set(record.file, entry);
      this.#departed.delete(record.file);
      if (known && entry.health !== known.health) {
        this.#tell(record, healthAt(known.health, nowMs), HEALTHY, "new_token");
      }
    }
    for (const [file, entry] of this.#entries) if (!next.has(file)) this.#departed.set(file, entry);
    this.#entries = next;
    this.#wake();
  }

  /** Puts back a health that was saved by an earlier run for this very token. */
  restore(file: string, health: KeyHealth): void {
    this.#update(file, (entry) => ({ ...entry, health }));
  }

  /** The key that a request would get now, or `undefined` when none is free. Changes nothing. */
  candidate(request: ChoiceRequest, nowMs: number): AuthRecord | undefined {
    const key = this.#sessionsKey(request, nowMs) ?? chooseKey(this.#keys(), request, this.#policy, nowMs);
    return key?.record;
  }

  /** The key that the session was on before its present one, if this request may use it. Changes nothing. */
  previousKey(request: ChoiceRequest, nowMs: number): AuthRecord | undefined {
    const file = request.session === undefined
      ? undefined
      : this.#affinity.previousKeyOf(request.session, nowMs);
    return this.#usable(file, request, nowMs)?.record;
  }

  /** Gives the key to an attempt: its turn is over, a trial is begun, the session is on it. */
  lease(record: AuthRecord, request: ChoiceRequest, nowMs: number): Lease {
    const isSticky = this.#sessionsKey(request, nowMs)?.record.file === record.file;
    this.#update(record.file, (entry) => ({
      ...entry,
      turn: isSticky ? entry.turn : ++this.#turns,
      used: entry.used + 1,
      lastUsedMs: nowMs,
      health: withTrialReserved(healthAt(entry.health, nowMs), nowMs, this.#policy),
    }));
    if (request.session !== undefined) this.#affinity.bind(request.session, record.file, nowMs);
    return { record, startedMs: nowMs };
  }

  /** The trials that are due: of keys not yet proven, or waiting for their quota. Beginning one reserves it. */
  beginDueTrials(nowMs: number): readonly Trial[] {
    return this.#keys().flatMap(({ record, health: before }) => {
      const health = healthAt(before, nowMs);
      if ((trialAtMs(health) ?? Infinity) > nowMs) return [];
      this.#update(
        record.file,
        (entry) => ({ ...entry, health: withTrialReserved(health, nowMs, this.#policy) }),
      );
      return { lease: { record, startedMs: nowMs }, waitsForQuota: health.state.kind === "cooldown" };
    });
  }

  /**
   * Learns from an attempt. Returns what it comes to in the light of the whole pool: a refusal that every key met
   * alike is the upstream's fault.
   */
  apply(lease: Lease, verdict: Omit<Verdict, "startedMs">): Outcome {
    const entry = this.#entries.get(lease.record.file);
    if (!entry || !entry.record.token.equals(lease.record.token)) return verdict.outcome;
    const isSuccess = verdict.outcome.kind === "ok";
    this.#update(entry.record.file, () => ({
      ...entry,
      errors: entry.errors + (meaningOf(verdict.outcome).isError ? 1 : 0),
      lastSuccessMs: isSuccess ? verdict.nowMs : entry.lastSuccessMs,
    }));
    if (isSuccess) this.#refusals.forget(entry.record.file);
    if (verdict.outcome.kind === "auth_rejected") {
      return this.#applyRefusal(entry, lease, verdict, verdict.outcome);
    }
    this.#judge(entry, lease, verdict);
    return verdict.outcome;
  }

  /** Takes over what the upstream said about a key's usage windows. */
  noteWindows(record: AuthRecord, readings: readonly WindowReading[]): void {
    if (readings.length === 0) return;
    this.#update(record.file, (entry) => ({ ...entry, windows: mergeReadings(entry.windows, readings) }));
  }

  /** Takes over a usage page. When it says that there is room, a key that waits for its quota is free at once. */
  noteUsage(record: AuthRecord, usage: Usage, nowMs: number): void {
    this.noteWindows(record, usageReadings(usage, nowMs));
    const entry = this.#entries.get(record.file);
    const state = entry?.health.state;
    if (!entry || !usage.allowed || state?.kind !== "cooldown" || !isQuotaCode(state.cause)) return;
    this.#setHealth(entry, HEALTHY, nowMs, "usage");
  }

  /** Takes a model from the keys that it was refused to. Called when another key has served it: until then nobody is to blame. */
  confirmModelRefusals(refusals: readonly ModelRefusal[], model: string, nowMs: number): void {
    for (const { file, code: cause } of refusals) {
      const entry = this.#entries.get(file);
      if (entry) {
        this.#setHealth(entry, withModelRefusal(entry.health, { model, cause }, nowMs), nowMs, "verdict");
      }
    }
  }

  /** Ends penalties now, remembered full windows included. Returns the files of the keys that had one. */
  reset(filter: ResetFilter, nowMs: number): readonly string[] {
    const penalized = this.#keys().filter((entry) => {
      const health = healthAt(entry.health, nowMs);
      if (filter.file !== undefined && filter.file !== entry.record.file) return false;
      if (filter.state !== undefined && filter.state !== health.state.kind) return false;
      return !isUnburdened(health) || !hasRoom(entry, this.#policy, nowMs);
    });
    for (const entry of penalized) {
      this.#update(entry.record.file, (known) => ({ ...known, windows: [] }));
      this.#setHealth(entry, HEALTHY, nowMs, "reset");
    }
    return penalized.map(({ record }) => record.file);
  }

  /** Ends the penalties that have expired and reports each change. Choosing works without it; logs and waiting requests need it. */
  expirePenalties(nowMs: number): void {
    for (const { record, health } of this.#entries.values()) {
      const now = healthAt(health, nowMs);
      if (now === health) continue;
      this.#update(record.file, (entry) => ({ ...entry, health: now }));
      this.#tell(record, health, now, "time");
    }
  }

  /** When the first of the keys not yet tried is free, epoch milliseconds; `undefined` when all were tried. */
  nextAvailableMs(request: ChoiceRequest, nowMs: number): number | undefined {
    const untried = this.#keys().filter(({ record }) => !request.tried.has(record.file));
    const times = untried.map((entry) => earliestAtMs(entry, request.model, this.#policy, nowMs));
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  describe(nowMs: number): readonly KeyReport[] {
    return this.#keys().map(({ record, health, windows, used, errors, lastUsedMs }) => ({
      record,
      health: healthAt(health, nowMs),
      windows,
      used,
      errors,
      lastUsedMs,
    }));
  }

  /** Resolves at the next change of any key: those who wait for a free one look again. */
  nextChange(): Promise<void> {
    return this.#change.promise;
  }

  #applyRefusal(
    entry: PoolEntry,
    lease: Lease,
    verdict: Omit<Verdict, "startedMs">,
    { code }: Outcome & { kind: "auth_rejected" },
  ): Outcome {
    const { status, nowMs } = verdict;
    const refusal = { file: entry.record.file, status, code, atMs: nowMs, before: entry.health };
    const pasts = this.#keys().map(({ record, lastSuccessMs }) => ({ file: record.file, lastSuccessMs }));
    if (this.#refusals.isUpstreamFault(refusal, pasts)) {
      this.#takeBackRefusals(nowMs);
      return { kind: "origin_failed", code: "refused_alike" };
    }
    if (status !== 403 || this.#mayEjectAnother(nowMs)) this.#judge(entry, lease, verdict);
    return verdict.outcome;
  }

  #takeBackRefusals(nowMs: number): void {
    for (const { file, before } of this.#refusals.takeRefusals()) {
      const entry = this.#entries.get(file);
      if (entry) this.#setHealth(entry, before, nowMs, "origin");
    }
  }

  // A 403 may be about more than the key. However it is meant, it must not empty the pool.
  #mayEjectAnother(nowMs: number): boolean {
    const ejected = this.#keys().filter(({ health }) => healthAt(health, nowMs).state.kind === "blacklist");
    return ejected.length < Math.max(1, Math.floor(this.size * this.#policy.maxEjectedPercent / 100));
  }

  #judge(entry: PoolEntry, lease: Lease, verdict: Omit<Verdict, "startedMs">): void {
    const health = healthAfter(entry.health, { ...verdict, startedMs: lease.startedMs }, this.#policy);
    this.#setHealth(entry, health, verdict.nowMs, "verdict");
  }

  #setHealth(
    { record, health: before }: PoolEntry,
    health: KeyHealth,
    nowMs: number,
    why: KeyChange["why"],
  ): void {
    this.#update(record.file, (entry) => ({ ...entry, health }));
    this.#tell(record, healthAt(before, nowMs), health, why);
  }

  #keys(): PoolEntry[] {
    return [...this.#entries.values()];
  }

  #sessionsKey(request: ChoiceRequest, nowMs: number): PoolEntry | undefined {
    const file = request.session === undefined ? undefined : this.#affinity.keyOf(request.session, nowMs);
    return this.#usable(file, request, nowMs);
  }

  #usable(file: string | undefined, request: ChoiceRequest, nowMs: number): PoolEntry | undefined {
    const entry = file === undefined ? undefined : this.#entries.get(file);
    return entry && canKeepSession(entry, request, this.#policy, nowMs) ? entry : undefined;
  }

  #update(file: string, change: (entry: PoolEntry) => PoolEntry): void {
    const entry = this.#entries.get(file);
    if (entry) this.#entries.set(file, change(entry));
  }

  #tell(record: AuthRecord, from: KeyHealth, to: KeyHealth, why: KeyChange["why"]): void {
    if (from === to) return;
    this.#onChange({ record, from, to, why });
    this.#wake();
  }

  #wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
