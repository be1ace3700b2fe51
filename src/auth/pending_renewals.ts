/**
 * Keys that get no requests for a moment because their token is being renewed: those whose token was refused, with the
 * verdict that counts when the renewal fails, and those whose token has expired and that are queued.
 * @module
 */

import type { Secret } from "../values/secret.ts";
import { type ChoiceRequest, type LineUp, untriedKeys } from "./choice.ts";
import type { KeyTable } from "./key_table.ts";
import type { LeaseRefusal } from "./lease.ts";
import type { PoolEntry } from "./pool_entry.ts";
import { type AuthRecord, isExpired } from "./record.ts";

// Longer than a renewal takes; after that the key is asked again, whatever became of it.
const MAX_WAIT_MS = 75_000;

/** The renewals that a pool waits for. Times in epoch milliseconds. */
export class PendingRenewals {
  readonly #keys: KeyTable;
  readonly #onFailed: (entry: PoolEntry, refusal: LeaseRefusal) => void;
  readonly #refusals = new Map<string, LeaseRefusal>();
  /** Tokens whose refusals count at once, by the key's file. */
  readonly #hopeless = new Map<string, Secret>();
  #queued: ReadonlySet<string> | "all" = new Set();
  /** Keys that requests wait for, as far as that was told. */
  #hastened: ReadonlySet<string> = new Set();
  #ask: ((record: AuthRecord) => void) | undefined;
  #hasten: (file: string) => void = () => {};

  /** `onFailed` is called with a refusal that counts, because there is no new token. */
  constructor(keys: KeyTable, onFailed: (entry: PoolEntry, refusal: LeaseRefusal) => void) {
    this.#keys = keys;
    this.#onFailed = onFailed;
  }

  /**
   * From now on a key whose token is refused is not ejected before its token could be renewed: `ask` is called with it, and
   * {@link end} is expected. Until the first {@link queue}, every expired key waits for its renewal. `hasten` is called
   * with each key whose renewal a request waits for, once.
   */
  askWith(ask: (record: AuthRecord) => void, hasten: (file: string) => void): void {
    this.#ask = ask;
    this.#hasten = hasten;
    this.#queued = "all";
  }

  /** These keys will be renewed soon: expired ones among them get no requests before. */
  queue(files: readonly string[]): void {
    this.#queued = new Set(files);
    this.#keys.wake();
  }

  /** A renewal has ended. Without a new token, the refusal that it began with counts now. */
  end(file: string, isRenewed: boolean): void {
    const refusal = this.#refusals.get(file);
    this.#refusals.delete(file);
    this.#hastened = without(this.#hastened, file);
    if (this.#queued !== "all") this.#queued = without(this.#queued, file);
    if (refusal && !isRenewed) this.#hopeless.set(file, refusal.lease.record.token);
    const entry = this.#keys.get(file);
    if (entry && refusal?.lease.record.token.equals(entry.record.token)) this.#onFailed(entry, refusal);
    this.#keys.wake();
  }

  /**
   * Whether a refused token is renewed before its refusal counts. Only a 401 is about the token. Of many attempts that are
   * refused at once, the first asks for the renewal. It is asked for, but the refusal counts at once, where a new token is
   * not likely: for a key without a refresh token, which can only get one from Codex, and for an expired token, whose
   * renewal has failed or it would not have been sent.
   */
  takesRefusal(record: AuthRecord, refusal: LeaseRefusal): boolean {
    const { status, nowMs } = refusal.verdict;
    if (!this.#ask || status !== 401) return false;
    if (this.#hopeless.get(record.file)?.equals(record.token)) return false;
    if (this.#hasRefusal(record, nowMs)) return true;
    const isWaitedFor = record.hasRefreshToken && !isExpired({ record }, nowMs);
    if (isWaitedFor) this.#refusals.set(record.file, refusal);
    else this.#hopeless.set(record.file, record.token);
    this.#ask(record);
    return isWaitedFor;
  }

  /** The keys that wait for no new token. */
  choosable(nowMs: number): readonly PoolEntry[] {
    const keys = this.#keys.list();
    return this.#isEmpty ? keys : keys.filter((entry) => !this.isPending(entry, nowMs));
  }

  /** The same, for a choice that need not look at all of them. */
  lineUp(nowMs: number): LineUp<PoolEntry> {
    const { highestPriority } = this.#keys;
    return { inLine: this.#inLine(nowMs), all: () => this.choosable(nowMs), highestPriority };
  }

  *#inLine(nowMs: number): Generator<PoolEntry, void> {
    for (const entry of this.#keys.inLine()) if (!this.isPending(entry, nowMs)) yield entry;
  }

  /** Whether the key waits for a new token. */
  isPending(entry: Pick<PoolEntry, "record">, nowMs: number): boolean {
    if (this.#isEmpty) return false;
    const isQueued = this.#queued === "all" || this.#queued.has(entry.record.file);
    return (isQueued && isExpired(entry, nowMs)) || this.#hasRefusal(entry.record, nowMs);
  }

  /** The files of the keys that this request may be given and that wait for a new token. */
  renewing(request: ChoiceRequest, nowMs: number): readonly string[] {
    if (this.#isEmpty) return [];
    return untriedKeys(this.#keys.list(), request).filter((entry) => this.isPending(entry, nowMs))
      .map(({ record: { file } }) => file);
  }

  /** A request waits for these renewals, so that they are to come before those that nobody waits for. */
  hasten(files: readonly string[]): void {
    const fresh = files.filter((file) => !this.#hastened.has(file));
    if (fresh.length === 0) return;
    this.#hastened = new Set([...this.#hastened, ...fresh]);
    fresh.forEach(this.#hasten);
  }

  /** Whether a key has got another token than this record's, or waits for one: then a refusal of that says nothing. */
  hasNewToken({ file, token }: AuthRecord, nowMs: number): boolean {
    const entry = this.#keys.get(file);
    return entry !== undefined && (!entry.record.token.equals(token) || this.isPending(entry, nowMs));
  }

  get #isEmpty(): boolean {
    return this.#refusals.size === 0 && this.#queued !== "all" && this.#queued.size === 0;
  }

  #hasRefusal({ file, token }: AuthRecord, nowMs: number): boolean {
    const refusal = this.#refusals.get(file);
    return refusal !== undefined && refusal.lease.record.token.equals(token) &&
      nowMs < refusal.verdict.nowMs + MAX_WAIT_MS;
  }
}

function without(files: ReadonlySet<string>, file: string): ReadonlySet<string> {
  return new Set([...files].filter((other) => other !== file));
}
