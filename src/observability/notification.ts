/**
 * Which events the user's command is told of, and what it is told.
 * @module
 */

import type { EventName } from "../api/events.ts";
import type { ProxyEvent } from "./event.ts";
import { eventLine } from "./event_log.ts";

const TOLD: ReadonlySet<EventName> = new Set<EventName>([
  "auth.blacklisted",
  "auth.cooldown",
  "auth.probation",
  "auth.restored",
  "auth.reset",
  "auth.pool_exhausted",
  "auth.login_needed",
  "auth.refresh_failed",
]);

/** Whether a key has changed its state, the pool is empty, or a key needs the user. */
export function isWorthTelling({ event }: ProxyEvent): boolean {
  return TOLD.has(event);
}

// While a pool is empty, every request says so again.
const SAME_AGAIN_MS = 60_000;

/** Leaves out what has been told within the last minute: the same event about the same key in the same state. */
export class Repetitions {
  readonly #toldMs = new Map<string, number>();

  /** Whether the event is news at `nowMs`. */
  isNews({ event, fields }: ProxyEvent, nowMs: number): boolean {
    for (const [what, atMs] of this.#toldMs) if (nowMs - atMs >= SAME_AGAIN_MS) this.#toldMs.delete(what);
    const key = "auth_file" in fields ? fields.auth_file : "";
    const state = "state" in fields ? fields.state : "";
    const what = `${event} ${state} ${key}`;
    if (this.#toldMs.has(what)) return false;
    this.#toldMs.set(what, nowMs);
    return true;
  }
}

/** What the command reads on its standard input: the line of the event log. `dropped` events before it were too many. */
export function notificationText(event: ProxyEvent, dropped: number): string {
  const line = eventLine(event);
  return dropped === 0 ? line : line.replace(/\}$/, `,"dropped":${dropped}}`);
}
