/**
 * How a shared pool is doing, in one line for the user.
 * @module
 */

import type { Received } from "../api/received.ts";
import type { Shared } from "../api/shared.ts";
import { counted, latencyText } from "../values/durations.ts";

/** Such as `redis://build:6379 up, 3 members, a change takes 2 ms`. */
export function sharedText(
  { engine, state, reason, since, members, pending, lag_ms }: Received<Shared>,
): string {
  if (state === "connecting") return `${engine} connecting`;
  if (state === "degraded") {
    const waiting = pending === 0 ? "" : `, ${counted(pending, "change")} to tell`;
    return `${engine} degraded since ${since} (${reason}): this proxy acts alone${waiting}`;
  }
  const lag = lag_ms === null ? "" : `, a change takes ${latencyText(lag_ms)}`;
  return `${engine} up, ${counted(members.length, "member")}${lag}`;
}
