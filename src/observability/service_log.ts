/**
 * The service log: one line for each event, for people. Parts of a line come from outside (paths, error texts), so
 * whatever could end the line, move the cursor or change the reading direction is written as an escape.
 * @module
 */

import { printable } from "../screen/cells.ts";
import type { AttemptFields } from "../api/trace.ts";
import type { EventLevel, ProxyEvent } from "./event.ts";
import { type EventSink, openEventSink } from "./event_sink.ts";
import type { RotatingFileOptions } from "./rotating_file.ts";
import { latencyText } from "../values/durations.ts";
import { isoOf } from "../values/iso_time.ts";
import { parseJson } from "../values/json.ts";

const LEVELS: Record<EventLevel, string> = { info: "INFO ", warning: "WARN ", error: "ERROR" };

// An upstream's error text can be a whole page; a line has to stay readable.
const MAX_TEXT_CHARS = 1_000;

/** Opens the log at `options.path`. It expects events that have been redacted. */
export function openServiceLog(options: RotatingFileOptions): EventSink {
  return openEventSink(options, serviceLine);
}

/** `2026-11-22T23:41:00.123Z INFO  auth.cooldown  work.json cools down for 30s strikes=1`, without its end. */
export function serviceLine(event: ProxyEvent): string {
  const text = event.event === "proxy.request"
    ? attemptText(event.fields)
    : joinWords([event.message, ...fieldWords(event.fields)]);
  return `${isoOf(event.atMs)} ${LEVELS[event.level]} ${event.event}  ${printable(clip(text))}`;
}

const STOPPED = /^\S+ ERROR proxy\.stopped {2}(.*?)(?: hint=("(?:[^"\\]|\\.)*"|\S+))?$/;

/** Why a proxy could not start, in a line that {@link serviceLine} wrote; `undefined` for any other line. */
export function stopReason(
  line: string,
): { readonly message: string; readonly hint: string | undefined } | undefined {
  const [, message, hint] = STOPPED.exec(line) ?? [];
  if (message === undefined) return undefined;
  return { message, hint: hint?.startsWith('"') ? String(parseJson(hint) ?? hint) : hint };
}

function attemptText(fields: AttemptFields): string {
  const { method, path, status, latency_ms, auth_file, outcome, request_id, attempt, error } = fields;
  return `${method} ${path} ${status ?? "no answer"} in ${latencyText(latency_ms)}` +
    ` key=${quoteIfNeeded(auth_file ?? "client")} outcome=${quoteIfNeeded(outcome)}` +
    ` request=${quoteIfNeeded(request_id)} attempt=${attempt}` +
    (error === undefined ? "" : ` error=${quoteIfNeeded(error)}`);
}

// Fields that are absent, null or have parts of their own are only in the event log.
function fieldWords(fields: object): readonly string[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    const text = Array.isArray(value) ? value.filter(isScalar).join(",") : value;
    return isScalar(text) && text !== "" ? [`${name}=${quoteIfNeeded(String(text))}`] : [];
  });
}

function isScalar(value: unknown): value is string | number | boolean {
  return value !== undefined && typeof value !== "object";
}

// Without quotes, a text could look like further fields.
function quoteIfNeeded(text: string): string {
  if (/^[\w.,:;/@+*()[\]{}%#?&~-]+$/.test(text)) return text;
  return /^[\p{L}\p{N}_.,:;/@+*()[\]{}%#?&~-]+$/u.test(text) ? text : JSON.stringify(text);
}

function joinWords(words: readonly string[]): string {
  return words.filter((word) => word !== "").join(" ");
}

function clip(text: string): string {
  return text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}…` : text;
}
