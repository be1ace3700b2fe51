// The pool: which keys there are, whose turn it is, and what became of each. Looking (`candidate`) and taking
// (`lease`) are apart so that a step can be decided purely; nothing here waits, so a look and the take that
// follows it see the same pool.

import { Affinity } from "./affinity.ts";
import {
  afterTrialBegan,
  freeAtMs,
  healthAfter,
  HEALTHY,
  isStable,
  type KeyHealth,
  type Policy,
  settled,
  type Verdict,
} from "./key_state.ts";
import type { AuthRecord } from "./record.ts";

/** A key given to one attempt. Verdicts come back with it, so that one about a former token changes nothing. */
export interface Lease {
  readonly record: AuthRecord;
  readonly startedMs: number;
}

/** One key with its health at the time of asking. */
export interface KeyReport {
  readonly record: AuthRecord;
  readonly health: KeyHealth;
  /** Attempts made with it since the start of the proxy. */
  readonly used: number;
  /** Those of them that the upstream rejected or failed. */
  readonly errors: number;
  /** Epoch milliseconds; 0 for never. */
  readonly lastUsedMs: number;
}

/** A key went from one state to another, by a verdict, by a reset, or because its time was over. */
export interface KeyChange {
  readonly record: AuthRecord;
  readonly from: KeyHealth;
  readonly to: KeyHealth;
  readonly why: "verdict" | "time" | "reset" | "new_token";
}

export interface ChoiceWish {
  /** The client's session; absent for requests without one. */
  readonly session?: string;
  /** Files of the keys that this request has already tried. */
  readonly tried: ReadonlySet<string>;
}

/** Which keys a reset is about; an empty filter is about all. */
export interface ResetFilter {
  readonly file?: string;
  readonly state?: "blacklist" | "cooldown" | "probation";
}

interface Entry {
  readonly record: AuthRecord;
  readonly health: KeyHealth;
  /** When its turn last came, counted over all keys; 0 for never. The lowest is next. */
  readonly turn: number;
  readonly used: number;
  readonly errors: number;
  readonly lastUsedMs: number;
}

export class KeyPool {
  readonly #policy: Policy;
  readonly #onChange: (change: KeyChange) => void;
  readonly #affinity = new Affinity();
  #entries = new Map<string, Entry>();
  /** Keys whose file is gone: an editor may put it back, and a penalty must not be lost by that. */
  readonly #departed = new Map<string, Entry>();
  #turns = 0;
  #change = Promise.withResolvers<void>();

  constructor(policy: Policy, onChange: (change: KeyChange) => void) {
    this.#policy = policy;
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Takes over a new listing. A key with the same token keeps everything; one with another token starts afresh. */
  merge(records: readonly AuthRecord[], nowMs: number): void {
    const next = new Map<string, Entry>();
    for (const record of records) {
      const known = this.#entries.get(record.file) ?? this.#departed.get(record.file) ?? newcomer(record);
      const isSameToken = known.record.token.equals(record.token);
      next.set(record.file, { ...known, record, health: isSameToken ? known.health : HEALTHY });
      this.#departed.delete(record.file);
      if (!isSameToken) this.#tell(record, settled(known.health, nowMs), HEALTHY, "new_token");
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
  candidate(wish: ChoiceWish, nowMs: number): AuthRecord | undefined {
    return this.#stickyCandidate(wish, nowMs)?.record ?? this.#nextInTurn(wish.tried, nowMs)?.record;
  }

  /** Gives the key to an attempt: its turn is over, a trial is begun, the session is on it. */
  lease(record: AuthRecord, wish: ChoiceWish, nowMs: number): Lease {
    const isSticky = this.#stickyCandidate(wish, nowMs)?.record.file === record.file;
    this.#update(record.file, (entry) => ({
      ...entry,
      turn: isSticky ? entry.turn : ++this.#turns,
      used: entry.used + 1,
      lastUsedMs: nowMs,
      health: afterTrialBegan(settled(entry.health, nowMs), nowMs, this.#policy),
    }));
    if (wish.session !== undefined) this.#affinity.bind(wish.session, record.file, nowMs);
    return { record, startedMs: nowMs };
  }

  /** Keys whose trial is due: back from a penalty and not yet proven. Beginning one reserves it. */
  beginDueTrials(nowMs: number): readonly Lease[] {
    const due = [...this.#entries.values()].filter((entry) =>
      isTrialDue(settled(entry.health, nowMs), nowMs)
    );
    return due.map(({ record }) => {
      this.#update(record.file, (entry) => ({
        ...entry,
        health: afterTrialBegan(settled(entry.health, nowMs), nowMs, this.#policy),
      }));
      return { record, startedMs: nowMs };
    });
  }

  /** Learns from an attempt. */
  apply(lease: Lease, verdict: Omit<Verdict, "startedMs">): void {
    const entry = this.#entries.get(lease.record.file);
    if (!entry || !entry.record.token.equals(lease.record.token)) return;
    const health = healthAfter(entry.health, { ...verdict, startedMs: lease.startedMs }, this.#policy);
    const errors = entry.errors + (isError(verdict) ? 1 : 0);
    this.#update(entry.record.file, () => ({ ...entry, health, errors }));
    this.#tell(entry.record, settled(entry.health, verdict.nowMs), health, "verdict");
  }

  /** Ends penalties now. Returns how many keys had one. */
  reset(filter: ResetFilter, nowMs: number): number {
    let count = 0;
    for (const { record, health } of this.#entries.values()) {
      const before = settled(health, nowMs);
      if (filter.file !== undefined && filter.file !== record.file) continue;
      if (filter.state !== undefined && filter.state !== before.state.kind) continue;
      if (before.state.kind === "ok" && before.strikes === 0) continue;
      this.#update(record.file, (entry) => ({ ...entry, health: HEALTHY }));
      this.#tell(record, before, HEALTHY, "reset");
      count++;
    }
    return count;
  }

  /** Ends what is over by now and tells of it. Choosing does not need it; logs and waiting people do. */
  settle(nowMs: number): void {
    for (const { record, health } of this.#entries.values()) {
      const now = settled(health, nowMs);
      if (now === health) continue;
      this.#update(record.file, (entry) => ({ ...entry, health: now }));
      this.#tell(record, health, now, "time");
    }
  }

  /** When the first of the keys not yet tried is free, epoch milliseconds; `undefined` when all were tried. */
  nextFreeMs(tried: ReadonlySet<string>, nowMs: number): number | undefined {
    const times = this.#untried(tried).map(({ health }) => freeAtMs(settled(health, nowMs)));
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  describe(nowMs: number): readonly KeyReport[] {
    return [...this.#entries.values()].map(({ record, health, used, errors, lastUsedMs }) => ({
      record,
      health: settled(health, nowMs),
      used,
      errors,
      lastUsedMs,
    }));
  }

  /** Resolves at the next change of any key: those who wait for a free one look again. */
  nextChange(): Promise<void> {
    return this.#change.promise;
  }

  #stickyCandidate({ session, tried }: ChoiceWish, nowMs: number): Entry | undefined {
    if (session === undefined) return undefined;
    const file = this.#affinity.keyOf(session, nowMs);
    if (file === undefined || tried.has(file)) return undefined;
    const entry = this.#entries.get(file);
    return entry && settled(entry.health, nowMs).state.kind === "ok" ? entry : undefined;
  }

  #nextInTurn(tried: ReadonlySet<string>, nowMs: number): Entry | undefined {
    const untried = this.#untried(tried);
    const stable = untried.filter(({ health }) => isStable(settled(health, nowMs)));
    if (stable.length > 0) return lowestTurn(stable);
    return lowestTurn(untried.filter(({ health }) => freeAtMs(settled(health, nowMs)) <= nowMs));
  }

  #untried(tried: ReadonlySet<string>): Entry[] {
    return [...this.#entries.values()].filter(({ record }) => !tried.has(record.file));
  }

  #update(file: string, change: (entry: Entry) => Entry): void {
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

function newcomer(record: AuthRecord): Entry {
  return { record, health: HEALTHY, turn: 0, used: 0, errors: 0, lastUsedMs: 0 };
}

function isTrialDue(health: KeyHealth, nowMs: number): boolean {
  return !isStable(health) && freeAtMs(health) <= nowMs && health.nextTrialMs <= nowMs;
}

function lowestTurn(entries: readonly Entry[]): Entry | undefined {
  let lowest = entries[0];
  for (const entry of entries) if (lowest && entry.turn < lowest.turn) lowest = entry;
  return lowest;
}

function isError({ outcome }: Omit<Verdict, "startedMs">): boolean {
  return outcome.kind === "rate_limited" || outcome.kind === "auth_rejected" ||
    outcome.kind === "origin_failed";
}
