/**
 * The health of a key, and what an outcome does to it. Pure: states end by comparison with `nowMs`. A verdict counts
 * only when its attempt began after the key's last strike: of many attempts that were in progress when a key failed,
 * the first one judges it and the others say nothing new.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import type { Evidence, Outcome } from "./outcome.ts";

/** The state of a key. `untilMs` is in epoch milliseconds; `cause` is the upstream's or our own name for the reason. */
export type KeyState =
  /** It may get requests. */
  | { readonly kind: "ok" }
  /** A rate limit: no requests until then. */
  | { readonly kind: "cooldown"; readonly untilMs: number; readonly cause: string }
  /** Ejected after a rejected token or account: no requests until then, and probation after that. */
  | { readonly kind: "blacklist"; readonly untilMs: number; readonly cause: string }
  /** Back after an ejection, on trial. `successes` counts those in a row. */
  | { readonly kind: "probation"; readonly successes: number; readonly cause: string };

/** A limit that holds for one model only. */
export interface ModelLimit {
  /** The model, as requests name it. */
  readonly model: string;
  /** When the limit ends, epoch milliseconds. */
  readonly untilMs: number;
  /** The upstream's name for the limit. */
  readonly cause: string;
}

/** Everything that decides whether a key may get a request. */
export interface KeyHealth {
  /** The state as of the last change; {@link healthAt} gives the present one. */
  readonly state: KeyState;
  /** Rate limits in a row. */
  readonly strikes: number;
  /** Ejections since the key was last fully restored. */
  readonly hardFailures: number;
  /** When the key was last rejected or rate-limited, epoch milliseconds; 0 for never. */
  readonly lastStrikeMs: number;
  /** A trial of a key that is not stable may not begin before this time. Epoch milliseconds. */
  readonly nextTrialMs: number;
  /** At most one per model; the key can be used for all other models. */
  readonly modelLimits: readonly ModelLimit[];
  /** What the last strike is based on; `undefined` when there is none. */
  readonly evidence: Evidence | undefined;
}

/** The health of a key without a penalty, as a new key has it. */
export const HEALTHY: KeyHealth = {
  state: { kind: "ok" },
  strikes: 0,
  hardFailures: 0,
  lastStrikeMs: 0,
  nextTrialMs: 0,
  modelLimits: [],
  evidence: undefined,
};

/** What one attempt proved, with when it began and ended. */
export interface Verdict {
  /** What the attempt says. */
  readonly outcome: Outcome;
  /** When the attempt began, epoch milliseconds. */
  readonly startedMs: number;
  /** When the outcome was known, epoch milliseconds. */
  readonly nowMs: number;
  /** The upstream's status; `null` when the verdict came from inside a stream, or without an answer. */
  readonly status: number | null;
  /** The id of the client's request, or of a trial. */
  readonly requestId: string;
  /** The model that was asked for; `undefined` when the request did not name one. */
  readonly model: string | undefined;
}

/** The health at `nowMs`: expired limits are removed, and an expired ejection has become probation. */
export function healthAt(before: KeyHealth, nowMs: number): KeyHealth {
  const health = withoutExpiredLimits(before, nowMs);
  const { state } = health;
  if (state.kind === "cooldown" && state.untilMs <= nowMs) {
    return { ...health, state: { kind: "ok" }, nextTrialMs: Math.min(health.nextTrialMs, state.untilMs) };
  }
  if (state.kind === "blacklist" && state.untilMs <= nowMs) {
    return { ...health, state: { kind: "probation", successes: 0, cause: state.cause } };
  }
  return health;
}

/** The health after a verdict, at the verdict's time. The same object when the verdict changes nothing. */
export function healthAfter(before: KeyHealth, verdict: Verdict, policy: Policy): KeyHealth {
  const health = healthAt(before, verdict.nowMs);
  const isNews = verdict.startedMs >= health.lastStrikeMs;
  switch (verdict.outcome.kind) {
    case "ok":
      return isNews ? afterSuccess(health, verdict, policy) : health;
    case "auth_rejected": {
      if (!isNews || health.state.kind === "blacklist") return health;
      const { code } = verdict.outcome;
      return withEjection(withStrike(health, verdict, code), code, verdict.nowMs, policy);
    }
    case "rate_limited":
      return verdict.outcome.scope === "model" && verdict.model !== undefined
        ? afterModelLimit(health, verdict, verdict.outcome, policy)
        : afterRateLimit(health, verdict, verdict.outcome, policy, isNews);
    case "model_refused":
    case "other_account":
    case "origin_failed":
    case "overloaded":
    case "client_error":
    case "client_gone":
      return health;
  }
}

// A plan or a rollout can change within hours.
const MODEL_RECHECK_MS = 4 * 3_600_000;

/**
 * The health once another key has served a model that was refused to this one: this key gets no requests for that model
 * for some hours.
 */
export function withModelRefusal(
  health: KeyHealth,
  { model, cause }: Omit<ModelLimit, "untilMs">,
  nowMs: number,
): KeyHealth {
  return withModelLimit(health, { model, cause, untilMs: nowMs + MODEL_RECHECK_MS });
}

function afterSuccess(health: KeyHealth, verdict: Verdict, policy: Policy): KeyHealth {
  const { state } = health;
  const modelLimits = limitsOfOthers(health.modelLimits, verdict.model);
  switch (state.kind) {
    case "ok":
      return health.strikes === 0 && modelLimits === health.modelLimits
        ? health
        : { ...HEALTHY, modelLimits };
    case "cooldown":
      return { ...HEALTHY, modelLimits: limitsOnceNarrowed(health, state, verdict) ?? modelLimits };
    case "probation": {
      const successes = state.successes + 1;
      if (successes >= policy.trialSuccesses) return { ...HEALTHY, modelLimits };
      return { ...health, modelLimits, state: { ...state, successes } };
    }
    case "blacklist":
      // Nothing is sent with an ejected key, so this attempt began before the ejection.
      return health;
  }
}

// The cooldown was taken for one of the whole key. But the key serves another model, so only that one model is limited.
function limitsOnceNarrowed(
  health: KeyHealth,
  { untilMs, cause }: Omit<ModelLimit, "model">,
  { model }: Verdict,
): readonly ModelLimit[] | undefined {
  const limited = health.evidence?.model;
  if (limited === undefined || model === undefined || model === limited) return undefined;
  const others = limitsOfOthers(limitsOfOthers(health.modelLimits, model), limited);
  return [...others, { model: limited, untilMs, cause }];
}

type RateLimit = Outcome & { kind: "rate_limited" };

function afterModelLimit(health: KeyHealth, verdict: Verdict, limit: RateLimit, policy: Policy): KeyHealth {
  const untilMs = limit.untilMs ?? verdict.nowMs + policy.cooldownBaseMs;
  return withModelLimit(health, { model: verdict.model!, untilMs, cause: limit.code });
}

function afterRateLimit(
  health: KeyHealth,
  verdict: Verdict,
  limit: RateLimit,
  policy: Policy,
  isNews: boolean,
): KeyHealth {
  const { state } = health;
  if (state.kind === "blacklist") return health;
  // After a burst, a key may be tried before its cooldown ends. When it is limited again, that is not a further strike.
  const cooldown = state.kind === "cooldown" ? state : undefined;
  const strikes = isNews && !cooldown ? health.strikes + 1 : Math.max(1, health.strikes);
  const next = isNews ? { ...withStrike(health, verdict, limit.code), strikes } : { ...health, strikes };
  if (limit.untilMs === undefined && strikes >= policy.strikesToEject) {
    return withEjection(next, "rate_limited_persistent", verdict.nowMs, policy);
  }
  const backOffMs = doubledMs(policy.cooldownBaseMs, strikes, policy.cooldownMaxMs);
  const untilMs = limit.untilMs ?? cooldown?.untilMs ?? verdict.nowMs + backOffMs;
  // A late report of the same limit may name a later reset, but never shortens the cooldown.
  if (!isNews && cooldown && cooldown.untilMs >= untilMs) return next;
  return { ...next, state: { kind: "cooldown", untilMs, cause: limit.code } };
}

function withStrike(health: KeyHealth, verdict: Verdict, code: string): KeyHealth {
  const { status, requestId, nowMs, model } = verdict;
  return { ...health, lastStrikeMs: nowMs, evidence: { status, code, requestId, atMs: nowMs, model } };
}

function withEjection(health: KeyHealth, cause: string, nowMs: number, policy: Policy): KeyHealth {
  const hardFailures = health.hardFailures + 1;
  const untilMs = nowMs + doubledMs(policy.ejectionBaseMs, hardFailures, policy.ejectionMaxMs);
  return {
    ...health,
    strikes: 0,
    hardFailures,
    nextTrialMs: untilMs,
    state: { kind: "blacklist", untilMs, cause },
  };
}

/** `baseMs` for a count of 1, doubled for each further one, at most `maxMs`. */
function doubledMs(baseMs: number, count: number, maxMs: number): number {
  return Math.min(maxMs, baseMs * 2 ** (count - 1));
}

function withModelLimit(health: KeyHealth, limit: ModelLimit): KeyHealth {
  return { ...health, modelLimits: [...limitsOfOthers(health.modelLimits, limit.model), limit] };
}

function withoutExpiredLimits(health: KeyHealth, nowMs: number): KeyHealth {
  const isCurrent = ({ untilMs }: ModelLimit) => untilMs > nowMs;
  const { modelLimits } = health;
  return modelLimits.every(isCurrent) ? health : { ...health, modelLimits: modelLimits.filter(isCurrent) };
}

// The very same list when none is about `model`, so that an unchanged health stays the same object.
function limitsOfOthers(limits: readonly ModelLimit[], model: string | undefined): readonly ModelLimit[] {
  return limits.some((limit) => limit.model === model)
    ? limits.filter((limit) => limit.model !== model)
    : limits;
}

/** Whether the key is `ok` without strikes: such keys carry the traffic. Expects a health from {@link healthAt}. */
export function isStable(health: KeyHealth): boolean {
  return health.state.kind === "ok" && health.strikes === 0;
}

/** Whether the key has no penalty, no strike and no model limit. Expects a health from {@link healthAt}. */
export function isUnburdened(health: KeyHealth): boolean {
  return isStable(health) && health.modelLimits.length === 0;
}
