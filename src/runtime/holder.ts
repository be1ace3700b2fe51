/**
 * Which process holds the lock, by its record and by what runs under its pid now. Apart from what to do about it, because a
 * shell prompt asks for no more.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import type { Processes } from "../system/process.ts";
import type { ProcessRecord } from "./process_record.ts";

/** The process that took the lock last, as it is now. */
export type Holder =
  /** None is recorded, or the record cannot be read. */
  | { readonly kind: "none" }
  | { readonly kind: "ended"; readonly pid: number }
  /** Its pid belongs to another program now. */
  | { readonly kind: "foreign"; readonly pid: number }
  /** Its pid is alive, but the system does not tell whether it is the same process: it may be asked, not signalled. */
  | { readonly kind: "unproven"; readonly pid: number; readonly ageMs: number }
  | { readonly kind: "ours"; readonly pid: number; readonly identity: string; readonly ageMs: number };

/** It runs. */
export type LiveHolder = Extract<Holder, { kind: "ours" | "unproven" }>;
/** It does not run. */
export type AbsentHolder = Exclude<Holder, LiveHolder>;

/**
 * Compares the recorded process with what runs under its pid now; `identity` is `undefined` when nothing does, `ageMs` when
 * the system does not tell it.
 */
export function holderOf(
  record: ProcessRecord | undefined,
  now: { isAlive: boolean; identity: string | undefined; ageMs: number | undefined; nowMs: number },
): Holder {
  if (record === undefined) return { kind: "none" };
  const { pid, identity } = record;
  const ageMs = now.ageMs ?? now.nowMs - Date.parse(record.startedAt);
  if (!now.isAlive) return { kind: "ended", pid };
  if (identity === null) return { kind: "unproven", pid, ageMs };
  // Alive without an identity: a zombie, which has ended and whose parent has not noticed yet.
  if (now.identity === undefined) return { kind: "ended", pid };
  return now.identity === identity ? { kind: "ours", pid, identity, ageMs } : { kind: "foreign", pid };
}

/** Whether the process runs. */
export function isLive(holder: Holder): holder is LiveHolder {
  return holder.kind === "ours" || holder.kind === "unproven";
}

/** The process of a record, as it is at this moment. */
export async function holderNow(
  { processes, clock }: {
    readonly processes: Pick<Processes, "isAlive" | "identityOf" | "ageOf">;
    readonly clock: Pick<Clock, "nowMs">;
  },
  record: ProcessRecord | undefined,
): Promise<Holder> {
  const isAlive = record !== undefined && processes.isAlive(record.pid);
  const identity = isAlive ? await processes.identityOf(record.pid) : undefined;
  const ageMs = isAlive ? processes.ageOf(record.pid) : undefined;
  return holderOf(record, { isAlive, identity, ageMs, nowMs: clock.nowMs() });
}
