/**
 * Tells a refused key from an upstream that refuses every key. When all keys are refused in the same way within seconds
 * (an outage, an outdated client version, a blocked address), no key is at fault and none is ejected. Read from the keys
 * alone, so that machines that know the same of them judge alike.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import type { Candidate } from "./availability.ts";
import { healthAt } from "./key_state.ts";
import type { Refusal, SharedChange, SharedKey } from "./shared_key.ts";

const STORM_WINDOW_MS = 10_000;
// Keys that all worked within this time do not all lose their accounts in the same moment.
const PROVEN_WITHIN_MS = 3_600_000;

// Codes that the upstream uses for a fault of one account or token.
const OWN_FAULT =
  /^(account_|token_|invalid_(api_key|token|grant|client)|expired_token|refresh_token|deactivated|unauthorized|authentication_|user_)/;

/** What a storm is told from. */
export type Refused = Pick<SharedKey, "lastSuccessMs" | "refusal">;

/** A key is refused. What its health was before the first of several refusals within seconds is kept. */
export function refused(refusal: Refusal): SharedChange {
  return (key) => {
    const { refusal: earlier, health } = key;
    const isFurther = earlier && !earlier.isExcused && refusal.atMs - earlier.atMs <= STORM_WINDOW_MS;
    return { ...key, refusal: { ...refusal, before: isFurther ? earlier.before : health, isExcused: false } };
  };
}

/** Refusals like this one are the upstream's fault: a key that got one is as it was before. */
export function excused(last: Refusal): SharedChange {
  return (key) => {
    const { refusal } = key;
    if (!refusal || refusal.isExcused || !isSameRefusal(refusal, last)) return key;
    return { ...key, health: refusal.before, refusal: { ...refusal, isExcused: true } };
  };
}

/** Whether the upstream was already found to refuse every key in this way, within 10 s before. */
export function isStormOn(keys: readonly Refused[], last: Refusal): boolean {
  return keys.some(({ refusal }) => refusal?.isExcused && isSameRefusal(refusal, last));
}

/** Whether all keys were refused in the same way as in `last`, within 10 s before it. One key alone proves nothing. */
export function areAllKeysRefused(keys: readonly Refused[], last: Refusal): boolean {
  const isEveryone = keys.every(({ refusal }) => refusal && isSameRefusal(refusal, last));
  if (keys.length < 2 || !isEveryone) return false;
  const mayBeTheKeys = last.status === 401 || OWN_FAULT.test(last.code);
  return !mayBeTheKeys || keys.every(({ lastSuccessMs }) => last.atMs - lastSuccessMs <= PROVEN_WITHIN_MS);
}

function isSameRefusal(earlier: Refusal, later: Refusal): boolean {
  return earlier.status === later.status && earlier.code === later.code &&
    later.atMs - earlier.atMs <= STORM_WINDOW_MS;
}

/** Whether a 403 may eject a key: it may be about more than the key, and whatever it means, it must not empty the pool. */
export function mayEjectAnother(
  keys: readonly Pick<Candidate, "record" | "health">[],
  { maxEjectedPercent }: Pick<Policy, "maxEjectedPercent">,
  nowMs: number,
): boolean {
  const enabled = keys.filter(({ record }) => !record.isDisabled);
  const ejected = enabled.filter(({ health }) => healthAt(health, nowMs).state.kind === "blacklist");
  return ejected.length < Math.max(1, Math.floor(enabled.length * maxEjectedPercent / 100));
}
