/**
 * When a key that is not yet proven, or that waits for its quota, may be tried. Requests try keys in passing; the
 * prober tries them in the background. All functions expect a health made current by `healthAt()` (key_state.ts), and give times
 * in epoch milliseconds.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import { isStable, type KeyHealth } from "./key_state.ts";
import { isQuotaCode } from "./outcome.ts";

/** When the key may get a request for `model`, as far as its penalties allow; a time in the past means now. */
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

// A reset time is a hint: quota often comes back sooner. Asking is free, but only worth it when the wait is long.
const QUOTA_TRIAL_INTERVAL_MS = 60_000;

/**
 * When the key is due for a trial in the background; `undefined` for a key that needs none. A key that waits for its
 * quota is asked after half of its wait, and then every minute.
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
      if (!isQuotaCode(state.cause) || halfMs < QUOTA_TRIAL_INTERVAL_MS) return undefined;
      return Math.max(nextTrialMs, lastStrikeMs + halfMs);
    }
  }
}

/** How long after a burst a key may be tried again. In production, other proxies found that most keys serve by then. */
export const BURST_RETRY_MS = 5000;

/** When a key may be tried before its cooldown after a burst ends; `undefined` for other keys. */
export function burstTrialAtMs({ state, lastStrikeMs, nextTrialMs }: KeyHealth): number | undefined {
  if (state.kind !== "cooldown" || isQuotaCode(state.cause)) return undefined;
  return Math.max(lastStrikeMs + BURST_RETRY_MS, nextTrialMs);
}

/**
 * The health once a trial has begun at `nowMs`: the next one has to wait for an interval, which depends on what the key
 * waits for. A stable key needs no trial and stays as it is.
 */
export function withTrialReserved(health: KeyHealth, nowMs: number, policy: Policy): KeyHealth {
  if (isStable(health)) return health;
  return { ...health, nextTrialMs: nowMs + trialIntervalMs(health, policy) };
}

function trialIntervalMs({ state }: KeyHealth, policy: Policy): number {
  if (state.kind !== "cooldown") return policy.trialIntervalMs;
  return isQuotaCode(state.cause) ? QUOTA_TRIAL_INTERVAL_MS : BURST_RETRY_MS;
}
