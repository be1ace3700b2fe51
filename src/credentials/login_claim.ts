/**
 * Which member of a shared pool renews a login: the same on the disk and in the pool's engine, and read in the same way.
 * @module
 */

import { isObject } from "../values/json.ts";
import { memberName } from "../values/member_name.ts";
import { isMomentMs } from "../values/iso_time.ts";

/** Who renews a login. A claim is fixed: it ends when its home gives it up, or somebody moves it, and never with time. */
export interface LoginClaim {
  /** The member; empty: nobody, since the last home has given it up. */
  readonly memberId: string;
  /** What it is called. */
  readonly name: string;
  /** Since when, by the clock of the pool's engine. */
  readonly sinceMs: number;
  /** One more than that of the claim before: of two, the higher one counts, and of equal ones the older. */
  readonly round: number;
}

/** Who a member is. */
export type LoginMember = Pick<LoginClaim, "memberId" | "name">;

/** Reads a claim; `undefined` for what is none. */
export function readClaim(value: unknown): LoginClaim | undefined {
  const member = readLoginMember(value);
  if (!member || !isObject(value)) return undefined;
  const { sinceMs, round } = value;
  return isMomentMs(sinceMs) && typeof round === "number" ? { ...member, sinceMs, round } : undefined;
}

/** Reads who a member is; `undefined` for what is none. */
export function readLoginMember(value: unknown): LoginMember | undefined {
  if (!isObject(value)) return undefined;
  const { memberId, name } = value;
  return typeof memberId === "string" && typeof name === "string"
    ? { memberId, name: memberName(name) }
    : undefined;
}
