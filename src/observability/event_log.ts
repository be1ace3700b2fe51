/**
 * The event log: one JSON object a line, for programs and for `cdx2 logs --events`.
 * @module
 */

import { isoOf } from "../values/iso_time.ts";
import type { ProxyEvent } from "./event.ts";
import { type EventSink, openEventSink } from "./event_sink.ts";
import type { RotatingFileOptions } from "./rotating_file.ts";

/** Opens the log at `options.path`. It expects events that have been redacted. */
export function openEventLog(options: RotatingFileOptions): EventSink {
  return openEventSink(options, eventLine);
}

/** An event as a line, without its end: `ts` (ISO 8601, UTC), `level`, `event`, `message`, then the event's own fields. */
export function eventLine({ atMs, level, event, message, fields }: ProxyEvent): string {
  return JSON.stringify({ ts: isoOf(atMs), level, event, message, ...fields });
}
