// How a key fares. Pure: states end by comparison with `nowMs`, and what an outcome does to a key is read off
// `healthAfter`. A verdict counts only when its attempt began after the key's last strike: of many requests that
// were under way when a key fell, the first one judges and the others say nothing new.

import type { Evidence, Outcome } from "./outcome.ts";

export type KeyState =
  | { readonly kind: "ok" }
  | { readonly kind: "cooldown"; readonly untilMs: number; readonly cause: string }
  | { readonly kind: "blacklist"; readonly untilMs: number; readonly cause: string }
  /** Back after an ejection, on trial. `successes` in a row so far. */
  | { readonly kind: "probation"; readonly successes: number; readonly cause: string };

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
  /** What the last strike rests on. */
  readonly evidence?: Evidence;
}

/** The numbers of the rotation policy. Times in milliseconds. */
export interface Policy {
  readonly cooldownBaseMs: number;
  readonly cooldownMaxMs: number;
  readonly ejectionBaseMs: number;
  readonly ejectionMaxMs: number;
  /** So many 429s in a row without a named time eject a key. */
  readonly strikesToEject: number;
  readonly trialIntervalMs: number;
  /** So many successes in a row end a probation. */
  readonly trialSuccesses: number;
}

export const HEALTHY: KeyHealth = {
  state: { kind: "ok" },
  strikes: 0,
  hardFailures: 0,
  lastStrikeMs: 0,
  nextTrialMs: 0,
};

/** One attempt's verdict, with when it began and ended. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly startedMs: number;
  readonly nowMs: number;
  readonly status: number | null;
  readonly requestId: string;
}

/** The health as it is at `nowMs`: a cooldown that is over is gone, an ejection that is over became probation. */
export function settled(health: KeyHealth, nowMs: number): KeyHealth {
  const { state } = health;
  if (state.kind === "cooldown" && state.untilMs <= nowMs) return { ...health, state: { kind: "ok" } };
  if (state.kind === "blacklist" && state.untilMs <= nowMs) {
    return { ...health, state: { kind: "probation", successes: 0, cause: state.cause } };
  }
  return health;
}

export function healthAfter(before: KeyHealth, verdict: Verdict, policy: Policy): KeyHealth {
  const health = settled(before, verdict.nowMs);
  const isNews = verdict.startedMs >= health.lastStrikeMs;
  switch (verdict.outcome.kind) {
    case "ok":
      return isNews ? afterSuccess(health, policy) : health;
    case "auth_rejected":
      return isNews && health.state.kind !== "blacklist"
        ? ejected(struck(health, verdict, verdict.outcome.code), verdict.outcome.code, verdict.nowMs, policy)
        : health;
    case "rate_limited":
      return afterRateLimit(health, verdict, verdict.outcome, policy, isNews);
    case "origin_failed":
    case "client_error":
    case "client_gone":
      return health;
  }
}

function afterSuccess(health: KeyHealth, policy: Policy): KeyHealth {
  const { state } = health;
  switch (state.kind) {
    case "ok":
    case "cooldown":
      return health.strikes === 0 && state.kind === "ok" ? health : HEALTHY;
    case "probation": {
      const successes = state.successes + 1;
      return successes >= policy.trialSuccesses ? HEALTHY : { ...health, state: { ...state, successes } };
    }
    case "blacklist":
      // Nothing is sent with an ejected key, so this began before the ejection and comes late.
      return health;
  }
}

function afterRateLimit(
  health: KeyHealth,
  verdict: Verdict,
  limit: Outcome & { kind: "rate_limited" },
  policy: Policy,
  isNews: boolean,
): KeyHealth {
  const { state } = health;
  if (state.kind === "blacklist") return health;
  const strikes = isNews ? health.strikes + 1 : Math.max(1, health.strikes);
  const next = isNews ? { ...struck(health, verdict, limit.code), strikes } : { ...health, strikes };
  if (limit.untilMs === undefined && strikes >= policy.strikesToEject) {
    return ejected(next, "rate_limited_persistent", verdict.nowMs, policy);
  }
  const backOffMs = doubled(policy.cooldownBaseMs, strikes, policy.cooldownMaxMs);
  const untilMs = limit.untilMs ?? verdict.nowMs + backOffMs;
  // A late report of the same storm may know a later reset, but never shortens the wait.
  const standingMs = !isNews && state.kind === "cooldown" ? state.untilMs : 0;
  if (standingMs >= untilMs) return next;
  return { ...next, state: { kind: "cooldown", untilMs, cause: limit.code } };
}

function struck(health: KeyHealth, verdict: Verdict, code: string): KeyHealth {
  const { status, requestId, nowMs } = verdict;
  return { ...health, lastStrikeMs: nowMs, evidence: { status, code, requestId, atMs: nowMs } };
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

/** No strikes, no ejection behind it, not on trial: such keys carry the traffic. Expects a settled health. */
export function isStable(health: KeyHealth): boolean {
  return health.state.kind === "ok" && health.strikes === 0;
}

/**
 * When the key can be given a foreground request, epoch milliseconds; a time that has passed means now.
 * Expects a settled health.
 */
export function freeAtMs(health: KeyHealth): number {
  switch (health.state.kind) {
    case "ok":
      return 0;
    case "cooldown":
      return health.state.untilMs;
    case "blacklist":
    case "probation":
      return health.nextTrialMs;
  }
}

/** Reserves a trial: the next one may begin an interval from now. Stable keys need no trial. */
export function afterTrialBegan(health: KeyHealth, nowMs: number, policy: Policy): KeyHealth {
  return isStable(health) ? health : { ...health, nextTrialMs: nowMs + policy.trialIntervalMs };
}
