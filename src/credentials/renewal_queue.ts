/**
 * In which order keys are renewed. The issuer gets one request at a time, with a pause after it: logins that were renewed
 * close together have been revoked.
 * @module
 */

/** A key that is due. */
export interface QueuedKey {
  /** Its file. */
  readonly file: string;
  /** A client's request waits for it. */
  readonly isAwaited: boolean;
  /** When its token expires, epoch milliseconds; `undefined` when that is not known. */
  readonly endMs: number | undefined;
}

/** The key that is next: one that a request waits for, then the one whose token expires first. */
export function nextInQueue<Key extends QueuedKey>(keys: readonly Key[]): Key | undefined {
  let next: Key | undefined;
  for (const key of keys) if (next === undefined || isBefore(key, next)) next = key;
  return next;
}

function isBefore(a: QueuedKey, b: QueuedKey): boolean {
  if (a.isAwaited !== b.isAwaited) return a.isAwaited;
  return (a.endMs ?? Infinity) < (b.endMs ?? Infinity);
}

const MIN_GAP_MS = 1000;
const MAX_GAP_MS = 3000;

/** How long to pause after a renewal, as `share` from 0 to 1 says. */
export function gapMs(share: number): number {
  return MIN_GAP_MS + share * (MAX_GAP_MS - MIN_GAP_MS);
}
