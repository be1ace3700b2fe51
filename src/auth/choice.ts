/**
 * Which key a request gets. Pure: decided from the keys, the request, the policy and the time.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import { availableAtMs, type Candidate, earliestAtMs, hasRoom, spendsCredits } from "./availability.ts";
import { healthAt, isStable, type KeyHealth } from "./key_state.ts";
import { isModelCode } from "./outcome.ts";
import { type AuthRecord, isExpired } from "./record.ts";
import { nextInLine, ofHighestPriority } from "./turns.ts";
import { burstTrialAtMs } from "./trials.ts";
import { lowest } from "../values/extremes.ts";

/** What a request wants of its key. */
export interface ChoiceRequest {
  /** The client's session; `undefined` for a request without one. */
  readonly session: string | undefined;
  /**
   * The file of the only key that can serve: what the request names lives at its account. `undefined` when any key may.
   */
  readonly owner: string | undefined;
  /** The file of the only key that the client wants for this request; `undefined` when any will do. */
  readonly pinned: string | undefined;
  /** Keys with an upstream of their own cannot serve: it does not call a model, or its body cannot be read. */
  readonly mainOnly: boolean;
  /** The model asked for; `undefined` when the request does not name one. */
  readonly model: string | undefined;
  /** Files of the keys that this request has already tried. */
  readonly tried: ReadonlySet<string>;
  /** Upstreams that this request could not reach, as {@link AuthRecord.upstream}; `undefined` is that of the settings. */
  readonly unreachable: ReadonlySet<string | undefined>;
}

/** Why a request got its key, on the wire and for the user. */
export type PickReason =
  /** The session is on it. */
  | "session"
  /** What the request names lives at its account. */
  | "owner"
  /** The request asked for this key and no other. */
  | "pinned"
  /** Several were as good, and it was its turn. */
  | "turn"
  /** Others were free, all of a lower priority. */
  | "priority"
  /** Its usage window resets before those of the others. */
  | "drain"
  /** No other key was free. */
  | "only one free"
  /** No key that can be expected to serve was free, or none but those that the user keeps for such a case. */
  | "last resort"
  /** It had it before: the connection failed before anything came, and is tried once more. */
  | "retry";

/** A request whose key was picked. */
export interface PickedRequest extends ChoiceRequest {
  /** Why it got this key. */
  readonly picked: PickReason;
}

/** A key, and why it was picked. */
export interface Picked<Key> {
  /** The key. */
  readonly key: Key;
  /** Why this one. */
  readonly picked: PickReason;
}

/**
 * The key that a request gets, or `undefined` when none is available. The best tier with a key decides, and in it the
 * keys of the highest priority, of which the one whose last turn is the longest ago is next: stable keys, first those that
 * spend no credits; keys that are not proven; keys whose usage window should be full; and as last resorts keys in the
 * cooldown of a burst, keys that were refused the model, and keys whose token has expired.
 */
export function chooseKey<T extends Candidate>(
  keys: readonly T[],
  request: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): Picked<T> | undefined {
  const { valid, expired } = contenders(keys, request, nowMs);
  const isFree = (key: T) => availableAtMs(key, request.model, policy, nowMs) <= nowMs;
  const next = (group: readonly T[]) => nextInLine(ofHighestPriority(group), policy, nowMs);
  const free = valid.filter(isFree);
  const roomy = free.filter((key) => hasRoom(key, policy, nowMs));
  const stable = ofHighestPriority(roomy.filter(({ health }) => isStable(healthAt(health, nowMs))));
  const proven = next(stable.filter((key) => !spendsCredits(key, policy, nowMs))) ?? next(stable) ??
    next(roomy);
  if (proven) return { key: proven, picked: reasonFor(proven, { keys, roomy, request, policy }) };
  const key = next(free) ??
    next(valid.filter((key) => (burstTrialAtMs(healthAt(key.health, nowMs)) ?? Infinity) <= nowMs)) ??
    next(valid.filter((key) => isWorthAModelRecheck(key, request, policy, nowMs))) ??
    next(expired.filter(isFree));
  return key && { key, picked: askedFor(request) ?? "last resort" };
}

/** All keys that may be chosen. */
export interface LineUp<T extends Candidate> {
  /** In the order of their turns, the one that is next first. */
  readonly inLine: Iterable<T>;
  /** In the order of the last listing. */
  readonly all: () => readonly T[];
  /** That of a key that is not disabled. */
  readonly highestPriority: number;
}

/** As {@link chooseKey}, in most cases without a look at every key: two in line that nothing speaks against are enough. */
export function chooseNext<T extends Candidate>(
  { inLine, all, highestPriority }: LineUp<T>,
  request: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): Picked<T> | undefined {
  let first: T | undefined;
  const isSimple = policy.rotation !== "drain" && askedFor(request) === undefined;
  for (const key of isSimple ? inLine : []) {
    if (key.record.priority !== highestPriority || !isPlain(key, request, policy, nowMs)) continue;
    if (first) return { key: first, picked: "turn" };
    first = key;
  }
  return chooseKey(all(), request, policy, nowMs);
}

function isPlain(key: Candidate, request: ChoiceRequest, policy: Policy, nowMs: number): boolean {
  const { state } = key.health;
  if (state.kind === "blacklist" || state.kind === "probation") return false;
  if (!mayServe(key.record, request) || isExpired(key, nowMs)) return false;
  return isStable(healthAt(key.health, nowMs)) && availableAtMs(key, request.model, policy, nowMs) <= nowMs &&
    hasRoom(key, policy, nowMs) && !spendsCredits(key, policy, nowMs);
}

function reasonFor(
  { record: { priority } }: Candidate,
  { keys, roomy, request, policy }: {
    readonly keys: readonly Candidate[];
    readonly roomy: readonly Candidate[];
    readonly request: ChoiceRequest;
    readonly policy: Policy;
  },
): PickReason {
  const asked = askedFor(request);
  if (asked) return asked;
  const isHigher = ({ record }: Candidate) => !record.isDisabled && record.priority > priority;
  if (priority < 0 && keys.some(isHigher)) return "last resort";
  if (roomy.length === 1) return "only one free";
  if (roomy.filter(({ record }) => record.priority >= priority).length === 1) return "priority";
  return policy.rotation === "drain" ? "drain" : "turn";
}

function askedFor({ pinned, owner }: ChoiceRequest): PickReason | undefined {
  if (pinned !== undefined) return "pinned";
  return owner === undefined ? undefined : "owner";
}

/** When the first key that a request may be given is free, epoch milliseconds; `undefined` when there is none. */
export function firstFreeMs(
  keys: readonly Candidate[],
  request: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): number | undefined {
  const { valid, expired } = contenders(keys, request, nowMs);
  const times = [...valid, ...expired].map((key) => earliestAtMs(key, request.model, policy, nowMs));
  return times.length > 0 ? lowest(times) : undefined;
}

/** The keys that a request may be given at some time; the expired ones only when no valid one is free. */
function contenders<T extends Candidate>(
  keys: readonly T[],
  request: ChoiceRequest,
  nowMs: number,
): { readonly valid: readonly T[]; readonly expired: readonly T[] } {
  const untried = untriedKeys(keys, request);
  const isClosed = askedFor(request) === undefined && areExpiredRefused(keys, nowMs);
  return {
    valid: untried.filter((key) => !isExpired(key, nowMs)),
    expired: isClosed ? [] : untried.filter((key) => isExpired(key, nowMs)),
  };
}

// One refusal may be about its key alone. Two show that the clock is right and expired tokens are refused, so the others
// are not asked: a folder may hold dozens of them.
const EXPIRED_REFUSALS = 2;

/** Whether enough keys whose token has expired are ejected. */
function areExpiredRefused(keys: readonly Pick<Candidate, "record" | "health">[], nowMs: number): boolean {
  const refused = keys.filter((key) =>
    isExpired(key, nowMs) && healthAt(key.health, nowMs).state.kind === "blacklist"
  );
  return refused.length >= EXPIRED_REFUSALS;
}

/**
 * The keys that may serve the request and have not been tried: all that are not disabled, or the one that it asks for or
 * depends on.
 */
export function untriedKeys<T extends Candidate>(keys: readonly T[], request: ChoiceRequest): T[] {
  return keys.filter(({ record }) => mayServe(record, request));
}

function mayServe(record: AuthRecord, request: ChoiceRequest): boolean {
  const { tried, owner, pinned } = request;
  const only = pinned ?? owner;
  return !record.isDisabled && !tried.has(record.file) && (only === undefined || only === record.file) &&
    canReach(record, request);
}

/** Whether the upstream of a key may get the request, and has been reached as far as it was tried. */
function canReach({ upstream }: AuthRecord, { mainOnly, unreachable }: ChoiceRequest): boolean {
  return !unreachable.has(upstream) && !(mainOnly && upstream !== undefined);
}

/** Whether at least one key is usable. Those whose token has expired count only when there are no others to count on. */
export function hasUsableKey(keys: readonly Pick<Candidate, "record" | "health">[], nowMs: number): boolean {
  const isOk = ({ health }: typeof keys[number]) => healthAt(health, nowMs).state.kind === "ok";
  const inService = keys.filter((key) => isInService(key, nowMs));
  if (inService.length > 0) return inService.some(isOk);
  return !areExpiredRefused(keys, nowMs) && keys.some((key) => !key.record.isDisabled && isOk(key));
}

/** How a key is counted: by its state, unless it is out of service. */
export type Standing = "disabled" | "expired" | KeyHealth["state"]["kind"];

/** How a key is counted. */
export function standingOf(key: Pick<Candidate, "record" | "health">, nowMs: number): Standing {
  if (key.record.isDisabled) return "disabled";
  return isExpired(key, nowMs) ? "expired" : healthAt(key.health, nowMs).state.kind;
}

/** Whether a key takes turns with others when its health allows it: it is neither disabled nor expired. */
export function isInService(key: Pick<Candidate, "record">, nowMs: number): boolean {
  return !key.record.isDisabled && !isExpired(key, nowMs);
}

// The account may have been granted the model since: when no other key is left, asking the upstream is worth it.
function isWorthAModelRecheck(
  key: Candidate,
  { model }: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): boolean {
  const { modelLimits } = healthAt(key.health, nowMs);
  const isRefused = modelLimits.some((limit) => limit.model === model && isModelCode(limit.cause));
  return isRefused && availableAtMs(key, undefined, policy, nowMs) <= nowMs;
}

/** Whether a session can stay on its key: while the key is not limited, ejected, on trial, expired or full. */
export function canKeepSession(
  key: Candidate,
  request: ChoiceRequest,
  policy: Policy,
  nowMs: number,
): boolean {
  if (!canReach(key.record, request)) return false;
  const { model, tried, pinned } = request;
  const { file } = key.record;
  return !tried.has(file) && (pinned === undefined || pinned === file) && isInService(key, nowMs) &&
    healthAt(key.health, nowMs).state.kind === "ok" &&
    availableAtMs(key, model, policy, nowMs) <= nowMs && hasRoom(key, policy, nowMs);
}

/**
 * Whether a session leaves its key for the one that would be chosen next. It leaves a lower priority as soon as a stable
 * key of a higher one is free. Credits cost money and a cold cache only quota, so it also leaves a key that spends them.
 */
export function isWorthAMove(kept: Candidate, next: Candidate, policy: Policy, nowMs: number): boolean {
  if (!isStable(healthAt(next.health, nowMs)) || !hasRoom(next, policy, nowMs)) return false;
  const difference = next.record.priority - kept.record.priority;
  const savesCredits = !spendsCredits(next, policy, nowMs) && spendsCredits(kept, policy, nowMs);
  return difference > 0 || (difference === 0 && savesCredits);
}
