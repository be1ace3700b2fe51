/**
 * Requests once more, under other rules: the real pool and the real steps, with a stand-in for the upstream and a
 * time that moves from one happening to the next. Nothing in here decides anything.
 * @module
 */

import { type Policy, trialAtMs } from "../auth/key_state.ts";
import type { WindowReading } from "../auth/limits.ts";
import type { Outcome } from "../auth/outcome.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { KeyChange, KeyReport } from "../auth/key_report.ts";
import type { Lease, Trial } from "../auth/lease.ts";
import { KeyPool } from "../auth/rotation.ts";
import { Secret } from "../values/secret.ts";
import { keyEvent } from "../observability/key_events.ts";
import { type AttemptResult, nextStep, type Step, type StepContext } from "../proxy/step.ts";
import { Agenda } from "./agenda.ts";
import type { Arrival, History, KeyNotice, PastAttempt, PastRequest } from "./history.ts";
import { readNotice } from "./recording.ts";

/** What the stand-in answers to one attempt. */
export interface Answer {
  readonly outcome: Outcome;
  /** Null for none. */
  readonly status: number | null;
  /** From the start of the attempt to its verdict. */
  readonly latencyMs: number;
  /** How full the key's windows are, as the head of the answer tells it. */
  readonly readings?: readonly WindowReading[];
  /** The client has seen a part of it before it went wrong: no other key can be tried. */
  readonly isCommitted?: boolean;
  readonly failure?: AttemptResult["failure"];
}

/** Stands in for the upstream. */
export interface StandIn {
  /** `earlier` attempts of this request were made with the same key. */
  answer(request: Arrival, file: string, now: { readonly nowMs: number; readonly earlier: number }): Answer;
  /** What a trial in the background finds out about the key. */
  trial(file: string, nowMs: number): Outcome;
}

/** The rules to replay under. */
export interface Rules extends Policy {
  /** `request` takes no notice of sessions. */
  readonly rotation: "session" | "request";
  readonly holdMs: number;
}

/** What would have happened. `requests` come in the order of their arrival; `keys` are files, all well at first. */
export function replay(
  requests: readonly Arrival[],
  keys: readonly string[],
  standIn: StandIn,
  rules: Rules,
): History {
  return new Replay(keys, standIn, rules).run(requests);
}

/** A request on its way. */
interface Course {
  readonly request: Arrival;
  readonly attempts: PastAttempt[];
  readonly results: AttemptResult[];
  refusal?: string;
}

class Replay {
  readonly #standIn: StandIn;
  readonly #rules: Rules;
  readonly #pool: KeyPool;
  readonly #agenda = new Agenda();
  readonly #waiting = new Set<Course>();
  readonly #notices: KeyNotice[] = [];
  #nowMs = 0;

  constructor(keys: readonly string[], standIn: StandIn, rules: Rules) {
    this.#standIn = standIn;
    this.#rules = rules;
    this.#pool = new KeyPool(rules, (change) => this.#noteChange(change));
    this.#pool.merge(keys.map(recordOf), 0);
  }

  run(requests: readonly Arrival[]): History {
    const courses = requests.map((request): Course => ({ request, attempts: [], results: [] }));
    for (const course of courses) this.#agenda.add(course.request.arrivedMs, () => this.#goOn(course));
    for (let nextMs = this.#agenda.nextMs; nextMs !== undefined; nextMs = this.#agenda.nextMs) {
      const trialMs = this.#nextTrialMs();
      this.#nowMs = Math.max(this.#nowMs, Math.min(trialMs, nextMs));
      if (trialMs <= nextMs) this.#tryDueKeys();
      else this.#agenda.next()?.act();
    }
    return { requests: courses.map(pastRequest), notices: this.#notices };
  }

  #goOn(course: Course): void {
    const step = nextStep(this.#pool, this.#contextOf(course), course.results, this.#nowMs);
    switch (step.kind) {
      case "send":
        return this.#send(course, step);
      case "wait":
        this.#waiting.add(course);
        return this.#wakeAt(step.untilMs, course);
      case "refuse":
        course.refusal = step.refusal.type;
        return;
      case "relay":
        return;
    }
  }

  #contextOf({ request: { arrivedMs, session, model } }: Course): StepContext {
    const isSticky = this.#rules.rotation === "session" && session !== undefined;
    return {
      ...(isSticky ? { session } : {}),
      ...(model === undefined ? {} : { model }),
      holdUntilMs: arrivedMs + this.#rules.holdMs,
      // These only choose the words of a refusal.
      isCodex: false,
      authDir: "",
      upstreamOrigin: "",
    };
  }

  #send(course: Course, { record, wish }: Step & { kind: "send" }): void {
    const nowMs = this.#nowMs;
    const lease = this.#pool.lease(record, wish, nowMs);
    const earlier = course.attempts.filter(({ file }) => file === record.file).length;
    const answer = this.#standIn.answer(course.request, record.file, { nowMs, earlier });
    this.#pool.noteWindows(record, answer.readings ?? []);
    this.#agenda.add(nowMs + answer.latencyMs, () => this.#receive(course, lease, answer));
  }

  #receive(course: Course, { record, startedMs }: Lease, answer: Answer): void {
    const { request: { requestId, model }, attempts, results } = course;
    const { status, failure, isCommitted } = answer;
    const nowMs = this.#nowMs;
    const outcome = asHeard(answer.outcome, nowMs);
    attempts.push({
      file: record.file,
      startedMs,
      endedMs: nowMs,
      outcome: outcome.kind,
      status,
      ...("code" in outcome && outcome.code !== undefined ? { error: outcome.code } : {}),
    });
    const judged = this.#pool.apply({ record, startedMs }, { outcome, nowMs, status, requestId, model });
    const seen = isCommitted ? { kind: "ok" } as const : judged;
    results.push({ record, outcome: seen, status, ...(failure ? { failure } : {}) });
    this.#goOn(course);
  }

  #wakeAt(atMs: number, course: Course): void {
    this.#agenda.add(atMs, () => {
      if (this.#waiting.delete(course)) this.#goOn(course);
    });
  }

  #noteChange(change: KeyChange): void {
    const event = keyEvent(change, this.#nowMs);
    const notice = event && readNotice(event.event, event.atMs, event.fields);
    if (notice) this.#notices.push(notice);
    for (const course of this.#waiting) this.#wakeAt(this.#nowMs, course);
  }

  /** When a key may be due for a trial, at the earliest; Infinity for never. */
  #nextTrialMs(): number {
    const dueMs = Math.min(...this.#pool.describe(this.#nowMs).map(nextStirMs));
    return Math.ceil(dueMs / LOOK_INTERVAL_MS) * LOOK_INTERVAL_MS;
  }

  #tryDueKeys(): void {
    this.#pool.expirePenalties(this.#nowMs);
    for (const trial of this.#pool.beginDueTrials(this.#nowMs)) this.#try(trial);
  }

  #try({ lease, waitsForQuota }: Trial): void {
    const nowMs = this.#nowMs;
    const outcome = asHeard(this.#standIn.trial(lease.record.file, nowMs), nowMs);
    if (waitsForQuota && outcome.kind === "ok") this.#pool.noteUsage(lease.record, ROOM, nowMs);
    if (waitsForQuota && outcome.kind !== "auth_rejected") return;
    this.#pool.apply(lease, { outcome, nowMs, status: null, requestId: "trial" });
  }
}

// The proxy looks as often for keys that are due.
const LOOK_INTERVAL_MS = 1000;
const ROOM = { allowed: true, windows: [], additional: [] };

function nextStirMs({ health }: KeyReport): number {
  const { state } = health;
  return Math.min(trialAtMs(health) ?? Infinity, "untilMs" in state ? state.untilMs : Infinity);
}

// The proxy believes no time that has passed. If the pool were told one, the key would be due again at once, for ever.
function asHeard(outcome: Outcome, nowMs: number): Outcome {
  if (outcome.kind !== "rate_limited" || (outcome.untilMs ?? Infinity) > nowMs) return outcome;
  const { kind, code, scope } = outcome;
  return { kind, code, scope };
}

function recordOf(file: string): AuthRecord {
  return { file, token: new Secret(file) };
}

function pastRequest({ request, attempts, refusal }: Course): PastRequest {
  const { requestId, arrivedMs, session, model } = request;
  return {
    requestId,
    arrivedMs,
    ...(session === undefined ? {} : { session }),
    ...(model === undefined ? {} : { model }),
    attempts,
    ...(refusal === undefined ? {} : { refusal }),
  };
}
