/**
 * What to do next with a client's request: the whole policy of attempts in one pure function.
 * @module
 */

import { isQuotaCode, type Outcome } from "../auth/outcome.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { ChoiceRequest } from "../auth/choice.ts";
import type { KeyReport } from "../auth/key_report.ts";
import type { Attempt } from "../upstream/attempt.ts";
import { FOREIGN_ENCRYPTION } from "../upstream/classify.ts";
import { briefLimit, noAnswer, poolExhausted, type Refusal, refusedAlike } from "./refusal.ts";

/** What a step looks at in the pool; looking changes nothing. */
export interface PoolView {
  candidate(request: ChoiceRequest, nowMs: number): AuthRecord | undefined;
  previousKey(request: ChoiceRequest, nowMs: number): AuthRecord | undefined;
  nextAvailableMs(request: ChoiceRequest, nowMs: number): number | undefined;
  describe(nowMs: number): readonly KeyReport[];
}

/** What a step looks at in a client's request. */
export interface StepContext {
  /** The client's own login goes through, and no key is used. */
  readonly isOwnLogin: boolean;
  /** The session that stays on its key; `undefined` for requests that take turns. */
  readonly session: string | undefined;
  /** The model asked for; `undefined` when the request does not name it. */
  readonly model: string | undefined;
  /** The client is Codex: it wants other statuses than other clients. */
  readonly isCodex: boolean;
  /** For the text of a refusal. */
  readonly authDir: string;
  /** For the text of a refusal. */
  readonly upstreamOrigin: string;
  /** The request waits for a key until then at the latest, epoch milliseconds. */
  readonly holdUntilMs: number;
}

/** What to do next. */
export type Step =
  /** Send with this key, which is the choice for this request. */
  | { readonly kind: "send"; readonly key: AuthRecord; readonly choice: ChoiceRequest }
  /** Send with the client's own login. */
  | { readonly kind: "pass_through" }
  /** Wait until this time, epoch milliseconds, or until a key changes. */
  | { readonly kind: "wait"; readonly untilMs: number }
  /** Hand on the answer of the last attempt. */
  | { readonly kind: "relay" }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

type Attempts = readonly Attempt<unknown>[];

// A burst or an overload may be the upstream's: one other key is tried, the pool is not walked.
const ELSEWHERE_ATTEMPTS = 2;

/** The next step for a request after these attempts; it looks at their keys and verdicts, not at their answers. */
export function nextStep(pool: PoolView, context: StepContext, attempts: Attempts, nowMs: number): Step {
  const last = attempts.at(-1);
  if (context.isOwnLogin) return last ? afterOwnLogin(last, context) : { kind: "pass_through" };
  const choice = choiceFor(context, attempts);
  const next = () => withNextKey(pool, context, choice, nowMs);
  if (!last) return next();
  if (last.kind === "failed") return afterFailure(last, attempts, context, choice);
  // Nobody is there to get an answer.
  if (last.kind === "client_disconnected") return { kind: "relay" };
  switch (last.outcome.kind) {
    case "auth_rejected":
      return next();
    case "rate_limited":
      return afterRateLimit(last.outcome, attempts, next());
    case "overloaded": {
      const step = next();
      return step.kind === "send" && countOf(attempts, isOverload) < ELSEWHERE_ATTEMPTS
        ? step
        : { kind: "relay" };
    }
    case "client_error": {
      const key = last.outcome.code === FOREIGN_ENCRYPTION ? pool.previousKey(choice, nowMs) : undefined;
      return key ? { kind: "send", key, choice } : { kind: "relay" };
    }
    case "origin_failed":
      // A 401 would make a client with a login of its own spend its refresh token.
      return last.status === 401 ? { kind: "refuse", refusal: refusedAlike(last.status) } : { kind: "relay" };
    case "ok":
    case "client_gone":
      return { kind: "relay" };
  }
}

// Whatever the upstream says to the user's own login is for the user.
function afterOwnLogin(last: Attempt<unknown>, { upstreamOrigin }: StepContext): Step {
  if (last.kind !== "failed") return { kind: "relay" };
  return { kind: "refuse", refusal: noAnswer(last.failure, upstreamOrigin) };
}

function withNextKey(pool: PoolView, context: StepContext, choice: ChoiceRequest, nowMs: number): Step {
  const key = pool.candidate(choice, nowMs);
  if (key) return { kind: "send", key, choice };
  const freeMs = pool.nextAvailableMs(choice, nowMs);
  if (freeMs !== undefined && freeMs <= context.holdUntilMs) return { kind: "wait", untilMs: freeMs };
  const exhaustion = {
    reports: pool.describe(nowMs),
    model: context.model,
    authDir: context.authDir,
    isCodex: context.isCodex,
  };
  return { kind: "refuse", refusal: poolExhausted(exhaustion, nowMs) };
}

function afterRateLimit(
  limit: Outcome & { kind: "rate_limited" },
  attempts: Attempts,
  next: Step,
): Step {
  if (isQuotaCode(limit.code) || countOf(attempts, isBurst) < ELSEWHERE_ATTEMPTS) return next;
  // With no further key it is the pool that is exhausted, and that answer says more.
  return next.kind === "send" ? { kind: "refuse", refusal: briefLimit(limit.code) } : next;
}

// A connection that could not be established is tried once more, with the same key: it was not the key's fault.
function afterFailure(
  { key, failure }: Attempt<unknown> & { kind: "failed" },
  attempts: Attempts,
  { upstreamOrigin }: StepContext,
  choice: ChoiceRequest,
): Step {
  const isFirst = attempts.filter(({ kind }) => kind === "failed").length === 1;
  if (key && failure.isUnsent && isFirst && !failure.isTimeout) return { kind: "send", key, choice };
  return { kind: "refuse", refusal: noAnswer(failure, upstreamOrigin) };
}

function choiceFor({ session, model }: StepContext, attempts: Attempts): ChoiceRequest {
  const tried = new Set(attempts.flatMap(({ key }) => key ? [key.file] : []));
  return { tried, session, model };
}

function countOf(attempts: Attempts, isSuch: (outcome: Outcome) => boolean): number {
  return attempts.filter(({ outcome }) => isSuch(outcome)).length;
}

function isBurst(outcome: Outcome): boolean {
  return outcome.kind === "rate_limited" && !isQuotaCode(outcome.code);
}

function isOverload({ kind }: Outcome): boolean {
  return kind === "overloaded";
}
