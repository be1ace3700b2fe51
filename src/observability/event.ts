/**
 * What happened, in the one shape that the trace ring, the event log, the service log and the metrics all read. Each
 * event has its own fields; a new event is one row in {@link EventFields}, and the compiler names who has to know it.
 * @module
 */

import type { AttemptFields } from "../api/trace.ts";
import type { KeyState } from "../auth/key_state.ts";

/**
 * What each event says besides its message, by its name. Written as in the JSON outputs: names in snake_case, times in
 * ISO 8601 (UTC), no secrets. An optional field is left out of the line when there is nothing to say.
 */
export interface EventFields {
  /** The proxy listens; or, as a warning, the port that it listens on could not be kept for the next start. */
  "proxy.started": ListeningFields | FailureFields;
  "proxy.shutdown_requested": ReasonFields;
  /** The proxy ended as it was asked to, or, as an error, it could not start or failed. */
  "proxy.stopped": ReasonFields | FailureFields;
  /** One attempt at the upstream has ended. */
  "proxy.request": AttemptFields;
  /** A request waits for a usable key. */
  "proxy.held": RequestFields & { readonly until: string };
  /** The proxy answered a request with an error of its own. */
  "proxy.refused": RefusalFields;
  /** A fault of ours ended one request. */
  "proxy.error": { readonly request_id: string; readonly method: string; readonly path: string };
  /** The auth dir was read; or, as an error, it could not be read. */
  "auth.loaded": LoadedFields | NoFields;
  "auth.blacklisted": KeyChangeFields;
  "auth.cooldown": KeyChangeFields;
  "auth.probation": KeyChangeFields;
  "auth.restored": KeyChangeFields;
  "auth.reset": KeyChangeFields;
  /** The proxy refused a request because no key is usable. */
  "auth.pool_exhausted": RefusalFields;
  /** The state file could not be used. `file` is where it is now; absent when it could not be moved. */
  "state.set_aside": { readonly file?: string };
  "state.not_saved": NoFields;
  /** The log in which this is written lost `lost` lines before. */
  "log.recovered": { readonly lost: number };
}

export type EventName = keyof EventFields;

/** The events of a key that went into another state. */
export type KeyEventName =
  | "auth.blacklisted"
  | "auth.cooldown"
  | "auth.probation"
  | "auth.restored"
  | "auth.reset";

export type EventLevel = "info" | "warning" | "error";

/** An event of this name; without a name, any event. */
export type ProxyEvent<Name extends EventName = EventName> = {
  [Each in Name]: {
    /** Epoch milliseconds. */
    readonly atMs: number;
    readonly level: EventLevel;
    readonly event: Each;
    /** One sentence for the user. */
    readonly message: string;
    readonly fields: EventFields[Each];
  };
}[Name];

/** Takes an event; never throws, never waits. */
export type Publish = (event: ProxyEvent) => void;

/** A key that went into another state. */
export interface KeyChangeFields {
  readonly auth_file: string;
  readonly auth_email: string | null;
  /** The state that it is in now. */
  readonly state: KeyState["kind"];
  /** Why it is in this state; absent for `ok`. */
  readonly cause?: string;
  /** When the state ends; absent for one that does not end by itself. */
  readonly until?: string;
  /** The upstream's status in the attempt that the state rests on; null when it gave none, absent without an attempt. */
  readonly status?: number | null;
  /** That attempt's request. */
  readonly request_id?: string;
}

interface RequestFields {
  readonly request_id: string;
  readonly method: string;
  /** Without the query, which may hold secrets. */
  readonly path: string;
  readonly client_ip: string;
}

interface RefusalFields extends RequestFields {
  /** What the client got. */
  readonly status: number;
  readonly type: RefusalType;
}

/** What `error.type` may say in the errors that the proxy answers with by itself. */
export type RefusalType =
  | "forbidden"
  | "internal_error"
  | "no_keys"
  | "no_usable_keys"
  | "not_forwardable"
  | "rate_limit_exceeded"
  | "request_too_large"
  | "shutting_down"
  | "upgrade_refused"
  | "upstream_refuses_all"
  | "upstream_timeout"
  | "upstream_unreachable"
  | "usage_limit_reached"
  | "usage_unknown";

interface ListeningFields {
  readonly pid: number;
  readonly port: number;
}

interface LoadedFields {
  /** How many keys there are. */
  readonly keys: number;
  /** Auth files that could not be used; absent when all could. */
  readonly rejected?: readonly string[];
}

interface ReasonFields {
  readonly reason: string;
}

interface FailureFields {
  /** What the user can do about it; absent when we do not know. */
  readonly hint?: string;
}

type NoFields = Readonly<Record<string, never>>;
