// What to do next with a client's request: the whole policy of attempts in one pure function.

import type { Outcome } from "../auth/outcome.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { ChoiceWish, KeyReport } from "../auth/rotation.ts";
import { noAnswer, poolExhausted, type Refusal } from "./refusal.ts";

/** What a step needs to see of the pool; looking changes nothing. */
export interface PoolView {
  candidate(wish: ChoiceWish, nowMs: number): AuthRecord | undefined;
  nextFreeMs(tried: ReadonlySet<string>, nowMs: number): number | undefined;
  describe(nowMs: number): readonly KeyReport[];
}

/** How an attempt ended. */
export interface AttemptResult {
  readonly record: AuthRecord;
  readonly outcome: Outcome;
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
  readonly isCodex: boolean;
  readonly authDir: string;
  readonly upstreamOrigin: string;
  /** The request waits for a key until then at the latest, epoch milliseconds. */
  readonly holdUntilMs: number;
}

export type Step =
  | { readonly kind: "send"; readonly record: AuthRecord; readonly wish: ChoiceWish }
  | { readonly kind: "wait"; readonly untilMs: number }
  /** Pass on the answer of the last attempt. */
  | { readonly kind: "relay" }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

export function nextStep(
  pool: PoolView,
  context: StepContext,
  attempts: readonly AttemptResult[],
  nowMs: number,
): Step {
  const wish = wishOf(context, attempts);
  const last = attempts.at(-1);
  if (last?.failure) return afterFailure(last, attempts, context, wish);
  if (last && !isKeysFault(last.outcome)) return { kind: "relay" };
  const record = pool.candidate(wish, nowMs);
  if (record) return { kind: "send", record, wish };
  const freeMs = pool.nextFreeMs(wish.tried, nowMs);
  if (freeMs !== undefined && freeMs <= context.holdUntilMs) return { kind: "wait", untilMs: freeMs };
  const exhaustion = { reports: pool.describe(nowMs), authDir: context.authDir, isCodex: context.isCodex };
  return { kind: "refuse", refusal: poolExhausted(exhaustion, nowMs) };
}

/** Such an outcome sends the request on to the next key. */
export function isKeysFault(outcome: Outcome): boolean {
  return outcome.kind === "auth_rejected" || outcome.kind === "rate_limited";
}

// A connection that did not come about is tried once more, with the same key: it was not the key's fault.
function afterFailure(
  { record, failure }: AttemptResult,
  attempts: readonly AttemptResult[],
  context: StepContext,
  wish: ChoiceWish,
): Step {
  const { isUnsent, isTimeout, reason } = failure!;
  const isFirst = attempts.filter((attempt) => attempt.failure).length === 1;
  if (isUnsent && isFirst && !isTimeout) return { kind: "send", record, wish };
  return { kind: "refuse", refusal: noAnswer({ isTimeout, reason, origin: context.upstreamOrigin }) };
}

function wishOf({ session }: StepContext, attempts: readonly AttemptResult[]): ChoiceWish {
  const tried = new Set(attempts.map(({ record }) => record.file));
  return session === undefined ? { tried } : { tried, session };
}
