/**
 * How a key fares. Pure: states end by comparison with `nowMs`, and what an outcome does to a key is read off
 * `healthAfter`. A verdict counts only when its attempt began after the key's last strike: of many requests that
 * were under way when a key fell, the first one judges and the others say nothing new.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import { type Evidence, isQuotaCode, type Outcome } from "./outcome.ts";

export type KeyState =
  | { readonly kind: "ok" }
  | { readonly kind: "cooldown"; readonly untilMs: number; readonly cause: string }
  | { readonly kind: "blacklist"; readonly untilMs: number; readonly cause: string }
  /** Back after an ejection, on trial. `successes` in a row so far. */
  | { readonly kind: "probation"; readonly successes: number; readonly cause: string };

/** A limit that holds for one model only. */
export interface ModelLimit {
  readonly model: string;
  readonly untilMs: number;
  readonly cause: string;
}

export interface KeyHealth {
  readonly state: KeyState;
  /** 429s in a row. */
  readonly strikes: number;
  /** Ejections since the key was last fully restored. */
  readonly hardFailures: number;
  /** When the last 401, 403 or 429 was received; 0 when there was none. Epoch milliseconds. */
  readonly lastStrikeMs: number;
  /** A trial of a key that is not stable begins at this time at the earliest. Epoch milliseconds. */
  readonly nextTrialMs: number;
  /** At most one a model; the key is good for all others. */
  readonly modelLimits: readonly ModelLimit[];
  /** What the last strike rests on. */
  readonly evidence: Evidence | undefined;
}

export const HEALTHY: KeyHealth = {
  state: { kind: "ok" },
  strikes: 0,
  hardFailures: 0,
  lastStrikeMs: 0,
  nextTrialMs: 0,
  modelLimits: [],
  evidence: undefined,
};

/** One attempt's verdict, with when it began and ended. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly startedMs: number;
  readonly nowMs: number;
  readonly status: number | null;
  readonly requestId: string;
  /** The model that was asked for, where the request told it. */
  readonly model: string | undefined;
}

/** The health as it is at `nowMs`: a cooldown that is over is gone, an ejection that is over became probation. */
export function healthAt(before: KeyHealth, nowMs: number): KeyHealth {
  const health = withoutPastLimits(before, nowMs);
  const { state } = health;
  if (state.kind === "cooldown" && state.untilMs <= nowMs) {
    return { ...health, state: { kind: "ok" }, nextTrialMs: Math.min(health.nextTrialMs, state.untilMs) };
  }
  if (state.kind === "blacklist" && state.untilMs <= nowMs) {
    return { ...health, state: { kind: "probation", successes: 0, cause: state.cause } };
  }
  return health;
}

export function healthAfter(before: KeyHealth, verdict: Verdict, policy: Policy): KeyHealth {
  const health = healthAt(before, verdict.nowMs);
  const isNews = verdict.startedMs >= health.lastStrikeMs;
  switch (verdict.outcome.kind) {
    case "ok":
      return isNews ? afterSuccess(health, verdict, policy) : health;
    case "auth_rejected":
      return isNews && health.state.kind !== "blacklist"
        ? ejected(struck(health, verdict, verdict.outcome.code), verdict.outcome.code, verdict.nowMs, policy)
        : health;
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

/** The health once another key has served a model that this one was refused: the key is out for this model, and tried again after some hours. */
export function withoutModel(
  health: KeyHealth,
  { model, cause }: Omit<ModelLimit, "untilMs">,
  nowMs: number,
): KeyHealth {
  const limit = { model, cause, untilMs: nowMs + MODEL_RECHECK_MS };
  return { ...health, modelLimits: [...without(health.modelLimits, model), limit] };
}

function afterSuccess(health: KeyHealth, verdict: Verdict, policy: Policy): KeyHealth {
  const { state } = health;
  const modelLimits = without(health.modelLimits, verdict.model);
  switch (state.kind) {
    case "ok":
      return health.strikes === 0 && modelLimits === health.modelLimits
        ? health
        : { ...HEALTHY, modelLimits };
    case "cooldown":
      return { ...HEALTHY, modelLimits: narrowed(health, state, verdict) ?? modelLimits };
    case "probation": {
      const successes = state.successes + 1;
      if (successes >= policy.trialSuccesses) return { ...HEALTHY, modelLimits };
      return { ...health, modelLimits, state: { ...state, successes } };
    }
    case "blacklist":
      // Nothing is sent with an ejected key, so this began before the ejection and comes late.
      return health;
  }
}

// The limit was taken for one of the key, and the key answers for another model: so it was one of the model.
function narrowed(
  health: KeyHealth,
  { untilMs, cause }: Omit<ModelLimit, "model">,
  { model }: Verdict,
): readonly ModelLimit[] | undefined {
  const limited = health.evidence?.model;
  if (limited === undefined || model === undefined || model === limited) return undefined;
  const others = without(without(health.modelLimits, model), limited);
  return [...others, { model: limited, untilMs, cause }];
}

type RateLimit = Outcome & { kind: "rate_limited" };

function afterModelLimit(health: KeyHealth, verdict: Verdict, limit: RateLimit, policy: Policy): KeyHealth {
  const untilMs = limit.untilMs ?? verdict.nowMs + policy.cooldownBaseMs;
  const model = verdict.model!;
  return {
    ...health,
    modelLimits: [...without(health.modelLimits, model), { model, untilMs, cause: limit.code }],
  };
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
  // A burst's key may be tried before its cooldown ends. Refused once more, it is where it was: that is no further strike.
  const standing = state.kind === "cooldown" ? state : undefined;
  const strikes = isNews && !standing ? health.strikes + 1 : Math.max(1, health.strikes);
  const next = isNews ? { ...struck(health, verdict, limit.code), strikes } : { ...health, strikes };
  if (limit.untilMs === undefined && strikes >= policy.strikesToEject) {
    return ejected(next, "rate_limited_persistent", verdict.nowMs, policy);
  }
  const backOffMs = doubled(policy.cooldownBaseMs, strikes, policy.cooldownMaxMs);
  const untilMs = limit.untilMs ?? standing?.untilMs ?? verdict.nowMs + backOffMs;
  // A late report of the same storm may know a later reset, but never shortens the wait.
  if (!isNews && standing && standing.untilMs >= untilMs) return next;
  return { ...next, state: { kind: "cooldown", untilMs, cause: limit.code } };
}

function struck(health: KeyHealth, verdict: Verdict, code: string): KeyHealth {
  const { status, requestId, nowMs, model } = verdict;
  const evidence = { status, code, requestId, atMs: nowMs, ...(model === undefined ? {} : { model }) };
  return { ...health, lastStrikeMs: nowMs, evidence };
}

function ejected(health: KeyHealth, cause: string, nowMs: number, policy: Policy): KeyHealth {
  const hardFailures = health.hardFailures + 1;
  const untilMs = nowMs + doubled(policy.ejectionBaseMs, hardFailures, policy.ejectionMaxMs);
  return {
    ...health,
    strikes: 0,
    hardFailures,
    nextTrialMs: untilMs,
    state: { kind: "blacklist", untilMs, cause },
  };
}

/** `baseMs` for the first time, doubled for each further one, at most `maxMs`. */
function doubled(baseMs: number, times: number, maxMs: number): number {
  return Math.min(maxMs, baseMs * 2 ** (times - 1));
}

function withoutPastLimits(health: KeyHealth, nowMs: number): KeyHealth {
  const standing = health.modelLimits.filter(({ untilMs }) => untilMs > nowMs);
  return standing.length === health.modelLimits.length ? health : { ...health, modelLimits: standing };
}

// The very same list when there is nothing to take out, so that an unchanged health stays the same object.
function without(limits: readonly ModelLimit[], model: string | undefined): readonly ModelLimit[] {
  return limits.some((limit) => limit.model === model)
    ? limits.filter((limit) => limit.model !== model)
    : limits;
}

/** No strikes, no ejection behind it, not on trial: such keys carry the traffic. Expects a health made current by {@link healthAt}. */
export function isStable(health: KeyHealth): boolean {
  return health.state.kind === "ok" && health.strikes === 0;
}

/** Whether no penalty, no strike and no limit of a model stands against the key. */
export function isUnburdened(health: KeyHealth): boolean {
  return isStable(health) && health.modelLimits.length === 0;
}

/**
 * When the key can be given a foreground request for `model`, epoch milliseconds; a time that has passed means now.
 * Expects a health made current by {@link healthAt}.
 */
export function readyAtMs(health: KeyHealth, model?: string): number {
  const limitedUntilMs = health.modelLimits.find((limit) => limit.model === model)?.untilMs ?? 0;
  switch (health.state.kind) {
    case "ok":
      return limitedUntilMs;
    case "cooldown":
      return Math.max(health.state.untilMs, limitedUntilMs);
    case "blacklist":
    case "probation":
      return Math.max(health.nextTrialMs, limitedUntilMs);
  }
}

// A reset time is a hint: quota often comes back sooner. Asking costs nothing, but is worth it only for long waits.
const REASK_INTERVAL_MS = 60_000;

/**
 * When the key is to be tried in the background, epoch milliseconds; `undefined` for a key that needs no trial. A key
 * that waits for its quota is asked again from half of its time on. Expects a health made current by {@link healthAt}.
 */
export function trialAtMs(health: KeyHealth): number | undefined {
  const { state, lastStrikeMs, nextTrialMs } = health;
  switch (state.kind) {
    case "ok":
      return health.strikes === 0 ? undefined : nextTrialMs;
    case "probation":
      return nextTrialMs;
    case "blacklist":
      return undefined;
    case "cooldown": {
      const halfMs = (state.untilMs - lastStrikeMs) / 2;
      if (!isQuotaCode(state.cause) || halfMs < REASK_INTERVAL_MS) return undefined;
      return Math.max(nextTrialMs, lastStrikeMs + halfMs);
    }
  }
}

/** Reserves a trial: the next one may begin an interval from now. Stable keys need no trial. */
export function afterTrialBegan(health: KeyHealth, nowMs: number, policy: Policy): KeyHealth {
  if (isStable(health)) return health;
  return { ...health, nextTrialMs: nowMs + trialIntervalMs(health, policy) };
}

function trialIntervalMs({ state }: KeyHealth, policy: Policy): number {
  if (state.kind !== "cooldown") return policy.trialIntervalMs;
  return isQuotaCode(state.cause) ? REASK_INTERVAL_MS : BURST_RETRY_MS;
}

/** After this time a key that met a burst may be tried again: figures of other proxies say that most serve by then. */
export const BURST_RETRY_MS = 5000;

/** When a key in a burst's cooldown may be tried early, epoch milliseconds; `undefined` for other keys. Expects a current health. */
export function burstTrialAtMs({ state, lastStrikeMs, nextTrialMs }: KeyHealth): number | undefined {
  if (state.kind !== "cooldown" || isQuotaCode(state.cause)) return undefined;
  return Math.max(lastStrikeMs + BURST_RETRY_MS, nextTrialMs);
}
