/**
 * Who is in a shared pool: each member says every half minute that it is there.
 * @module
 */

import { isObject } from "../values/json.ts";
import { memberName } from "../values/member_name.ts";
import { isMomentMs } from "../values/iso_time.ts";

/** A member, as it says of itself. Times are of the store's clock, epoch milliseconds. */
export interface Member {
  /** The same over its runs; empty when it does not say. */
  readonly id: string;
  /** Its name: by default that of its machine. */
  readonly name: string;
  /** What the system calls its machine. */
  readonly host: string;
  /** Of its program. */
  readonly version: string;
  /** Since when it has been there. */
  readonly startedMs: number;
  /** When it last said so. */
  readonly seenMs: number;
  /** How many keys it has. */
  readonly keys: number;
  /** How far the store's clock is ahead of its own. */
  readonly aheadMs: number;
}

/** Before a member has said anything. */
export const NO_MEMBER: Member = {
  id: "",
  name: "",
  host: "",
  version: "",
  startedMs: 0,
  seenMs: 0,
  keys: 0,
  aheadMs: 0,
};

/** Reads what a member wrote; `undefined` for what is none. */
export function readMember(value: unknown): Member | undefined {
  if (!isObject(value)) return undefined;
  const { id, name, host, version, startedMs, seenMs, keys, aheadMs } = value;
  const isWhole = typeof name === "string" && typeof version === "string" && isMomentMs(startedMs) &&
    isMomentMs(seenMs) && typeof keys === "number" && typeof aheadMs === "number";
  return isWhole
    ? {
      id: typeof id === "string" ? id : "",
      name: memberName(name),
      host: typeof host === "string" ? memberName(host) : "",
      version: memberName(version),
      startedMs,
      seenMs,
      keys,
      aheadMs,
    }
    : undefined;
}
