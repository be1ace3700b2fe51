// Whole valid values; a test overrides the fields that it is about.

import type { Candidate } from "../../src/auth/availability.ts";
import type { ChoiceRequest, PickedRequest } from "../../src/auth/choice.ts";
import { HEALTHY, type KeyHealth, type Verdict } from "../../src/auth/key_state.ts";
import type { Outcome } from "../../src/auth/outcome.ts";
import { type Credits, UNKNOWN_CREDITS } from "../../src/auth/credits.ts";
import type { WindowReading } from "../../src/auth/limits.ts";
import type { AuthRecord } from "../../src/auth/record.ts";
import type { Usage } from "../../src/auth/usage.ts";
import type { Policy } from "../../src/config/policy.ts";
import { Secret } from "../../src/values/secret.ts";

export const T0 = 1_800_000_000_000;
export const SECOND = 1000;

/** The policy of the defaults. */
export const POLICY: Policy = {
  rotation: "session",
  holdMs: 20 * SECOND,
  maxAttempts: 8,
  cooldownBaseMs: 30 * SECOND,
  cooldownMaxMs: 900 * SECOND,
  ejectionBaseMs: 900 * SECOND,
  ejectionMaxMs: 21_600 * SECOND,
  strikesToEject: 5,
  trialIntervalMs: 20 * SECOND,
  trialSuccesses: 2,
  minRemainingPercent: 0,
  maxEjectedPercent: 50,
};

export function aRecord(name: string, over: Partial<AuthRecord> = {}): AuthRecord {
  return {
    file: `${name}.json`,
    token: new Secret(`token-of-${name}`),
    accountId: `acct-${name}`,
    email: `${name}@example.com`,
    plan: undefined,
    expiresAtMs: undefined,
    hasRefreshToken: true,
    isDisabled: false,
    priority: 0,
    alias: undefined,
    isInKeyring: false,
    upstream: undefined,
    models: {},
    ...over,
  };
}

export function aHealth(over: Partial<KeyHealth> = {}): KeyHealth {
  return { ...HEALTHY, ...over };
}

export const OK: Outcome = { kind: "ok" };
export const REJECTED: Outcome = { kind: "auth_rejected", code: "http_401" };
export const LIMITED: Outcome = {
  kind: "rate_limited",
  code: "http_429",
  scope: "key",
  isMoment: false,
  untilMs: undefined,
};

export function limitedUntil(untilMs: number): Outcome {
  return { kind: "rate_limited", code: "usage_limit_reached", untilMs, scope: "key", isMoment: false };
}

/** A verdict that arrives at `nowMs` about an attempt that began a millisecond before. */
export function aVerdict(outcome: Outcome, nowMs: number, over: Partial<Verdict> = {}): Verdict {
  return {
    outcome,
    nowMs,
    startedMs: nowMs - 1,
    status: null,
    requestId: "req_test",
    model: undefined,
    ...over,
  };
}

/** A request without a session or a model that has tried no key. */
export function aChoice(over: Partial<ChoiceRequest> = {}): PickedRequest {
  const anyKey = {
    session: undefined,
    owner: undefined,
    pinned: undefined,
    mainOnly: false,
    unreachable: new Set<undefined>(),
    model: undefined,
  };
  return { ...anyKey, tried: new Set(), picked: "turn", ...over };
}

/** A stable key that has had no turn yet and of which nothing is known. */
export function aCandidate(name: string, over: Partial<Omit<Candidate, "record">> = {}): Candidate {
  return {
    record: aRecord(name),
    health: aHealth(),
    windows: [],
    credits: UNKNOWN_CREDITS,
    turn: 0,
    ...over,
  };
}

/** A usage page that permits requests and names no windows. */
export function aUsage(over: Partial<Usage> = {}): Usage {
  return {
    allowed: true,
    windows: [],
    additional: [],
    planType: undefined,
    email: undefined,
    credits: undefined,
    ...over,
  };
}

/** Credits of which some are left. */
export function someCredits(over: Partial<Credits> = {}): Credits {
  return { hasCredits: true, isUnlimited: false, balance: "12.50", isCapped: false, ...over };
}

/** The account's 5-hour window, half used, read from headers at {@link T0}; it names no reset. */
export function aReading(over: Partial<WindowReading> = {}): WindowReading {
  return {
    limit: "codex",
    windowSeconds: 18_000,
    usedPercent: 50,
    resetAtMs: undefined,
    source: "headers",
    atMs: T0,
    ...over,
  };
}
