/**
 * What to do next with a client's request: the whole policy of attempts in one pure function.
 * @module
 */

import { isQuotaCode, type Outcome } from "../auth/outcome.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { ChoiceRequest } from "../auth/choice.ts";
import type { KeyReport } from "../auth/key_report.ts";
import { FOREIGN_ENCRYPTION } from "../upstream/classify.ts";
import { briefLimit, noAnswer, poolExhausted, type Refusal, refusedAlike } from "./refusal.ts";

/** What a step needs to see of the pool; looking changes nothing. */
export interface PoolView {
  candidate(wish: ChoiceRequest, nowMs: number): AuthRecord | undefined;
  previousKey(wish: ChoiceRequest, nowMs: number): AuthRecord | undefined;
  nextAvailableMs(wish: ChoiceRequest, nowMs: number): number | undefined;
  describe(nowMs: number): readonly KeyReport[];
}

/** How an attempt ended. */
export interface AttemptResult {
  readonly record: AuthRecord;
  /** What it comes to in the light of the whole pool. */
  readonly outcome: Outcome;
  /** Null when the upstream gave none. */
  readonly status: number | null;
  /** Absent when the upstream answered. */
  readonly failure?: {
    /** No byte of the request had left: it may be sent again. */
    readonly isUnsent: boolean;
    readonly isTimeout: boolean;
    readonly reason: string;
  };
}

export interface StepContext {
  readonly session?: string;
  readonly model?: string;
  readonly isCodex: boolean;
  readonly authDir: string;
  readonly upstreamOrigin: string;
  /** The request waits for a key until then at the latest, epoch milliseconds. */
  readonly holdUntilMs: number;
}

export type Step =
  | { readonly kind: "send"; readonly record: AuthRecord; readonly wish: ChoiceRequest }
  | { readonly kind: "wait"; readonly untilMs: number }
  /** Pass on the answer of the last attempt. */
  | { readonly kind: "relay" }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

// A burst or an overload may be the upstream's: one other key is tried, the pool is not walked.
const ELSEWHERE_ATTEMPTS = 2;

export function nextStep(
  pool: PoolView,
  context: StepContext,
  attempts: readonly AttemptResult[],
  nowMs: number,
): Step {
  const wish = wishOf(context, attempts);
  const last = attempts.at(-1);
  if (!last) return withNextKey(pool, context, wish, nowMs);
  if (last.failure) return afterFailure(last, attempts, context, wish);
  const next = () => withNextKey(pool, context, wish, nowMs);
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
      const record = last.outcome.code === FOREIGN_ENCRYPTION ? pool.previousKey(wish, nowMs) : undefined;
      return record ? { kind: "send", record, wish } : { kind: "relay" };
    }
    case "origin_failed":
      // A 401 would make a client with a login of its own spend its refresh token.
      return last.status === 401 ? { kind: "refuse", refusal: refusedAlike(last.status) } : { kind: "relay" };
    case "ok":
    case "client_gone":
      return { kind: "relay" };
  }
}

function withNextKey(pool: PoolView, context: StepContext, wish: ChoiceRequest, nowMs: number): Step {
  const record = pool.candidate(wish, nowMs);
  if (record) return { kind: "send", record, wish };
  const freeMs = pool.nextAvailableMs(wish, nowMs);
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
  attempts: readonly AttemptResult[],
  next: Step,
): Step {
  if (isQuotaCode(limit.code) || countOf(attempts, isBurst) < ELSEWHERE_ATTEMPTS) return next;
  // With no further key it is the pool that is exhausted, and that answer says more.
  return next.kind === "send" ? { kind: "refuse", refusal: briefLimit(limit.code) } : next;
}

// A connection that did not come about is tried once more, with the same key: it was not the key's fault.
function afterFailure(
  { record, failure }: AttemptResult,
  attempts: readonly AttemptResult[],
  context: StepContext,
  wish: ChoiceRequest,
): Step {
  const { isUnsent, isTimeout, reason } = failure!;
  const isFirst = attempts.filter((attempt) => attempt.failure).length === 1;
  if (isUnsent && isFirst && !isTimeout) return { kind: "send", record, wish };
  return { kind: "refuse", refusal: noAnswer({ isTimeout, reason, origin: context.upstreamOrigin }) };
}

function wishOf({ session, model }: StepContext, attempts: readonly AttemptResult[]): ChoiceRequest {
  const tried = new Set(attempts.map(({ record }) => record.file));
  return { tried, session, model };
}

function countOf(attempts: readonly AttemptResult[], isSuch: (outcome: Outcome) => boolean): number {
  return attempts.filter(({ outcome }) => isSuch(outcome)).length;
}

function isBurst(outcome: Outcome): boolean {
  return outcome.kind === "rate_limited" && !isQuotaCode(outcome.code);
}

function isOverload({ kind }: Outcome): boolean {
  return kind === "overloaded";
}
