/**
 * What happened, in the one shape that the trace ring, the event log, the service log and the metrics all read.
 * @module
 */

import type { Fields } from "../values/json.ts";

export type EventName =
  | "proxy.started"
  | "proxy.stopped"
  | "proxy.shutdown_requested"
  | "proxy.request"
  | "proxy.held"
  | "proxy.refused"
  | "proxy.error"
  | "auth.loaded"
  | "auth.blacklisted"
  | "auth.cooldown"
  | "auth.probation"
  | "auth.restored"
  | "auth.reset"
  | "auth.refreshed"
  | "auth.pool_exhausted"
  | "state.set_aside"
  | "state.not_saved"
  | "log.recovered";

export type EventLevel = "info" | "warning" | "error";

export interface ProxyEvent {
  readonly atMs: number;
  readonly level: EventLevel;
  readonly event: EventName;
  /** One sentence for a person. */
  readonly message: string;
  /** As they stand in the JSON outputs: snake_case, no secrets. */
  readonly fields: Fields;
}

/** One attempt at the upstream: the fields of a `proxy.request` event and of a row of `/trace`. */
export interface AttemptFields extends Fields {
  readonly request_id: string;
  /** From 1, over all attempts of one client request. */
  readonly attempt: number;
  readonly method: string;
  /** Without the query, which may hold secrets. */
  readonly path: string;
  readonly route: "request" | "compact" | "models" | "other";
  /** The upstream's status; null when it gave none. */
  readonly status: number | null;
  /** From the start of the attempt to its verdict: the head of the answer, or the end of a judged stream. */
  readonly latency_ms: number;
  /** From the start of the attempt to the head of the answer, a refusal's body included; null without an answer. */
  readonly ttfb_ms: number | null;
  /** What a judged stream brought; absent where the bytes pass outside JavaScript. */
  readonly streamed_bytes?: number;
  /** How a judged stream ended, such as `completed`, `truncated` or `client_gone`. */
  readonly stream_end?: string;
  /** Null when the client's own login was passed through. */
  readonly auth_file: string | null;
  readonly auth_email: string | null;
  readonly client_ip: string;
  readonly outcome: string;
  /** The beginning of the client's session id; null when it names none. */
  readonly session: string | null;
  readonly model: string | null;
}

/** Takes an event; never throws, never waits. */
export type Publish = (event: ProxyEvent) => void;
