/**
 * Tells a refused key from an upstream that refuses every key. When all keys are refused in the same way within seconds
 * (an outage, an outdated client version, a blocked address), no key is at fault and none is ejected.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import type { Candidate } from "./availability.ts";
import { healthAt, type KeyHealth } from "./key_state.ts";

/** One refusal of one key. */
export interface KeyRefusal {
  /** The key's file. */
  readonly file: string;
  /** The upstream's status, such as 401 or 403; `null` when the refusal came from inside a stream. */
  readonly status: number | null;
  /** The upstream's name for the refusal. */
  readonly code: string;
  /** When it was received, epoch milliseconds. */
  readonly atMs: number;
  /** The key's health before it: restored when the refusal turns out to be the upstream's fault. */
  readonly before: KeyHealth;
}

/** What is known about a key when its refusal is judged. */
export interface KeyHistory {
  /** The key's file. */
  readonly file: string;
  /** When an attempt with it last succeeded, epoch milliseconds; 0 for never. */
  readonly lastSuccessMs: number;
}

const STORM_WINDOW_MS = 10_000;
// Keys that all worked within this time do not all lose their accounts in the same moment.
const PROVEN_WITHIN_MS = 3_600_000;

// Codes that the upstream uses for a fault of one account or token.
const OWN_FAULT =
  /^(account_|token_|invalid_(api_key|token|grant|client)|expired_token|refresh_token|deactivated|unauthorized|authentication_|user_)/;

/** Remembers the first refusal of each key within the last seconds. */
export class RefusalLedger {
  readonly #refusals = new Map<string, KeyRefusal>();
  #storm: KeyRefusal | undefined;

  /** Records a refusal. Returns whether it is the upstream's fault, in view of those before it. */
  isUpstreamFault(refusal: KeyRefusal, keys: readonly KeyHistory[]): boolean {
    if (this.#storm && isSameRefusal(this.#storm, refusal)) {
      this.#storm = refusal;
      return true;
    }
    const earlier = this.#refusals.get(refusal.file);
    const isFirst = earlier === undefined || refusal.atMs - earlier.atMs > STORM_WINDOW_MS;
    this.#refusals.set(refusal.file, isFirst ? refusal : { ...refusal, before: earlier.before });
    if (!areAllKeysRefused([...this.#refusals.values()], keys, refusal)) return false;
    this.#storm = refusal;
    return true;
  }

  /** Forgets the refusals of a key that has served a request. */
  forget(file: string): void {
    this.#refusals.delete(file);
  }

  /** Removes and returns the recorded refusals: what each key's health was before. */
  takeRefusals(): readonly KeyRefusal[] {
    const refusals = [...this.#refusals.values()];
    this.#refusals.clear();
    return refusals;
  }
}

/** Whether all keys were refused in the same way as in `last`, within 10 s before it. One key alone proves nothing. */
export function areAllKeysRefused(
  refusals: readonly KeyRefusal[],
  keys: readonly KeyHistory[],
  last: KeyRefusal,
): boolean {
  const alike = refusals.filter((refusal) => isSameRefusal(refusal, last));
  const isEveryone = keys.every(({ file }) => alike.some((refusal) => refusal.file === file));
  if (keys.length < 2 || !isEveryone) return false;
  const mayBeTheKeys = last.status === 401 || OWN_FAULT.test(last.code);
  return !mayBeTheKeys || keys.every(({ lastSuccessMs }) => last.atMs - lastSuccessMs <= PROVEN_WITHIN_MS);
}

function isSameRefusal(earlier: KeyRefusal, later: KeyRefusal): boolean {
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
