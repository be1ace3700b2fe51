// Worlds to replay: requests over a few hours, and an upstream that treats each key differently from span to span.

import fc from "fast-check";
import type { Outcome } from "../../src/auth/outcome.ts";
import type { Policy } from "../../src/config/policy.ts";
import type { Arrival, KeyTransition, PastAttempt, PastRequest } from "../../src/replay/history.ts";
import type { Answer, UpstreamModel } from "../../src/replay/replay.ts";
import { POLICY, SECOND, T0 } from "./builders.ts";

export const RULES = POLICY;
export const KEYS = ["a.json", "b.json", "c.json"];
export const SERVED: Answer = {
  outcome: { kind: "ok" },
  status: 200,
  latencyMs: 2 * SECOND,
  readings: [],
  isCommitted: false,
  failure: undefined,
};

export function anArrival(number: number, atMs: number, over: Partial<Arrival> = {}): Arrival {
  return { requestId: `req_${number}`, arrivedMs: atMs, session: undefined, model: undefined, ...over };
}

const SPAN_MS = 600 * SECOND;
const SPANS = 24;

type Mood = "well" | "quota" | "burst" | "lacks" | "401" | "403";
const MILD: readonly Mood[] = ["well", "well", "quota", "burst", "lacks"];
const ANY: readonly Mood[] = [...MILD, "401", "403"];
/** The model that keys lack at times. */
const LACKING = "gpt-new";
/** What is wrong with a request, whichever key it is sent with. */
type Trouble = "none" | "bad" | "gone" | "outage" | "silence" | "overload";
const TROUBLES: readonly Trouble[] = ["none", "none", "none", "bad", "gone", "outage", "silence", "overload"];

/** A few hours: what arrived, and how the upstream answers. */
export interface Hours {
  readonly requests: readonly Arrival[];
  readonly upstream: UpstreamModel;
  readonly rules: Policy;
}

/** `rejecting` are the keys that the upstream may reject at times. */
export function hours(rejecting: readonly string[] = KEYS): fc.Arbitrary<Hours> {
  const moodsOf = (file: string) =>
    fc.array(fc.constantFrom(...(rejecting.includes(file) ? ANY : MILD)), {
      minLength: SPANS,
      maxLength: SPANS,
    });
  return fc.record({
    gapsS: fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 80 }),
    sessions: fc.integer({ min: 0, max: 4 }),
    moods: fc.tuple(...KEYS.map(moodsOf)),
    troubles: fc.array(fc.constantFrom(...TROUBLES), { minLength: 1, maxLength: 80 }),
    rotation: fc.constantFrom("session" as const, "request" as const),
    holdMs: fc.constantFrom(0, 20 * SECOND),
  }).map(({ gapsS, sessions, moods, troubles, rotation, holdMs }) => ({
    requests: arrivals(gapsS, sessions),
    upstream: moody(new Map(KEYS.map((file, index) => [file, moods[index]!])), troubles),
    rules: { ...RULES, rotation, holdMs },
  }));
}

function arrivals(gapsS: readonly number[], sessions: number): readonly Arrival[] {
  let atMs = T0;
  return gapsS.map((gapS, index) => {
    atMs += gapS * SECOND;
    const model = index % 3 === 0 ? LACKING : "gpt";
    return anArrival(index, atMs, sessions === 0 ? {} : { session: `s${index % sessions}`, model });
  });
}

function moody(moods: ReadonlyMap<string, readonly Mood[]>, troubles: readonly Trouble[]): UpstreamModel {
  const outcomeAt = (file: string, nowMs: number, model: string | undefined): Outcome => {
    const mood = moods.get(file)![Math.floor((nowMs - T0) / SPAN_MS) % SPANS]!;
    if (mood !== "lacks") return outcomeOf(mood, nowMs);
    return model === LACKING ? { kind: "model_refused", code: "model_not_supported" } : { kind: "ok" };
  };
  return {
    trial: (file, nowMs) => outcomeAt(file, nowMs, undefined),
    answer: ({ requestId, model }, file, { nowMs, earlier }) => {
      const outcome = outcomeAt(file, nowMs, model);
      if (outcome.kind !== "ok") return { ...SERVED, outcome, status: statusOf(outcome), latencyMs: 300 };
      return troubled(troubles[Number(requestId.slice(4)) % troubles.length]!, earlier);
    },
  };
}

function outcomeOf(mood: Exclude<Mood, "lacks">, nowMs: number): Outcome {
  switch (mood) {
    case "well":
      return { kind: "ok" };
    case "quota": {
      const untilMs = T0 + Math.ceil((nowMs - T0 + 1) / SPAN_MS) * SPAN_MS;
      return { kind: "rate_limited", code: "usage_limit_reached", scope: "key", isMoment: false, untilMs };
    }
    case "burst":
      return { kind: "rate_limited", code: "http_429", scope: "key", isMoment: false, untilMs: undefined };
    default:
      return { kind: "auth_rejected", code: `http_${mood}` };
  }
}

function statusOf(outcome: Outcome): number {
  if (outcome.kind === "rate_limited") return 429;
  if (outcome.kind === "model_refused") return 400;
  return outcome.kind === "auth_rejected" && outcome.code === "http_403" ? 403 : 401;
}

function troubled(trouble: Trouble, earlier: number): Answer {
  switch (trouble) {
    case "none":
      return SERVED;
    case "bad":
      return { ...SERVED, outcome: { kind: "client_error", code: undefined }, status: 400, latencyMs: 100 };
    case "gone":
      return { ...SERVED, outcome: { kind: "client_gone" }, status: 200, latencyMs: 900 };
    case "outage":
      return { ...SERVED, outcome: { kind: "origin_failed", code: "http_503" }, status: 503, latencyMs: 100 };
    case "overload":
      return { ...SERVED, outcome: { kind: "overloaded", code: "slow_down" }, status: 200, latencyMs: 700 };
    case "silence": {
      const failure = {
        isUnsent: earlier === 0,
        isTimeout: false,
        isLost: false,
        reason: "connection refused",
      };
      return {
        ...SERVED,
        outcome: { kind: "origin_failed", code: "no_answer" },
        status: null,
        latencyMs: 50,
        failure,
      };
    }
  }
}

export function aPastAttempt(over: Partial<PastAttempt> = {}): PastAttempt {
  return {
    file: "a.json",
    startedMs: T0,
    endedMs: T0 + SECOND,
    outcome: "ok",
    error: undefined,
    status: 200,
    ...over,
  };
}

/** One without attempts, unless told otherwise. */
export function aPastRequest(number: number, atMs: number, over: Partial<PastRequest> = {}): PastRequest {
  return { ...anArrival(number, atMs), attempts: [], refusal: undefined, ...over };
}

export function aTransition(over: Partial<KeyTransition> = {}): KeyTransition {
  return {
    event: "auth.cooldown",
    atMs: T0,
    file: "a.json",
    state: "cooldown",
    cause: undefined,
    untilMs: undefined,
    status: 429,
    requestId: undefined,
    ...over,
  };
}
