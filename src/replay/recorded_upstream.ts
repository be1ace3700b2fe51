/**
 * What a key would have answered when in truth another one was asked. A recording cannot know; this is the nearest
 * evidence in it. What an answer says about the key (it serves, is limited, is rejected) stays with the key; what was
 * wrong with a request or the upstream (a bad body, an outage, a client that disconnected) stays with the request.
 * @module
 */

import { isQuotaCode, type Outcome, OUTCOME_MEANINGS } from "../auth/outcome.ts";
import type { Arrival, History, KeyTransition, PastAttempt, PastRequest } from "./history.ts";
import type { Answer, UpstreamModel } from "./replay.ts";

/** What a key was found to answer, from a time on until it was found to answer something else. */
interface Finding {
  readonly file: string;
  readonly fromMs: number;
  /** The end of the penalty that followed from it; Infinity for none. */
  readonly untilMs: number;
  /** The only model that it is about; `undefined` for all. */
  readonly model: string | undefined;
  readonly answer: Answer;
}

/** A model that a key was found to serve, or to lack, at a time. */
type ModelFinding = Pick<Finding, "file" | "fromMs" | "model" | "answer">;

/** An outcome, and when the penalty that followed from it ended; `undefined` for one without a penalty. */
interface OutcomeUntil {
  readonly outcome: Outcome;
  readonly untilMs: number | undefined;
}

/** The upstream as a recorded history shows it. */
export class RecordedUpstream implements UpstreamModel {
  readonly #requests: ReadonlyMap<string, PastRequest>;
  readonly #transitions: ReadonlyMap<string, readonly KeyTransition[]>;
  readonly #findings: ReadonlyMap<string, readonly Finding[]>;
  /** By file: which models a key has served or lacked, oldest first. */
  readonly #models: ReadonlyMap<string, readonly ModelFinding[]>;

  constructor({ requests, transitions }: History) {
    this.#requests = new Map(requests.map((request) => [request.requestId, request]));
    this.#transitions = Map.groupBy(transitions, ({ file }) => file);
    const ofAttempts = requests.flatMap((request) =>
      request.attempts.filter(({ outcome }) => OUTCOME_MEANINGS[outcome].isAboutTheKey)
        .map((attempt) => this.#findingOf(request, attempt))
    );
    const findings = [...ofAttempts, ...transitions.flatMap((each) => findingOfTransition(each) ?? [])];
    this.#findings = Map.groupBy(findings.sort((a, b) => a.fromMs - b.fromMs), ({ file }) => file);
    const models = requests.flatMap(modelFindingsOf).sort((a, b) => a.fromMs - b.fromMs);
    this.#models = Map.groupBy(models, ({ file }) => file);
  }

  answer(
    { requestId, model }: Arrival,
    file: string,
    { nowMs, earlier }: { readonly nowMs: number; readonly earlier: number },
  ): Answer {
    const request = this.#requests.get(requestId);
    const same = request?.attempts.filter((attempt) => attempt.file === file)[earlier];
    if (request && same) return this.#recordedAnswer(request, same);
    const found = this.#findingAt(file, model, nowMs)?.answer;
    if (found && found.outcome.kind !== "ok") return found;
    const ofModel = this.#models.get(file)?.findLast((finding) =>
      finding.model === model && finding.fromMs <= nowMs
    );
    if (ofModel?.answer.outcome.kind === "model_refused") return ofModel.answer;
    const last = request?.attempts.at(-1);
    if (!request || !last) return SERVED_AT_ONCE;
    if (!OUTCOME_MEANINGS[last.outcome].isAboutTheKey) return this.#recordedAnswer(request, last);
    return last.outcome === "ok" ? answerOf(last, { kind: "ok" }) : SERVED_AT_ONCE;
  }

  trial(file: string, nowMs: number): Outcome {
    return this.#findingAt(file, undefined, nowMs)?.answer.outcome ?? { kind: "ok" };
  }

  #findingOf(request: PastRequest, attempt: PastAttempt): Finding {
    const { outcome, untilMs = Infinity } = this.#outcomeOf(request, attempt);
    const isOfModel = outcome.kind === "rate_limited" && outcome.scope === "model";
    const model = isOfModel ? request.model : undefined;
    return {
      file: attempt.file,
      fromMs: attempt.startedMs,
      untilMs,
      model,
      answer: answerOf(attempt, outcome),
    };
  }

  /** An attempt's whole outcome: the log has only its name, and the transitions have what followed from it. */
  #outcomeOf({ requestId }: PastRequest, attempt: PastAttempt): OutcomeUntil {
    const { file, outcome: kind, error, endedMs } = attempt;
    const code = error ?? kind;
    switch (kind) {
      case "ok":
      case "client_gone":
        return { outcome: { kind }, untilMs: undefined };
      case "client_error":
        return { outcome: { kind, code: error }, untilMs: undefined };
      case "model_refused":
      case "other_account":
      case "origin_failed":
      case "overloaded":
        return { outcome: { kind, code }, untilMs: undefined };
      case "auth_rejected":
        return { outcome: { kind, code }, untilMs: this.#ownPenalty(file, requestId)?.untilMs };
      case "rate_limited": {
        // A limit of the whole key is always followed by a penalty.
        const penalty = this.#ownPenalty(file, requestId) ?? this.#penaltyAt(file, endedMs);
        if (penalty) return limitOf(code, penalty);
        return {
          outcome: { kind, code, scope: "model", isMoment: false, untilMs: undefined },
          untilMs: undefined,
        };
      }
    }
  }

  #ownPenalty(file: string, requestId: string): KeyTransition | undefined {
    const transitions = this.#transitions.get(file) ?? [];
    return transitions.find((transition) => transition.requestId === requestId && isPenalty(transition));
  }

  #penaltyAt(file: string, nowMs: number): KeyTransition | undefined {
    const last = this.#transitions.get(file)?.findLast(({ atMs }) => atMs <= nowMs);
    return last && isPenalty(last) && (last.untilMs ?? 0) > nowMs ? last : undefined;
  }

  #recordedAnswer(request: PastRequest, attempt: PastAttempt): Answer {
    const { outcome } = this.#outcomeOf(request, attempt);
    const isLast = attempt === request.attempts.at(-1);
    const isUnanswered = outcome.kind === "origin_failed" && attempt.status === null;
    // After such an answer the proxy tries another key or refuses. It did neither: the client had already seen the
    // beginning, or had disconnected.
    const isCommitted = isLast && request.refusal === undefined &&
      (outcome.kind === "rate_limited" || outcome.kind === "auth_rejected");
    const failure = {
      // What was tried again had not been sent, or had lost its connection: a replay treats both alike.
      isUnsent: !isLast,
      isLost: false,
      isTimeout: request.refusal === "upstream_timeout",
      reason: attempt.error ?? "",
    };
    return { ...answerOf(attempt, outcome), isCommitted, failure: isUnanswered ? failure : undefined };
  }

  /** What is known about a key at a time: a penalty counts until its end, after it what was found next. */
  #findingAt(file: string, model: string | undefined, nowMs: number): Finding | undefined {
    const findings = this.#findings.get(file) ?? [];
    const applies = (finding: Finding) => finding.model === undefined || finding.model === model;
    const nextIndex = indexAfter(findings, nowMs);
    const last = lastBefore(findings, nextIndex, applies);
    if (last && last.untilMs > nowMs) return last;
    const next = findings.slice(nextIndex).find(applies);
    return next ?? (last?.answer.outcome.kind === "auth_rejected" ? last : undefined);
  }
}

// A refusal that no other key contradicted may have been the request's fault.
function modelFindingsOf({ model, attempts }: PastRequest): readonly ModelFinding[] {
  if (model === undefined || attempts.at(-1)?.outcome !== "ok") return [];
  return attempts.flatMap((attempt) => {
    const { file, startedMs: fromMs, outcome: kind, error: code = "" } = attempt;
    if (kind === "ok") return [{ file, fromMs, model, answer: answerOf(attempt, { kind }) }];
    return kind === "model_refused"
      ? [{ file, fromMs, model, answer: answerOf(attempt, { kind, code }) }]
      : [];
  });
}

const SERVED_AT_ONCE: Answer = {
  outcome: { kind: "ok" },
  status: 200,
  latencyMs: 0,
  readings: [],
  isCommitted: false,
  failure: undefined,
};

function lastBefore<T>(list: readonly T[], end: number, applies: (item: T) => boolean): T | undefined {
  for (let index = end - 1; index >= 0; index--) if (applies(list[index]!)) return list[index];
  return undefined;
}

/** The index of the first finding later than `nowMs`, by binary search. */
function indexAfter(findings: readonly Finding[], nowMs: number): number {
  let [low, high] = [0, findings.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (findings[middle]!.fromMs <= nowMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function findingOfTransition(transition: KeyTransition): Finding | undefined {
  const { event, file, state, atMs: fromMs, status } = transition;
  const isRestored = event === "auth.restored" && state === "ok";
  if (!isRestored && !isPenalty(transition)) return undefined;
  const { outcome, untilMs = Infinity }: OutcomeUntil = isRestored
    ? { outcome: { kind: "ok" }, untilMs: undefined }
    : penaltyOutcome(transition);
  return { file, fromMs, untilMs, model: undefined, answer: { ...SERVED_AT_ONCE, outcome, status } };
}

// What ejects a key that was limited too often in a row.
const PERSISTENT = "rate_limited_persistent";

function penaltyOutcome(transition: KeyTransition): OutcomeUntil {
  const { event, cause = "", untilMs } = transition;
  if (event === "auth.cooldown" || cause === PERSISTENT) return limitOf(cause, transition);
  return { outcome: { kind: "auth_rejected", code: cause }, untilMs };
}

// The end of a quota's cooldown is what the upstream named. A burst's is the proxy's own guess, so the rules that are
// tried make their own.
function limitOf(code: string, { untilMs }: KeyTransition): OutcomeUntil {
  const namedMs = isQuotaCode(code) ? untilMs : undefined;
  return {
    outcome: { kind: "rate_limited", code, scope: "key", isMoment: false, untilMs: namedMs },
    untilMs,
  };
}

function isPenalty({ event }: KeyTransition): boolean {
  return event === "auth.cooldown" || event === "auth.blacklisted";
}

function answerOf({ status, startedMs, endedMs }: PastAttempt, outcome: Outcome): Answer {
  return { ...SERVED_AT_ONCE, outcome, status, latencyMs: endedMs - startedMs };
}
