/**
 * Slows down a caller that tries keys: an address may present some wrong ones, and afterwards one every few seconds.
 * Meanwhile nothing that it presents is looked at, so that not even the right key makes a difference.
 * @module
 */

import { RecentMap } from "../auth/recent_map.ts";

// A program that still has an old key asks a few times before its user notices.
const FREE_TRIES = 20;
const TRY_EVERY_MS = 3_000;
// One warning about an address that goes on and on.
const WARN_EVERY_MS = 10 * 60_000;

// Enough for every machine of a large network. An address that was quiet for this long has all its tries back.
const LIMITS = { maxEntries: 1_000, ttlMs: WARN_EVERY_MS };

interface Caller {
  /** Wrong keys that count at `atMs`; each counts for a while. */
  readonly tries: number;
  readonly atMs: number;
  readonly warnedMs: number;
}

/** What a look at a presented key found. */
export type KeyVerdict =
  | { readonly kind: "right" }
  /** `isNews`: from now on the address has to wait, and nobody has been told for a while. */
  | { readonly kind: "wrong"; readonly isNews: boolean }
  /** It was not looked at. */
  | { readonly kind: "wait"; readonly waitMs: number };

/** Knows which addresses presented wrong keys. Times are those of a clock that never goes back. */
export class WrongKeys {
  readonly #callers = new RecentMap<Caller>(LIMITS);

  /** Looks at a key that `address` presents, unless the address has to wait. */
  check(address: string, isRight: () => boolean, nowMs: number): KeyVerdict {
    const network = networkOf(address);
    const caller = this.#callers.get(network, nowMs);
    const tries = caller === undefined ? 0 : Math.max(0, caller.tries - (nowMs - caller.atMs) / TRY_EVERY_MS);
    const waitMs = (tries - (FREE_TRIES - 1)) * TRY_EVERY_MS;
    if (waitMs > 0) return { kind: "wait", waitMs };
    if (isRight()) return { kind: "right" };
    const hasToWait = tries + 1 > FREE_TRIES - 1;
    const isNews = hasToWait && nowMs - (caller?.warnedMs ?? -Infinity) >= WARN_EVERY_MS;
    const warnedMs = isNews ? nowMs : caller?.warnedMs ?? -Infinity;
    this.#callers.set(network, { tries: tries + 1, atMs: nowMs, warnedMs }, nowMs);
    return { kind: "wrong", isNews };
  }
}

/** A machine usually has a whole /64 of IPv6 addresses (RFC 6177), so all of those count as one. */
function networkOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = "", tail = ""] = address.split("::");
  const groups = (text: string) => text === "" ? [] : text.split(":");
  const known = groups(head).length + groups(tail).length;
  const zeros = Array<string>(address.includes("::") ? 8 - known : 0).fill("0");
  return [...groups(head), ...zeros, ...groups(tail)].slice(0, 4).join(":");
}
