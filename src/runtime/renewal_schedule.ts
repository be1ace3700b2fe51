/**
 * Renews keys in time: looks every half minute which are due, and starts a short-lived process for one after the other.
 * Looks are short and by the wall clock, because a laptop sleeps. The worker, which faces the network, can only ask: it
 * gets no permission for this.
 * @module
 */

import type { Renewal } from "../api/renewals.ts";
import { rememberCodex } from "../credentials/renew.ts";
import { type LoginHeld, loginsHeld } from "../credentials/logins_held.ts";
import type { RenewalFacts, RenewalKey } from "../credentials/renewable.ts";
import { endMs } from "../credentials/renewal_due.ts";
import type { RenewalMarks } from "../credentials/renewal_marks.ts";
import { lifeOf, planRenewal, type RenewalCause, type RenewalPlan } from "../credentials/renewal_plan.ts";
import { gapMs, nextInQueue, type QueuedKey } from "../credentials/renewal_queue.ts";
import { type Cancel, type Clock, withDeadline } from "../system/clock.ts";
import { sharedReading } from "../values/shared_reading.ts";

/** What the worker is told about renewals. */
export type RenewalNews =
  /** The keys whose renewal has begun or will soon. */
  | { readonly kind: "renewals_queued"; readonly files: readonly string[] }
  /** A renewal has ended; `renewal` is `undefined` when there was none, because the key cannot be renewed. */
  | { readonly kind: "renewal_ended"; readonly file: string; readonly renewal: Renewal | undefined }
  /** The logins in the files, where there is a shared pool. */
  | { readonly kind: "logins_held"; readonly logins: readonly LoginHeld[] };

/** What a {@link RenewalSchedule} works with. */
export interface RenewalScheduleOptions {
  /** Times the looks. */
  readonly clock: Clock;
  /** A number from 0 up to 1, for jitter. */
  readonly randomShare: () => number;
  /** Reads what renewals depend on, from all files or from some of them and what is known of the others. */
  readonly facts: (look: "all" | "some") => Promise<RenewalFacts>;
  /** Whether the worker is to know which logins there are. */
  readonly tellsLogins: boolean;
  /** Remembers which logins are Codex's. */
  readonly marks: RenewalMarks;
  /** Renews a key in a process of its own; `undefined` when that process ended without an answer. */
  readonly renew: (file: string, cause: RenewalCause) => Promise<Renewal | undefined>;
}

/** The worker that serves, as far as renewals are about it. */
export interface RenewalWorker {
  /** Tells it. */
  readonly tell: (news: RenewalNews) => void;
  /** Has what it asks for answered by these functions. */
  readonly onRenewalAsked: (asks: RenewalAsks) => void;
}

/** What a worker asks for. */
export interface RenewalAsks {
  /** The upstream has refused the access token with this hash. */
  readonly refused: (file: string, accessHash: string) => void;
  /** A request waits for the renewal of this key. */
  readonly awaited: (file: string) => void;
}

const LOOK_INTERVAL_MS = 30_000;
const MIN_LOOK_INTERVAL_MS = 1000;
// What did not succeed, and cannot even be noted, is tried again after this.
const RETRY_MS = 60_000;
const CLOSE_TIMEOUT_MS = 10_000;

interface Wanted extends Omit<QueuedKey, "isAwaited"> {
  readonly cause: RenewalCause;
}

/** Renews the keys of one auth dir until it is closed. */
export class RenewalSchedule {
  readonly #options: RenewalScheduleOptions;
  /** Reads the whole folder: of thousands of keys that are refused in a row, not once for each. */
  readonly #facts: () => Promise<RenewalFacts>;
  readonly #queue = new Map<string, Wanted>();
  /** The files that requests wait for, also before the first look has found out that the key is due. */
  readonly #awaited = new Set<string>();
  readonly #notBeforeMs = new Map<string, number>();
  #running: Promise<void> | undefined;
  #current: string | undefined;
  #cancelLook: Cancel = () => {};
  #isClosed = false;
  #worker: RenewalWorker | undefined;

  /** Does nothing before a worker is {@link serve}d. */
  constructor(options: RenewalScheduleOptions) {
    this.#options = options;
    this.#facts = sharedReading(() => options.facts("all"));
  }

  /** From now on, this worker asks and is told. Looks now, and from then on every half minute. */
  serve(worker: RenewalWorker): void {
    this.#worker = worker;
    worker.onRenewalAsked({
      refused: (file, accessHash) => void this.#refused(file, accessHash),
      awaited: (file) => void this.#awaited.add(file),
    });
    this.look();
  }

  async #lookAgain(): Promise<void> {
    const dueMs = await this.#look();
    if (this.#isClosed) return;
    this.#cancelLook();
    // A token that lives for two minutes must not wait for half of one.
    const waitMs = Math.min(
      LOOK_INTERVAL_MS,
      Math.max(MIN_LOOK_INTERVAL_MS, dueMs - this.#options.clock.nowMs()),
    );
    this.#cancelLook = this.#options.clock.after(waitMs, () => void this.#lookAgain());
  }

  async #refused(file: string, accessHash: string): Promise<void> {
    const cause = { kind: "refused", accessHash } as const;
    const facts = await this.#facts().catch(() => undefined);
    const key = facts?.keys.find(({ record }) => record.file === file);
    const plan = key && facts && this.#planFor(key, cause, facts);
    if (!key || !plan || plan.kind === "end") return this.#endWithout(file, plan);
    this.#add({ file, cause, endMs: endMs(lifeOf(key)) });
    this.#awaited.add(file);
    this.#run();
  }

  /** Looks now: a login has another home. */
  look(): void {
    this.#cancelLook();
    void this.#lookAgain();
  }

  /** Ends the looks; resolves when a renewal under way has ended, at the latest after ten seconds. It goes on alone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelLook();
    this.#queue.clear();
    const { clock } = this.#options;
    if (this.#current !== undefined) {
      await withDeadline(clock, CLOSE_TIMEOUT_MS, async () => await this.#running);
    }
  }

  /** Resolves with the moment when the next key is due; Infinity when that is not known. */
  async #look(): Promise<number> {
    const { marks, clock } = this.#options;
    let nextDueMs = Infinity;
    try {
      const facts = await this.#options.facts("some");
      if (this.#options.tellsLogins) this.#worker?.tell({ kind: "logins_held", logins: loginsHeld(facts) });
      for (const key of facts.keys) {
        await rememberCodex({ marks, clock }, key, facts);
        const { record: { file } } = key;
        const plan = this.#planFor(key, { kind: "due" }, facts);
        nextDueMs = Math.min(nextDueMs, laterDueMs(plan));
        if (plan.kind !== "end" && !this.#isResting(file)) {
          this.#add({ file, cause: { kind: "due" }, endMs: endMs(lifeOf(key)) });
        }
      }
    } catch {
      // An auth dir that cannot be read is reported by the worker; it is looked at again.
    }
    this.#tellQueue();
    this.#run();
    return nextDueMs;
  }

  /** After a renewal that did not succeed. */
  #isResting(file: string): boolean {
    return (this.#notBeforeMs.get(file) ?? 0) > this.#options.clock.nowMs();
  }

  #planFor(key: RenewalKey, cause: RenewalCause, facts: RenewalFacts): RenewalPlan {
    return planRenewal(key, cause, facts, { nowMs: this.#options.clock.nowMs(), isLocked: false });
  }

  /** For a token that was replaced already, and for one that cannot be renewed. */
  #endWithout(file: string, plan: RenewalPlan | undefined): void {
    const isReplaced = plan?.kind === "end" && plan.outcome.kind === "adopted";
    const renewal = isReplaced ? replaced(file) : undefined;
    this.#awaited.delete(file);
    this.#worker?.tell({ kind: "renewal_ended", file, renewal });
  }

  #add(wanted: Wanted): void {
    if (this.#isClosed || this.#current === wanted.file) return;
    const isKnown = this.#queue.has(wanted.file);
    if (isKnown && (this.#awaited.has(wanted.file) || wanted.cause.kind === "due")) return;
    // One that is asked for again goes to the end.
    this.#queue.delete(wanted.file);
    this.#queue.set(wanted.file, wanted);
  }

  #tellQueue(): void {
    const files = [...this.#queue.keys()];
    if (this.#current !== undefined) files.push(this.#current);
    this.#worker?.tell({ kind: "renewals_queued", files });
  }

  #run(): void {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined;
      if (this.#queue.size > 0) this.#run();
    });
  }

  async #runAll(): Promise<void> {
    const { clock, randomShare } = this.#options;
    for (let next = this.#next(); next; next = this.#next()) {
      const { file, cause } = next;
      this.#queue.delete(file);
      this.#current = file;
      await this.#renew(file, cause);
      this.#current = undefined;
      await clock.sleep(gapMs(randomShare()));
    }
  }

  #next(): Wanted | undefined {
    const wanted = [...this.#queue.values()];
    return nextInQueue(wanted.map((key) => ({ ...key, isAwaited: this.#awaited.has(key.file) })));
  }

  async #renew(file: string, cause: RenewalCause): Promise<void> {
    const { clock } = this.#options;
    const renewal = await this.#options.renew(file, cause).catch(() => undefined) ?? interrupted(file);
    if (renewal.outcome !== "renewed" && renewal.outcome !== "adopted") {
      this.#notBeforeMs.set(file, clock.nowMs() + RETRY_MS);
    }
    this.#awaited.delete(file);
    this.#worker?.tell({ kind: "renewal_ended", file, renewal });
  }
}

/** When a key is due that is not yet; Infinity when that is not known. */
function laterDueMs(plan: RenewalPlan): number {
  return plan.kind === "end" && plan.outcome.kind === "not_due" ? plan.outcome.dueAtMs ?? Infinity : Infinity;
}

const NOTHING = { token_expires_at: null, next_try_at: null, login_needed: false } as const;

function replaced(file: string): Renewal {
  return { ...NOTHING, file, outcome: "adopted", message: `${file} has a new token already` };
}

function interrupted(file: string): Renewal {
  const message = `it is not known whether ${file} was renewed: the process for it ended without an answer`;
  return { ...NOTHING, file, outcome: "unknown", message };
}
