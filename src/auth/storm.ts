/**
 * Tells a key that is refused from an upstream that refuses everybody. When every key fails in the same way within
 * seconds - an outage, an expired client version, a blocked address - no key is at fault and none is ejected.
 * @module
 */

import type { KeyHealth } from "./key_state.ts";

/** One refusal (401 or 403) of one key. */
export interface KeyRefusal {
  /** The file of the key. */
  readonly file: string;
  /** HTTP status; `null` when there was no answer. */
  readonly status: number | null;
  /** The code of the outcome. */
  readonly code: string;
  /** When, epoch milliseconds. */
  readonly atMs: number;
  /** The key's health before it, to be put back if the refusal turns out to be nobody's fault. */
  readonly before: KeyHealth;
}

/** What is known of a key when a storm is looked for. */
export interface KeyHistory {
  /** The file of the key. */
  readonly file: string;
  /** Epoch milliseconds; 0 for never. */
  readonly lastSuccessMs: number;
}

const STORM_WINDOW_MS = 10_000;
// A key that worked within this time, and all others with it, did not die of itself in the same moment.
const PROVEN_WITHIN_MS = 3_600_000;

// Names that the upstream gives to a fault of one account or token.
const OWN_FAULT =
  /^(account_|token_|invalid_(api_key|token|grant|client)|expired_token|refresh_token|deactivated|unauthorized|authentication_|user_)/;

/** Remembers the refusals of the last seconds, the first of each key. */
export class RefusalLedger {
  readonly #refusals = new Map<string, KeyRefusal>();
  #storm: KeyRefusal | undefined;

  /** Whether this refusal is the upstream's fault, in the light of those before it. */
  isUpstreamFault(refusal: KeyRefusal, keys: readonly KeyHistory[]): boolean {
    if (this.#storm && isAlike(this.#storm, refusal)) {
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

  /** The key serves: what it was refused before is over. */
  forget(file: string): void {
    this.#refusals.delete(file);
  }

  /** What the keys were before the storm; asked once, then forgotten. */
  takeRefusals(): readonly KeyRefusal[] {
    const refusals = [...this.#refusals.values()];
    this.#refusals.clear();
    return refusals;
  }
}

/** Whether all keys were refused as `last` was, within seconds of it. One key alone proves nothing. */
export function areAllKeysRefused(
  refusals: readonly KeyRefusal[],
  keys: readonly KeyHistory[],
  last: KeyRefusal,
): boolean {
  const alike = refusals.filter((refusal) => isAlike(refusal, last));
  const isEveryone = keys.every(({ file }) => alike.some((refusal) => refusal.file === file));
  if (keys.length < 2 || !isEveryone) return false;
  const mayBeTheKeys = last.status === 401 || OWN_FAULT.test(last.code);
  return !mayBeTheKeys || keys.every(({ lastSuccessMs }) => last.atMs - lastSuccessMs <= PROVEN_WITHIN_MS);
}

function isAlike(earlier: KeyRefusal, later: KeyRefusal): boolean {
  return earlier.status === later.status && earlier.code === later.code &&
    later.atMs - earlier.atMs <= STORM_WINDOW_MS;
}
