/**
 * The keys as `/health` shows them. What the page holds is declared in src/api/health.ts; nothing here shows a token.
 * @module
 */

import { creditsView } from "../api/credits.ts";
import type { Account } from "../api/health.ts";
import { servesOnCredits } from "../auth/credits.ts";
import type { KeyReport } from "../auth/key_report.ts";
import type { WindowReading } from "../auth/limits.ts";
import { isExpired } from "../auth/record.ts";
import type { KeyPool } from "../auth/rotation.ts";
import { trialAtMs } from "../auth/trials.ts";
import type { Policy } from "../config/policy.ts";
import { isoOf } from "../values/iso_time.ts";

const STATUS_NAMES = {
  ok: "OK",
  probation: "PROBATION",
  cooldown: "COOLDOWN",
  blacklist: "BLACKLIST",
} as const;

/** All keys as `/health` shows them, at this time of the wall clock. */
export function accountsNow(
  { pool, policy, nowMs }: {
    readonly pool: KeyPool;
    readonly policy: Policy;
    readonly nowMs: number;
  },
): {
  readonly reports: readonly KeyReport[];
  readonly wallMs: number;
  readonly accounts: readonly Account[];
} {
  const reports = pool.wall.describe(nowMs);
  const wallMs = nowMs + pool.wall.aheadMs;
  return { reports, wallMs, accounts: reports.map((report) => accountView(report, policy, wallMs)) };
}

/** One key as `/health` shows it. Durations are rounded up to whole seconds. */
export function accountView(report: KeyReport, policy: Policy, nowMs: number): Account {
  const { record, health, standing, used, errors, lastUsedMs } = report;
  const { state, evidence } = health;
  const untilMs = "untilMs" in state ? state.untilMs : undefined;
  // A penalty during which nothing is tried is followed by a trial.
  const nextTrialMs = standing === state.kind ? trialAtMs(health) ?? untilMs : undefined;
  const seconds = untilMs === undefined ? 0 : Math.ceil((untilMs - nowMs) / 1000);
  return {
    file: record.file,
    email: record.email ?? null,
    alias: record.alias ?? null,
    priority: record.priority,
    upstream: record.upstream ?? null,
    status: STATUS_NAMES[state.kind],
    disabled: record.isDisabled,
    expired: isExpired(report, nowMs),
    cooldown_seconds: state.kind === "cooldown" ? seconds : 0,
    blacklist_seconds: state.kind === "blacklist" ? seconds : 0,
    blacklist_reason: state.kind === "blacklist" ? state.cause : null,
    probation: state.kind === "probation",
    probation_successes: state.kind === "probation" ? state.successes : 0,
    probation_target: policy.trialSuccesses,
    used,
    errors,
    rate_limit_strikes: health.strikes,
    hard_failures: health.hardFailures,
    reason: "cause" in state ? state.cause : null,
    until: isoOf(untilMs),
    next_trial_at: isoOf(nextTrialMs),
    evidence: evidence
      ? {
        status: evidence.status,
        code: evidence.code,
        request_id: evidence.requestId,
        at: isoOf(evidence.atMs),
      }
      : null,
    model_limits: health.modelLimits.map(({ model, cause, untilMs }) => ({
      model,
      reason: cause,
      until: isoOf(untilMs),
    })),
    usage: usageView(report),
    plan: record.plan ?? null,
    token_expires_at: isoOf(record.expiresAtMs),
    last_used_at: lastUsedMs === 0 ? null : isoOf(lastUsedMs),
  };
}

function usageView({ windows, credits: standing }: KeyReport): Account["usage"] {
  const { credits } = standing;
  if (windows.length === 0 && !credits) return null;
  return {
    windows: windows.map(windowView),
    credits: credits ? creditsView(credits, servesOnCredits(standing)) : null,
  };
}

type WindowView = NonNullable<Account["usage"]>["windows"][number];

function windowView(
  { limit, windowSeconds, usedPercent, resetAtMs, source, atMs }: WindowReading,
): WindowView {
  return {
    limit,
    limit_window_seconds: windowSeconds === 0 ? null : windowSeconds,
    used_percent: usedPercent,
    reset_at: isoOf(resetAtMs),
    source,
    at: isoOf(atMs),
  };
}
