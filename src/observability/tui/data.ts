/**
 * The rows of `/trace` and the keys of `/health` as the live view holds them. Every text is made safe to print: paths,
 * error texts and fields of a newer proxy come from outside.
 * @module
 */

import type { Account } from "../../api/health.ts";
import type { Received } from "../../api/received.ts";
import type { TraceRow } from "../../api/trace.ts";
import { printable } from "../../screen/cells.ts";

/** One attempt at the upstream, as a row of the view. Texts are empty when absent. */
export interface AttemptRow {
  /** When the proxy started, which tells its ids from those of another run. */
  readonly run: string;
  readonly id: number;
  /** When it ended, epoch milliseconds. */
  readonly atMs: number;
  readonly requestId: string;
  /** From 1 within its request. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly route: string;
  /** `undefined` when the upstream gave none. */
  readonly status: number | undefined;
  readonly latencyMs: number;
  readonly file: string;
  readonly email: string;
  readonly clientIp: string;
  readonly outcome: string;
  readonly error: string;
  /** The other fields of the row that have a value. */
  readonly more: readonly (readonly [name: string, value: string])[];
}

/** One key of the pool, as a row of the view. Texts are empty when absent. */
export interface KeyRow {
  readonly file: string;
  readonly email: string;
  /** `disabled`, `expired`, or its state: `ok`, `probation`, `cooldown`, `blacklist`. */
  readonly state: string;
  /** When the state ends, epoch milliseconds; `undefined` for one that does not end by itself. */
  readonly untilMs: number | undefined;
  readonly reason: string;
  readonly used: number;
  readonly errors: number;
}

/** Whether two rows are the same attempt. */
export function isSame(a: AttemptRow, b: AttemptRow): boolean {
  return a.id === b.id && a.run === b.run;
}

/** An attempt of `GET /trace` as a row. `run` is when that proxy started. */
export function attemptRowOf(row: Received<TraceRow>, run: string): AttemptRow {
  const { id, ts, request_id, attempt, method, path, route, status, latency_ms, ...rest } = row;
  const { auth_file, auth_email, client_ip, outcome, error, ...more } = rest;
  return {
    run,
    id,
    atMs: ts * 1000,
    requestId: printable(request_id),
    number: attempt,
    method: printable(method),
    path: printable(path),
    route: printable(route),
    status: status ?? undefined,
    latencyMs: latency_ms,
    file: printable(auth_file ?? ""),
    email: printable(auth_email ?? ""),
    clientIp: printable(client_ip),
    outcome: printable(outcome),
    error: printable(error ?? ""),
    more: Object.entries(more)
      .map(([name, value]) => [printable(name), textOf(value)] as const)
      .filter(([, value]) => value !== ""),
  };
}

/** A key of `GET /health` as a row. */
export function keyRowOf(account: Received<Account>): KeyRow {
  const { file, email, status, disabled, expired, until, reason, used, errors } = account;
  const state = disabled ? "disabled" : expired ? "expired" : status.toLowerCase();
  return {
    file: printable(file),
    email: printable(email ?? ""),
    state: printable(state),
    untilMs: until === null ? undefined : Date.parse(until),
    reason: printable(reason || REASONS[state] || ""),
    used,
    errors,
  };
}

/** Of a key that is out of service without a penalty. */
const REASONS: Readonly<Record<string, string>> = { disabled: "its file says so", expired: "log in again" };

// Of a field that a newer proxy may have: any JSON.
function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return printable(typeof value === "object" ? JSON.stringify(value) : String(value));
}
