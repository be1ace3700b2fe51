/**
 * What to do next with a client's request: the whole policy of attempts in one pure function.
 * @module
 */

import { BURST_RETRY_MS } from "../auth/trials.ts";
import { isBurst, isQuotaCode, type Outcome } from "../auth/outcome.ts";
import type { AuthRecord } from "../auth/record.ts";
import {
  type ChoiceRequest,
  isInService,
  type Picked,
  type PickedRequest,
  type PickReason,
} from "../auth/choice.ts";
import type { Named } from "../auth/key_names.ts";
import type { KeyReport } from "../auth/key_report.ts";
import type { ModelRefusal } from "../auth/pool_entry.ts";
import type { WallTime } from "../auth/wall_time.ts";
import type { Attempt } from "../upstream/attempt_end.ts";
import { poolExhausted } from "./exhaustion.ts";
import { choiceFor, type ChoiceView, refusedKeys } from "./request_choice.ts";
import {
  briefLimit,
  noAnswer,
  type Refusal,
  refusedAlike,
  requestRefused,
  tooManyAttempts,
  unknownKey,
} from "./refusal.ts";

/** What a step looks at in the pool; looking changes nothing. */
export interface PoolView {
  /** The key that the request would get now, and why; `undefined` when none is usable. */
  pick(request: ChoiceRequest, nowMs: number): Picked<AuthRecord> | undefined;
  /** The key that served the session last, or the one before it, if this request may use it. */
  previousKey(request: ChoiceRequest, nowMs: number): AuthRecord | undefined;
  /** The file of the key whose account made what these ids name, given as hashes; `undefined` when none is known. */
  ownerOf(ids: readonly string[], nowMs: number): string | undefined;
  /** The key that a name means. */
  called(name: string): Named<AuthRecord>;
  /** When the first untried key is available, epoch milliseconds; `undefined` when all were tried. */
  nextAvailableMs(request: ChoiceRequest, nowMs: number): number | undefined;
  /** The keys whose token is being renewed. */
  readonly renewals: ChoiceView["renewals"];
  /** All keys, as they are now. */
  describe(nowMs: number): readonly KeyReport[];
  /** The same, with the times that the wall clock shows. */
  readonly wall: Pick<WallTime, "describe" | "aheadMs">;
}

/** What a step looks at in a client's request. */
export interface StepContext {
  /** The client's own login goes through, and no key is used. */
  readonly isOwnLogin: boolean;
  /** What the client calls the one key that it wants; `undefined` when any will do. */
  readonly pinned: string | undefined;
  /** Keys with an upstream of their own cannot serve it. */
  readonly mainOnly: boolean;
  /** The files of keys that cannot serve it, however they fare. */
  readonly withoutKeys: ReadonlySet<string>;
  /** The session that stays on its key, as a hash; `undefined` for requests that take turns. */
  readonly session: string | undefined;
  /** The hashes of the ids that it names of what lives at one account. */
  readonly stateIds: readonly string[];
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
  /** The maximum number of attempts for one request. */
  readonly maxAttempts: number;
}

/** What to do next. */
export type Step =
  /** Send with this key, which is the choice for this request. */
  | { readonly kind: "send"; readonly key: AuthRecord; readonly choice: PickedRequest }
  /** Send with the client's own login. */
  | { readonly kind: "pass_through" }
  /**
   * Wait until this time, epoch milliseconds, or until a key changes. `renewals`: the files of keys whose renewal would end
   * the wait.
   */
  | { readonly kind: "wait"; readonly untilMs: number; readonly renewals: readonly string[] }
  /** Hand on the answer of the last attempt. */
  | { readonly kind: "relay" }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** The attempts so far, oldest first; their answers do not matter. */
export type Attempts = readonly Attempt<unknown>[];

// A burst or an overload may be the upstream's: one other key is tried, the pool is not walked.
const ELSEWHERE_ATTEMPTS = 2;

/** The next step for a request after these attempts; it looks at their keys and verdicts, not at their answers. */
export function nextStep(pool: PoolView, context: StepContext, attempts: Attempts, nowMs: number): Step {
  const last = attempts.at(-1);
  if (context.isOwnLogin) return last ? afterOwnLogin(attempts, context) : { kind: "pass_through" };
  // Almost every request: nothing has to be looked up any more.
  if (last?.kind === "answered" && last.outcome.kind === "ok") return { kind: "relay" };
  const pinned = context.pinned === undefined ? undefined : pool.called(context.pinned);
  if (pinned && pinned.kind !== "one") {
    return { kind: "refuse", refusal: unknownKey(pinned.problem, context.isCodex) };
  }
  const choice = choiceFor(pool, context, attempts, { pinned: pinned?.key.file, nowMs });
  if (!last) return withNextKey(pool, context, { choice, attempts }, nowMs);
  // Nobody is there to get an answer.
  if (last.kind === "client_disconnected") return { kind: "relay" };
  const step = last.kind === "failed"
    ? afterFailure(pool, context, { last, attempts, choice }, nowMs)
    : afterAnswer(pool, context, { last, attempts, choice }, nowMs);
  return step.kind === "send" && attempts.length >= context.maxAttempts
    ? atAttemptLimit(last, attempts)
    : step;
}

/** The keys that lack the model of the request for certain: they were refused it, and the last attempt was served. */
export function provenModelRefusals(attempts: Attempts): readonly ModelRefusal[] {
  if (attempts.at(-1)?.outcome.kind !== "ok") return [];
  return attempts.flatMap(({ key, outcome }) =>
    key && outcome.kind === "model_refused" ? [{ file: key.file, code: outcome.code }] : []
  );
}

interface Progress<Kind> {
  readonly last: Attempt<unknown> & { readonly kind: Kind };
  readonly attempts: Attempts;
  readonly choice: ChoiceRequest;
}

function afterAnswer(
  pool: PoolView,
  context: StepContext,
  progress: Progress<"answered">,
  nowMs: number,
): Step {
  const { last, attempts, choice } = progress;
  const next = () => {
    const step = withNextKey(pool, context, { choice, attempts }, nowMs);
    // The keys of an upstream that cannot be reached are not to blame.
    return step.kind === "refuse" ? noAnswerBefore(attempts, context) ?? step : step;
  };
  const sendOrRelay = (step: Step): Step => step.kind === "send" ? step : { kind: "relay" };
  switch (last.outcome.kind) {
    case "auth_rejected":
      return next();
    case "rate_limited":
      return isQuotaCode(last.outcome.code)
        ? next()
        : afterBurst(last.outcome, context, attempts, { next, nowMs });
    case "overloaded":
      return countOf(attempts, isOverload) < ELSEWHERE_ATTEMPTS ? sendOrRelay(next()) : { kind: "relay" };
    case "model_refused":
      return isFree(choice) && mayServe(pool, attempts, nowMs) ? next() : sendOrRelay(next());
    case "other_account": {
      const key = pool.previousKey(choice, nowMs);
      if (key) return send(key, choice, "session");
      // A key that is free in a moment may be the one that knows it.
      const step = next();
      return step.kind === "wait" ? step : sendOrRelay(step);
    }
    case "client_error":
      // A 401 would make a client with a login of its own spend its refresh token.
      return last.status === 401
        ? { kind: "refuse", refusal: requestRefused(last.status, last.outcome.code, context.isCodex) }
        : { kind: "relay" };
    case "origin_failed":
      return last.status === 401 ? { kind: "refuse", refusal: refusedAlike(last.status) } : { kind: "relay" };
    case "ok":
    case "client_gone":
      return { kind: "relay" };
  }
}

function send(key: AuthRecord, choice: ChoiceRequest, picked: PickReason): Step {
  return { kind: "send", key, choice: { ...choice, picked } };
}

// Whatever the upstream says to the user's own login is for the user.
function afterOwnLogin(attempts: Attempts, { upstreamOrigin }: StepContext): Step {
  const last = attempts.at(-1)!;
  if (last.kind !== "failed") return { kind: "relay" };
  if (isLost(last) && attempts.length === 1) return { kind: "pass_through" };
  return { kind: "refuse", refusal: noAnswer(last, upstreamOrigin) };
}

function withNextKey(
  pool: PoolView,
  context: StepContext,
  { choice, attempts }: Omit<Progress<unknown>, "last">,
  nowMs: number,
): Step {
  const next = pool.pick(choice, nowMs);
  if (next) return send(next.key, choice, next.picked);
  const freeMs = pool.nextAvailableMs(choice, nowMs);
  const renewals = pool.renewals.renewing(choice, nowMs);
  if (freeMs !== undefined && freeMs <= context.holdUntilMs) {
    return { kind: "wait", untilMs: freeMs, renewals };
  }
  // A renewal usually takes less than a second.
  if (nowMs < context.holdUntilMs && renewals.length > 0) {
    return { kind: "wait", untilMs: context.holdUntilMs, renewals };
  }
  const { model, authDir, isCodex } = context;
  const { mainOnly } = choice;
  const only = choice.pinned ?? choice.owner;
  const reports = pool.wall.describe(nowMs).filter(({ record }) =>
    only === undefined || record.file === only
  );
  const bound = only === undefined ? undefined : choice.pinned === undefined ? "owner" : "pinned";
  const refused = refusedKeys(attempts);
  const exhaustion = { reports, bound, mainOnly, model, refused, authDir, isCodex } as const;
  return { kind: "refuse", refusal: poolExhausted(exhaustion, nowMs + pool.wall.aheadMs) };
}

// One other key is tried, since a burst may be one key's. If that meets one as well, the pool is not walked: a moment
// later both serve again.
function afterBurst(
  limit: Outcome & { kind: "rate_limited" },
  { holdUntilMs }: StepContext,
  attempts: Attempts,
  { next, nowMs }: { readonly next: () => Step; readonly nowMs: number },
): Step {
  const recent = attempts.filter(({ outcome, atMs }) => isBurst(outcome) && atMs > nowMs - BURST_RETRY_MS);
  if (recent.length < ELSEWHERE_ATTEMPTS) return next();
  const untilMs = recent[0]!.atMs + BURST_RETRY_MS;
  if (untilMs <= holdUntilMs) return { kind: "wait", untilMs, renewals: [] };
  return { kind: "refuse", refusal: briefLimit(limit.code) };
}

// A key that only waits for its quota has not said that it lacks the model.
function mayServe(pool: PoolView, attempts: Attempts, nowMs: number): boolean {
  const refused = new Set(attempts.flatMap(({ key }) => key ? [key.file] : []));
  return attempts.some(({ outcome }) => outcome.kind !== "model_refused") ||
    pool.describe(nowMs).some((report) =>
      isInService(report, nowMs) && !refused.has(report.record.file) &&
      report.health.state.kind === "cooldown"
    );
}

function atAttemptLimit({ kind, outcome }: Attempt<unknown>, attempts: Attempts): Step {
  if (kind === "answered" && RELAYED_AT_LIMIT.has(outcome.kind)) return { kind: "relay" };
  const isBusy = outcome.kind === "rate_limited" && isBurst(outcome);
  return { kind: "refuse", refusal: isBusy ? briefLimit(outcome.code) : tooManyAttempts(attempts.length) };
}

// What the upstream says then is of use to the client; a refusal about a key is not.
const RELAYED_AT_LIMIT: ReadonlySet<Outcome["kind"]> = new Set([
  "model_refused",
  "other_account",
  "overloaded",
]);

/** Whether an attempt lost its connection, and its request may be sent again. */
export function isLost(attempt: Attempt<unknown>): boolean {
  return attempt.kind === "failed" && attempt.failure.isLost;
}

// A connection that could not be established, or was lost, is tried once more, with the same key: it was not the key's
// fault. Then a key with another upstream may serve.
function afterFailure(
  pool: PoolView,
  { upstreamOrigin }: StepContext,
  { last: { key, failure }, attempts, choice }: Progress<"failed">,
  nowMs: number,
): Step {
  const isFirst =
    attempts.filter((attempt) => attempt.kind === "failed" && attempt.key?.upstream === key?.upstream)
      .length === 1;
  const isWorthAnother = failure.isLost || (failure.isUnsent && !failure.isTimeout);
  if (key && isFirst && isWorthAnother) return send(key, choice, "retry");
  const elsewhere = choice.unreachable.has(key?.upstream) ? pool.pick(choice, nowMs) : undefined;
  if (elsewhere) return send(elsewhere.key, choice, "last resort");
  return { kind: "refuse", refusal: noAnswer({ key, failure }, upstreamOrigin) };
}

function noAnswerBefore(attempts: Attempts, { upstreamOrigin }: StepContext): Step | undefined {
  const failed = attempts.findLast((attempt) => attempt.kind === "failed");
  return failed && { kind: "refuse", refusal: noAnswer(failed, upstreamOrigin) };
}

/** Whether any key may serve the request. */
function isFree({ owner, pinned }: ChoiceRequest): boolean {
  return owner === undefined && pinned === undefined;
}

function countOf(attempts: Attempts, isSuch: (outcome: Outcome) => boolean): number {
  return attempts.filter(({ outcome }) => isSuch(outcome)).length;
}

function isOverload({ kind }: Outcome): boolean {
  return kind === "overloaded";
}
