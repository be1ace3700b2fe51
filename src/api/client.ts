/**
 * The management endpoints as functions: all that the commands know of a running proxy. An answer is read at the
 * door, so that whatever else may listen on the port ends as a result in words and not as a crash.
 * @module
 */

import { type Fields, parseJson } from "../values/json.ts";
import type { Secret } from "../values/secret.ts";
import type { Clock } from "../system/clock.ts";
import type { Send } from "../system/http.ts";
import { type Check, isBoolean, isFields, isNumber, isText, listOf, shape } from "./shape.ts";

export type Result<T> =
  | { readonly kind: "answer"; readonly value: T }
  /** It wants another management key. */
  | { readonly kind: "unauthorized" }
  /** Nothing came in time. `reason` is a few words. */
  | { readonly kind: "unreachable"; readonly reason: string }
  /** Something came that this endpoint does not say. `reason` is a few words. */
  | { readonly kind: "unexpected"; readonly reason: string };

/** `GET /debug`, as it stands in the JSON. */
export interface DebugView {
  readonly status: string;
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  readonly base_url: string;
  readonly auth_dir: string;
  readonly auth_count: number;
  readonly upstream_base_url: string;
  readonly log_request_preview: boolean;
  readonly management_key_required: boolean;
  readonly trace_max: number;
  readonly event_log_file: string;
  readonly version: string;
  /** ISO 8601. */
  readonly started_at: string;
  /** Each setting's value and where it came from. */
  readonly settings: Fields;
}

/** `GET /health`; the entries are shown as they come. */
export interface HealthView {
  readonly ok: boolean;
  readonly accounts: readonly Fields[];
}

/** `GET /trace`, oldest first. */
export interface TraceView {
  readonly events: readonly Fields[];
  /** Of the run whose attempts these are, ISO 8601: each run counts its ids from 1. */
  readonly started_at: string;
}

export interface AuthFilesView {
  readonly files: readonly Fields[];
}

export interface ShutdownView {
  readonly status: string;
}

export interface ResetView {
  /** How many keys were cleared. */
  readonly reset: number;
  /** Their files. */
  readonly files: readonly string[];
  readonly filter: Fields;
}

export interface ManagementClient {
  debug(): Promise<Result<DebugView>>;
  /** `refresh`: the auth dir is read again first. */
  health(options?: { refresh?: boolean }): Promise<Result<HealthView>>;
  /** The newest `limit` attempts, or those that came after the one with an id, waited for if there is none yet. */
  trace(query: { limit: number } | { after: number; waitS?: number }): Promise<Result<TraceView>>;
  authFiles(): Promise<Result<AuthFilesView>>;
  shutdown(): Promise<Result<ShutdownView>>;
  /** Without a filter all penalties are cleared. */
  reset(filter: { name?: string; state?: string }): Promise<Result<ResetView>>;
  /** Prometheus text. */
  metrics(): Promise<Result<string>>;
}

export interface ClientOptions {
  readonly send: Send;
  readonly clock: Clock;
  readonly baseUrl: string;
  /** Absent: asks without one, and is told `unauthorized`. */
  readonly managementKey: Secret | undefined;
  /** For the whole of an answer; 2,000 when absent. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 2_000;

export function createManagementClient(options: ClientOptions): ManagementClient {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const get = <T>(path: string, read: Read<T>) => ask(options, "GET", path, read);
  const post = <T>(path: string, read: Read<T>) => ask(options, "POST", path, read);
  return {
    debug: () => get("/debug", json(isDebugView)),
    health: ({ refresh } = {}) => get(refresh ? "/health?refresh=1" : "/health", json(isHealthView)),
    trace: (query) => {
      const read = json(isTraceView);
      if (!("waitS" in query)) return get(`/trace${queryOf(query)}`, read);
      const { after, waitS: wait } = query;
      const patient = { ...options, timeoutMs: timeoutMs + wait * 1000 };
      return ask(patient, "GET", `/trace${queryOf({ after, wait })}`, read);
    },
    authFiles: () => get("/auth-files", json(isAuthFilesView)),
    shutdown: () => post("/shutdown", json(isShutdownView)),
    reset: (filter) => post(`/reset${queryOf(filter)}`, json(isResetView)),
    metrics: () => get("/metrics", (text) => text),
  };
}

/** `undefined` when the text is not what the endpoint says. */
type Read<T> = (text: string) => T | undefined;

function json<T>(check: Check<T>): Read<T> {
  return (text) => {
    const value = parseJson(text);
    return check(value) ? value : undefined;
  };
}

function queryOf(fields: Readonly<Record<string, string | number>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) query.set(name, String(value));
  return query.size === 0 ? "" : `?${query}`;
}

async function ask<T>(
  options: ClientOptions,
  method: string,
  path: string,
  read: Read<T>,
): Promise<Result<T>> {
  const { send, clock, baseUrl, managementKey, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const headers = new Headers(managementKey ? { "x-management-key": managementKey.reveal() } : {});
  const deadline = new AbortController();
  const cancel = clock.after(timeoutMs, () => deadline.abort());
  try {
    const response = await send({ url: baseUrl + path, method, headers, signal: deadline.signal });
    return resultOf(response.status, await response.text(), read);
  } catch (error) {
    if (deadline.signal.aborted) return { kind: "unreachable", reason: `no answer within ${timeoutMs} ms` };
    return { kind: "unreachable", reason: error instanceof Error ? error.message : String(error) };
  } finally {
    cancel();
  }
}

function resultOf<T>(status: number, text: string, read: Read<T>): Result<T> {
  if (status === 401) return { kind: "unauthorized" };
  if (status !== 200) {
    return { kind: "unexpected", reason: errorText(text) ?? `it answered with status ${status}` };
  }
  const value = read(text);
  if (value === undefined) return { kind: "unexpected", reason: "its answer is not that of a cdx2 proxy" };
  return { kind: "answer", value };
}

function errorText(text: string): string | undefined {
  const body = parseJson(text);
  return isErrorBody(body) ? body.error : undefined;
}

const isErrorBody = shape<{ error: string }>({ error: isText });
const isDebugView = shape<DebugView>({
  status: isText,
  pid: isNumber,
  host: isText,
  port: isNumber,
  base_url: isText,
  auth_dir: isText,
  auth_count: isNumber,
  upstream_base_url: isText,
  log_request_preview: isBoolean,
  management_key_required: isBoolean,
  trace_max: isNumber,
  event_log_file: isText,
  version: isText,
  started_at: isText,
  settings: isFields,
});
const isHealthView = shape<HealthView>({ ok: isBoolean, accounts: listOf(isFields) });
const isTraceView = shape<TraceView>({ events: listOf(isFields), started_at: isText });
const isAuthFilesView = shape<AuthFilesView>({ files: listOf(isFields) });
const isShutdownView = shape<ShutdownView>({ status: isText });
const isResetView = shape<ResetView>({ reset: isNumber, files: listOf(isText), filter: isFields });
