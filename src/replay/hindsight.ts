/**
 * What a key would have answered when in truth another was asked. A recording cannot know; this is the nearest
 * evidence in it. What a key says about itself (it serves, is limited, is rejected) stays with the key, and what was
 * wrong with a request or the upstream (a bad body, an outage, a client that left) stays with the request.
 * @module
 */

import { isQuotaCode, type Outcome, OUTCOME_MEANINGS } from "../auth/outcome.ts";
import type { Arrival, History, KeyNotice, PastAttempt, PastRequest } from "./history.ts";
import type { Answer, StandIn } from "./replay.ts";

/** What a key was found to be, from a time on until the next such finding. */
interface Finding {
  readonly file: string;
  readonly fromMs: number;
  readonly outcome: Outcome;
  readonly status: number | null;
  readonly latencyMs: number;
  /** The end of the penalty that came of it; Infinity for none. */
  readonly untilMs: number;
  /** It is about this model only. */
  readonly model?: string | undefined;
}

/** An outcome, and until when its penalty stood. */
interface Judged {
  readonly outcome: Outcome;
  readonly untilMs?: number | undefined;
}

const WELL: Answer = { outcome: { kind: "ok" }, status: 200, latencyMs: 0 };

export class Hindsight implements StandIn {
  readonly #requests: ReadonlyMap<string, PastRequest>;
  readonly #notices: ReadonlyMap<string, readonly KeyNotice[]>;
  readonly #findings: ReadonlyMap<string, readonly Finding[]>;

  constructor({ requests, notices }: History) {
    this.#requests = new Map(requests.map((request) => [request.requestId, request]));
    this.#notices = Map.groupBy(notices, ({ file }) => file);
    const fromAttempts = requests.flatMap((request) =>
      request.attempts.filter(({ outcome }) => OUTCOME_MEANINGS[outcome].isAboutTheKey)
        .map((attempt) => this.#findingOf(request, attempt))
    );
    const findings = [...fromAttempts, ...notices.flatMap((notice) => noticedFinding(notice) ?? [])];
    this.#findings = Map.groupBy(findings.sort((a, b) => a.fromMs - b.fromMs), ({ file }) => file);
  }

  answer(
    { requestId, model }: Arrival,
    file: string,
    { nowMs, earlier }: { readonly nowMs: number; readonly earlier: number },
  ): Answer {
    const request = this.#requests.get(requestId);
    const same = request?.attempts.filter((attempt) => attempt.file === file)[earlier];
    if (request && same) return this.#recorded(request, same);
    const finding = this.#findingAt(file, model, nowMs);
    if (finding && finding.outcome.kind !== "ok") return finding;
    const last = request?.attempts.at(-1);
    if (!request || !last) return WELL;
    if (OUTCOME_MEANINGS[last.outcome].isAboutTheKey) {
      return last.outcome === "ok" ? answerOf(last, { kind: "ok" }) : WELL;
    }
    return this.#recorded(request, last);
  }

  trial(file: string, nowMs: number): Outcome {
    return this.#findingAt(file, undefined, nowMs)?.outcome ?? { kind: "ok" };
  }

  #findingOf(request: PastRequest, attempt: PastAttempt): Finding {
    const { outcome, untilMs = Infinity } = this.#outcomeOf(request, attempt);
    const isOfModel = outcome.kind === "rate_limited" && outcome.scope === "model";
    const model = isOfModel ? request.model : undefined;
    const { file, startedMs: fromMs } = attempt;
    return { ...answerOf(attempt, outcome), file, fromMs, untilMs, model };
  }

  /** An attempt's outcome in full: the log has only its name, the notices have what came of it. */
  #outcomeOf({ requestId }: PastRequest, { file, outcome: kind, error, endedMs }: PastAttempt): Judged {
    const code = error ?? kind;
    switch (kind) {
      case "ok":
      case "client_gone":
        return { outcome: { kind } };
      case "client_error":
        return { outcome: { kind, ...(error === undefined ? {} : { code }) } };
      case "origin_failed":
      case "overloaded":
        return { outcome: { kind, code } };
      case "auth_rejected":
        return { outcome: { kind, code }, untilMs: this.#ownPenalty(file, requestId)?.untilMs };
      case "rate_limited": {
        // A limit of the whole key never leaves it without a penalty.
        const penalty = this.#ownPenalty(file, requestId) ?? this.#penaltyAt(file, endedMs);
        return penalty ? limitOf(code, penalty) : { outcome: { kind, code, scope: "model" } };
      }
    }
  }

  #ownPenalty(file: string, ownRequestId: string): KeyNotice | undefined {
    const notices = this.#notices.get(file) ?? [];
    return notices.find((notice) => notice.requestId === ownRequestId && isPenalty(notice));
  }

  #penaltyAt(file: string, nowMs: number): KeyNotice | undefined {
    const last = this.#notices.get(file)?.findLast(({ atMs }) => atMs <= nowMs);
    return last && isPenalty(last) && (last.untilMs ?? 0) > nowMs ? last : undefined;
  }

  #recorded(request: PastRequest, attempt: PastAttempt): Answer {
    const { outcome } = this.#outcomeOf(request, attempt);
    const isLast = attempt === request.attempts.at(-1);
    const isUnanswered = outcome.kind === "origin_failed" && attempt.status === null;
    // After such an answer the proxy goes on or refuses. It did neither: the client had seen the beginning, or left.
    const isCommitted = isLast && request.refusal === undefined &&
      (outcome.kind === "rate_limited" || outcome.kind === "auth_rejected");
    const failure = {
      // What was tried again had not been sent.
      isUnsent: !isLast,
      isTimeout: request.refusal === "upstream_timeout",
      reason: attempt.error ?? "",
    };
    return { ...answerOf(attempt, outcome), isCommitted, ...(isUnanswered ? { failure } : {}) };
  }

  /** What is known of a key at a time: a penalty counts until its end, and then what was found next. */
  #findingAt(file: string, model: string | undefined, nowMs: number): Finding | undefined {
    const findings = this.#findings.get(file) ?? [];
    const isMeant = (finding: Finding) => finding.model === undefined || finding.model === model;
    const nextIndex = indexAfter(findings, nowMs);
    const last = lastBefore(findings, nextIndex, isMeant);
    if (last && last.untilMs > nowMs) return last;
    const next = findings.slice(nextIndex).find(isMeant);
    return next ?? (last?.outcome.kind === "auth_rejected" ? last : undefined);
  }
}

function lastBefore<T>(list: readonly T[], end: number, isMeant: (item: T) => boolean): T | undefined {
  for (let index = end - 1; index >= 0; index--) if (isMeant(list[index]!)) return list[index];
  return undefined;
}

/** The index of the first finding later than `nowMs`, by halving. */
function indexAfter(findings: readonly Finding[], nowMs: number): number {
  let [low, high] = [0, findings.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (findings[middle]!.fromMs <= nowMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function noticedFinding(notice: KeyNotice): Finding | undefined {
  const { event, file, state, atMs: fromMs, status, cause = "" } = notice;
  const known = { file, fromMs, status, latencyMs: 0 };
  if (event === "auth.restored" && state === "ok") {
    return { ...known, outcome: { kind: "ok" }, untilMs: Infinity };
  }
  if (!isPenalty(notice)) return undefined;
  const { outcome, untilMs = Infinity } = event === "auth.cooldown" || cause === PERSISTENT
    ? limitOf(cause, notice)
    : { outcome: { kind: "auth_rejected" as const, code: cause }, untilMs: notice.untilMs };
  return { ...known, outcome, untilMs };
}

const PERSISTENT = "rate_limited_persistent";

// The end of a quota's cooldown is what the upstream named. A burst's is the proxy's own guess, so the rules that are
// tried make their own.
function limitOf(code: string, { untilMs }: KeyNotice): Judged {
  const named = isQuotaCode(code) && untilMs !== undefined ? { untilMs } : {};
  return { outcome: { kind: "rate_limited", code, scope: "key", ...named }, untilMs };
}

function isPenalty({ event }: KeyNotice): boolean {
  return event === "auth.cooldown" || event === "auth.blacklisted";
}

function answerOf({ status, startedMs, endedMs }: PastAttempt, outcome: Outcome): Answer {
  return { outcome, status, latencyMs: endedMs - startedMs };
}
