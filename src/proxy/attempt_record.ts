/**
 * What an attempt leaves behind: a verdict for the pool, and a row in the trace.
 * @module
 */

import { meaningOf, type Outcome } from "../auth/outcome.ts";
import type { Lease } from "../auth/lease.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { AttemptFields } from "../api/trace.ts";
import type { Publish } from "../observability/event.ts";
import type { Clock } from "../system/clock.ts";
import type { RouteName } from "../upstream/upstream.ts";

/** An attempt under way. */
export interface AttemptNote {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly route: RouteName;
  readonly clientIp: string;
  readonly session: string | undefined;
  readonly model: string | undefined;
  /** From 1, over all attempts of the request. */
  readonly number: number;
  /** On the clock that never goes back. */
  readonly startedMs: number;
  /** Absent when the client's own login goes through. */
  readonly lease?: Lease;
}

/** How an event stream ended; `truncated`: cleanly, but without its final event. */
export type StreamEnding =
  | "completed"
  | "incomplete"
  | "failed"
  | "truncated"
  | "broken"
  | "idle_timeout"
  | "client_gone";

/** How it ended. */
export interface AttemptEnd {
  readonly outcome: Outcome;
  /** Null when the upstream gave none. */
  readonly status: number | null;
  /** When the head of the answer came; absent when none did. */
  readonly headMs?: number | undefined;
  /** Of a judged stream. */
  readonly ending?: StreamEnding | undefined;
  /** What of a judged stream has come. */
  readonly streamedBytes?: number | undefined;
  /** Why there is no answer, in words; without it the outcome's code says enough. */
  readonly error?: string | undefined;
}

export interface RecordPorts {
  readonly pool: KeyPool;
  readonly publish: Publish;
  readonly clock: Clock;
}

/** Tells the trace and the pool. Returns what the outcome comes to in the light of the whole pool. */
export function recordAttempt(
  { pool, publish, clock }: RecordPorts,
  note: AttemptNote,
  end: AttemptEnd,
): Outcome {
  const nowMs = clock.nowMs();
  const { requestId, model, lease, method, path } = note;
  const { outcome, status } = end;
  // Told before the change that it makes, so that the log reads in the order of cause and effect.
  publish({
    atMs: nowMs,
    level: meaningOf(outcome).level,
    event: "proxy.request",
    message: `${method} ${path}: ${status ?? "no answer"}`,
    fields: attemptFields(note, end, clock.elapsedMs()),
  });
  return lease ? pool.apply(lease, { outcome, nowMs, status, requestId, model }) : outcome;
}

function attemptFields(note: AttemptNote, end: AttemptEnd, elapsedMs: number): AttemptFields {
  const { outcome, status, headMs, ending, streamedBytes } = end;
  const error = end.error ?? ("code" in outcome ? outcome.code : undefined);
  return {
    request_id: note.requestId,
    attempt: note.number,
    method: note.method,
    path: note.path,
    route: note.route,
    status,
    latency_ms: tenths(elapsedMs - note.startedMs),
    ttfb_ms: headMs === undefined ? null : tenths(headMs - note.startedMs),
    auth_file: note.lease?.record.file ?? null,
    auth_email: note.lease?.record.email ?? null,
    client_ip: note.clientIp,
    outcome: outcome.kind,
    session: note.session?.slice(0, SESSION_CHARS) ?? null,
    model: note.model ?? null,
    ...(ending === undefined ? {} : { stream_end: ending }),
    ...(streamedBytes === undefined ? {} : { streamed_bytes: streamedBytes }),
    ...(error === undefined ? {} : { error }),
  };
}

// Enough to tell sessions apart; what a client calls its session is its own affair.
const SESSION_CHARS = 13;

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
