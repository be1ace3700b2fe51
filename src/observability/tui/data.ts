/**
 * The rows of `/trace` and the keys of `/health` as the live view holds them: read once, with every text from outside
 * made harmless. A field that is missing or of another type reads as absent: a newer proxy may say more or less.
 * @module
 */

import { printable } from "../../screen/cells.ts";
import type { Fields, Json } from "../../values/json.ts";

/** One attempt at the upstream. Texts are empty when absent. */
export interface Attempt {
  /** The start of the proxy since which `id` counts. */
  readonly run: string;
  readonly id: number;
  /** When it ended. */
  readonly atMs: number;
  readonly requestId: string;
  /** From 1 within its request. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly route: string;
  /** Absent when the upstream gave none. */
  readonly status: number | undefined;
  readonly latencyMs: number;
  readonly file: string;
  readonly email: string;
  readonly clientIp: string;
  readonly outcome: string;
  readonly error: string;
  /** What else the row says, as it is; without what it says nothing about. */
  readonly more: readonly (readonly [name: string, value: string])[];
}

/** One key of the pool. Texts are empty when absent. */
export interface KeyRow {
  readonly file: string;
  readonly email: string;
  /** `ok`, `probation`, `cooldown` or `blacklist`. */
  readonly state: string;
  /** When the state ends; absent for one that does not end by itself. */
  readonly untilMs: number | undefined;
  readonly reason: string;
  readonly used: number;
  readonly errors: number;
}

/** Whether two rows are the same attempt. */
export function isSame(a: Attempt, b: Attempt): boolean {
  return a.id === b.id && a.run === b.run;
}

export function readAttempt(row: Fields, run: string): Attempt {
  const { id, ts, request_id, attempt, method, path, route, status, latency_ms, ...rest } = row;
  const { auth_file, auth_email, client_ip, outcome, error, ...more } = rest;
  return {
    run,
    id: numberOf(id),
    atMs: numberOf(ts) * 1000,
    requestId: textOf(request_id),
    number: numberOf(attempt),
    method: textOf(method),
    path: textOf(path),
    route: textOf(route),
    status: typeof status === "number" ? status : undefined,
    latencyMs: numberOf(latency_ms),
    file: textOf(auth_file),
    email: textOf(auth_email),
    clientIp: textOf(client_ip),
    outcome: textOf(outcome),
    error: textOf(error),
    more: Object.entries(more)
      .map(([name, value]) => [printable(name), textOf(value)] as const)
      .filter(([, value]) => value !== ""),
  };
}

export function readKeyRow({ file, email, status, until, reason, used, errors }: Fields): KeyRow {
  const untilMs = typeof until === "string" ? Date.parse(until) : NaN;
  return {
    file: textOf(file),
    email: textOf(email),
    state: textOf(status).toLowerCase(),
    untilMs: Number.isNaN(untilMs) ? undefined : untilMs,
    reason: textOf(reason),
    used: numberOf(used),
    errors: numberOf(errors),
  };
}

function numberOf(value: Json | undefined): number {
  return typeof value === "number" ? value : 0;
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return printable(typeof value === "object" ? JSON.stringify(value) : String(value));
}
