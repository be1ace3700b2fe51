/**
 * Sends recorded requests through the real pool and the real steps once more, under other rules: a discrete-event
 * simulation with a model of the upstream and a clock that jumps from one event to the next. Nothing in here decides
 * anything.
 * @module
 */

import { trialAtMs } from "../auth/trials.ts";
import type { WindowReading } from "../auth/limits.ts";
import type { Outcome } from "../auth/outcome.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { Usage } from "../auth/usage.ts";
import type { KeyChange, KeyReport } from "../auth/key_report.ts";
import type { Lease, Trial } from "../auth/lease.ts";
import { KeyPool } from "../auth/rotation.ts";
import type { Policy } from "../config/policy.ts";
import { Secret } from "../values/secret.ts";
import { keyEvent } from "../observability/key_events.ts";
import { nextStep, provenModelRefusals, type Step, type StepContext } from "../proxy/step.ts";
import type { Attempt } from "../upstream/attempt_end.ts";
import type { Failure } from "../upstream/attempt_watch.ts";
import { TRIAL_CHECK_INTERVAL_MS, trialVerdict } from "../upstream/trial.ts";
import { EventQueue } from "./event_queue.ts";
import {
  type Arrival,
  type History,
  type KeyTransition,
  type PastAttempt,
  type PastRequest,
  transitionOf,
} from "./history.ts";
import { lowest } from "../values/extremes.ts";

/** What the upstream answers to one attempt. */
export interface Answer {
  readonly outcome: Outcome;
  /** Null when there is no answer. */
  readonly status: number | null;
  /** From the start of the attempt to its verdict. */
  readonly latencyMs: number;
  /** How full the key's windows are, as far as the head of the answer tells. */
  readonly readings: readonly WindowReading[];
  /** The client has seen a part of it before it went wrong: no other key can be tried. */
  readonly isCommitted: boolean;
  /** Why there is no answer; `undefined` when there is one. */
  readonly failure: Failure | undefined;
}

/** Takes the place of the upstream. */
export interface UpstreamModel {
  /** `earlier` is the number of earlier attempts of this request with the same key. */
  answer(request: Arrival, file: string, now: { readonly nowMs: number; readonly earlier: number }): Answer;
  /** What a trial in the background finds out about the key. */
  trial(file: string, nowMs: number): Outcome;
}

/** What a replay depends on besides the requests. */
export interface ReplayOptions {
  /** The names of the keys; each is `ok` at first. */
  readonly keys: readonly string[];
  readonly upstream: UpstreamModel;
  /** Under `rotation: "request"`, sessions do not count. */
  readonly rules: Policy;
}

/** What would have happened. `requests` are in the order of their arrival. */
export function replay(requests: readonly Arrival[], options: ReplayOptions): History {
  return new Simulation(options).run(requests);
}

/** A request that may be under way. */
interface RequestRun {
  readonly request: Arrival;
  readonly attempts: PastAttempt[];
  /** The same attempts as the steps look at them. */
  readonly results: Attempt<undefined>[];
  refusal: string | undefined;
}

class Simulation {
  readonly #upstream: UpstreamModel;
  readonly #rules: Policy;
  readonly #pool: KeyPool;
  readonly #queue = new EventQueue();
  readonly #waiting = new Set<RequestRun>();
  readonly #transitions: KeyTransition[] = [];
  #nowMs = 0;

  constructor({ keys, upstream, rules }: ReplayOptions) {
    this.#upstream = upstream;
    this.#rules = rules;
    this.#pool = new KeyPool(rules, (change) => this.#noteChange(change));
    this.#pool.merge(keys.map(recordOf), 0);
  }

  run(requests: readonly Arrival[]): History {
    const runs = requests.map((request): RequestRun => {
      return { request, attempts: [], results: [], refusal: undefined };
    });
    for (const run of runs) this.#queue.add(run.request.arrivedMs, () => this.#advance(run));
    for (let nextMs = this.#queue.nextMs; nextMs !== undefined; nextMs = this.#queue.nextMs) {
      const trialMs = this.#nextTrialMs();
      this.#nowMs = Math.max(this.#nowMs, Math.min(trialMs, nextMs));
      if (trialMs <= nextMs) this.#runDueTrials();
      else this.#queue.next()?.act();
    }
    return { requests: runs.map(pastRequest), transitions: this.#transitions };
  }

  #advance(run: RequestRun): void {
    const step = nextStep(this.#pool, this.#contextOf(run), run.results, this.#nowMs);
    switch (step.kind) {
      case "send":
        return this.#send(run, step);
      case "wait":
        this.#waiting.add(run);
        return this.#wakeAt(step.untilMs, run);
      case "refuse":
        run.refusal = step.refusal.type;
        return;
      case "relay":
      // Requests with their own login are not replayed.
      case "pass_through":
        return;
    }
  }

  #contextOf({ request: { arrivedMs, session, model } }: RequestRun): StepContext {
    return {
      isOwnLogin: false,
      pinned: undefined,
      mainOnly: false,
      withoutKeys: new Set(),
      session: this.#rules.rotation === "request" ? undefined : session,
      // A recording names none.
      stateIds: [],
      model,
      holdUntilMs: arrivedMs + this.#rules.holdMs,
      maxAttempts: this.#rules.maxAttempts,
      // These only shape the message of a refusal.
      isCodex: false,
      authDir: "",
      upstreamOrigin: "",
    };
  }

  #send(run: RequestRun, { key, choice }: Step & { kind: "send" }): void {
    const nowMs = this.#nowMs;
    const lease = this.#pool.lease(key, choice, nowMs);
    const earlier = run.attempts.filter(({ file }) => file === key.file).length;
    const answer = this.#upstream.answer(run.request, key.file, { nowMs, earlier });
    this.#pool.noteWindows(key, answer.readings);
    this.#queue.add(nowMs + answer.latencyMs, () => this.#receive(run, lease, answer));
  }

  #receive(run: RequestRun, { record, startedMs }: Lease, answer: Answer): void {
    const { request: { requestId, model }, attempts, results } = run;
    const { status, failure, isCommitted } = answer;
    const nowMs = this.#nowMs;
    const outcome = withoutPastTime(answer.outcome, nowMs);
    const error = "code" in outcome ? outcome.code : undefined;
    attempts.push({ file: record.file, startedMs, endedMs: nowMs, outcome: outcome.kind, error, status });
    const judged = this.#pool.apply({ record, startedMs }, { outcome, nowMs, status, requestId, model });
    const seen = isCommitted ? { kind: "ok" } as const : judged;
    const { session } = this.#contextOf(run);
    if (session !== undefined) {
      this.#pool.affinity.settle(session, record.file, wasServed(seen, status), nowMs);
    }
    const verdict = { key: record, outcome: seen, atMs: nowMs };
    results.push(
      failure
        ? { ...verdict, kind: "failed", failure }
        : { ...verdict, kind: "answered", status, answer: undefined },
    );
    if (model !== undefined) this.#pool.confirmModelRefusals(provenModelRefusals(results), model, nowMs);
    this.#advance(run);
  }

  #wakeAt(atMs: number, run: RequestRun): void {
    this.#queue.add(atMs, () => {
      if (this.#waiting.delete(run)) this.#advance(run);
    });
  }

  #noteChange(change: KeyChange): void {
    const event = keyEvent(change, this.#nowMs);
    if (event) this.#transitions.push(transitionOf(event));
    for (const run of this.#waiting) this.#wakeAt(this.#nowMs, run);
  }

  /** When the proxy next looks for due trials and may find one; Infinity for never. */
  #nextTrialMs(): number {
    const dueMs = lowest(this.#pool.describe(this.#nowMs).map(nextChangeMs));
    return Math.ceil(dueMs / TRIAL_CHECK_INTERVAL_MS) * TRIAL_CHECK_INTERVAL_MS;
  }

  #runDueTrials(): void {
    this.#pool.expirePenalties(this.#nowMs);
    for (const trial of this.#pool.beginDueTrials(this.#nowMs)) this.#runTrial(trial);
  }

  #runTrial(trial: Trial): void {
    const nowMs = this.#nowMs;
    const { record } = trial.lease;
    const found = withoutPastTime(this.#upstream.trial(record.file, nowMs), nowMs);
    if (found.kind === "ok") this.#pool.noteUsage(record, QUOTA_LEFT, nowMs);
    const outcome = trialVerdict(trial, {
      outcome: found,
      usage: found.kind === "rate_limited" ? QUOTA_USED_UP : QUOTA_LEFT,
    });
    const verdict = { nowMs, status: null, requestId: "trial", model: undefined };
    if (outcome) this.#pool.apply(trial.lease, { ...verdict, outcome });
  }
}

const QUOTA_LEFT: Usage = {
  credits: undefined,
  allowed: true,
  windows: [],
  additional: [],
  planType: undefined,
  email: undefined,
};
const QUOTA_USED_UP: Usage = { ...QUOTA_LEFT, allowed: false };

/** When the key's state ends or it is due for a trial, whichever is first; Infinity for neither. */
function nextChangeMs({ health }: KeyReport): number {
  const { state } = health;
  return Math.min(trialAtMs(health) ?? Infinity, "untilMs" in state ? state.untilMs : Infinity);
}

// The proxy ignores a reset time that has passed. With such a time the key would be due again at once, for ever.
function withoutPastTime(outcome: Outcome, nowMs: number): Outcome {
  if (outcome.kind !== "rate_limited" || (outcome.untilMs ?? Infinity) > nowMs) return outcome;
  return { ...outcome, untilMs: undefined };
}

// A stream that broke later, or that the client left, was served at first.
function wasServed({ kind }: Outcome, status: number | null): boolean {
  return kind === "ok" || (status === 200 && (kind === "client_gone" || kind === "origin_failed"));
}

function recordOf(file: string): AuthRecord {
  return {
    file,
    token: new Secret(file),
    accountId: undefined,
    email: undefined,
    plan: undefined,
    expiresAtMs: undefined,
    hasRefreshToken: false,
    isDisabled: false,
    priority: 0,
    alias: undefined,
    isInKeyring: false,
    upstream: undefined,
    models: {},
  };
}

function pastRequest({ request, attempts, refusal }: RequestRun): PastRequest {
  const { requestId, arrivedMs, session, model } = request;
  return { requestId, arrivedMs, session, model, attempts, refusal };
}
