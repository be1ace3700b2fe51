/**
 * Bugs of ours, as the logs tell them.
 * @module
 */

import type { EventFields } from "../api/events.ts";
import type { ProxyEvent } from "./event.ts";

/** The class and the message of what was thrown. */
export function faultText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** The event of a fault. Without the fields of a request, none is to blame for it. */
export function faultEvent(
  error: unknown,
  atMs: number,
  fields: EventFields["proxy.error"] = {},
): ProxyEvent<"proxy.error"> {
  return { atMs, level: "error", event: "proxy.error", message: `unexpected: ${faultText(error)}`, fields };
}
