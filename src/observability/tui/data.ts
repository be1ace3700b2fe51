/**
 * The rows of `/trace` and the keys of `/health` as the live view holds them. Every text is made safe to print: paths,
 * error texts and fields of a newer proxy come from outside.
 * @module
 */

import type { Account } from "../../api/health.ts";
import { stateWord } from "../../auth/state_word.ts";
import type { Received } from "../../api/received.ts";
import type { RefusedRequest, RunningRow, TraceRow } from "../../api/trace.ts";
import { printable } from "../../screen/cells.ts";
import { moreFacts } from "./more_facts.ts";
import { entryOf } from "../../values/lookup.ts";

/**
 * One attempt at the upstream, as a row of the view, or a request without one: it waits for a key, or was refused. Texts
 * are empty when absent.
 */
export interface AttemptRow {
  /** `ended`, `refused`, or the `state` of what is running: `held`, `sent`, `streaming`. */
  readonly phase: string;
  /** When the proxy started, which tells its ids from those of another run. */
  readonly run: string;
  /** 0 for what is not an attempt that has ended. */
  readonly id: number;
  /** When it ended; of what is running, when it began. Epoch milliseconds. */
  readonly atMs: number;
  readonly requestId: string;
  /** From 1 within its request; 0 for a request that was refused. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly route: string;
  /** `undefined` when the upstream gave none. */
  readonly status: number | undefined;
  /** 0 while it is running. */
  readonly latencyMs: number;
  readonly file: string;
  readonly email: string;
  readonly clientIp: string;
  /** The name of the client's key. */
  readonly client: string;
  readonly outcome: string;
  readonly error: string;
  readonly model: string;
  readonly session: string;
  /** How its stream ended, in the word of the wire. */
  readonly streamEnd: string;
  readonly tokens: Tokens;
  /** What the other fields of the row say, by a name for the user. */
  readonly more: readonly (readonly [name: string, value: string])[];
}

/** What the upstream says that an answer costs; `undefined` where it has not said it. */
export interface Tokens {
  /** The cached ones included. */
  readonly input: number | undefined;
  readonly cached: number | undefined;
  readonly output: number | undefined;
}

/** One key of the pool, as a row of the view. Texts are empty when absent. */
export interface KeyRow {
  readonly file: string;
  readonly email: string;
  /** `disabled`, `expired`, or its state: `ok`, `probation`, `cooldown`, `blacklisted`. */
  readonly state: string;
  /** When the state ends, epoch milliseconds; `undefined` for one that does not end by itself. */
  readonly untilMs: number | undefined;
  readonly reason: string;
  readonly used: number;
  readonly errors: number;
}

/** Whether two rows are the same attempt, running or ended. */
export function isSame(a: AttemptRow, b: AttemptRow): boolean {
  return a.requestId === b.requestId && a.number === b.number && a.run === b.run;
}

/** An attempt of `GET /trace` as a row. `run` is when that proxy started. */
export function attemptRowOf(row: Received<TraceRow>, run: string): AttemptRow {
  const { id, ts, status, latency_ms, outcome, error, stream_end, ...more } = row;
  return {
    phase: "ended",
    run,
    id,
    atMs: ts * 1000,
    ...requestOf(row),
    status: status ?? undefined,
    latencyMs: latency_ms,
    outcome: printable(outcome),
    error: printable(error ?? ""),
    streamEnd: printable(stream_end ?? ""),
    more: moreFacts(Object.fromEntries(Object.entries(more).filter(([name]) => !SHOWN.has(name)))),
  };
}

// Those that requestOf() reads.
const SHOWN: ReadonlySet<string> = new Set(
  ("request_id attempt method path route auth_file auth_email client_ip client model session " +
    "input_tokens cached_tokens output_tokens").split(" "),
);

/** What is running, of `GET /trace`, as a row. */
export function runningRowOf(row: Received<RunningRow>, run: string): AttemptRow {
  return {
    ...NOTHING_YET,
    phase: printable(row.state),
    run,
    atMs: Date.parse(row.began_at),
    ...requestOf(row),
  };
}

/** A request that the proxy refused by itself, of `GET /trace`, as a row. */
export function refusedRowOf(row: Received<RefusedRequest>, run: string): AttemptRow {
  const { ts, request_id, method, path, client_ip, status, type, message } = row;
  return {
    ...NOTHING_YET,
    phase: "refused",
    run,
    atMs: ts * 1000,
    requestId: printable(request_id),
    number: 0,
    method: printable(method),
    path: printable(path),
    route: "",
    status,
    file: "",
    email: "",
    clientIp: printable(client_ip),
    client: "",
    outcome: "refused",
    error: printable(type),
    model: "",
    session: "",
    tokens: { input: undefined, cached: undefined, output: undefined },
    more: [["message", printable(message)]],
  };
}

const NOTHING_YET = {
  id: 0,
  status: undefined,
  latencyMs: 0,
  outcome: "",
  error: "",
  streamEnd: "",
  more: [],
} as const;

/** What an attempt has from its beginning on, and the tokens. */
function requestOf(row: Received<TraceRow> | Received<RunningRow>) {
  const { request_id, attempt, method, path, route, auth_file, auth_email, client_ip, client } = row;
  const { model, session, input_tokens, cached_tokens, output_tokens } = row;
  return {
    requestId: printable(request_id),
    number: attempt,
    method: printable(method),
    path: printable(path),
    route: printable(route),
    file: printable(auth_file ?? ""),
    email: printable(auth_email ?? ""),
    clientIp: printable(client_ip),
    client: printable(client ?? ""),
    model: printable(model ?? ""),
    session: printable(session ?? ""),
    tokens: { input: input_tokens, cached: cached_tokens, output: output_tokens },
  };
}

/** A key of `GET /health` as a row. */
export function keyRowOf(account: Received<Account>): KeyRow {
  const { file, email, status, disabled, expired, until, reason, used, errors } = account;
  const state = disabled ? "disabled" : expired ? "expired" : stateWord(status);
  return {
    file: printable(file),
    email: printable(email ?? ""),
    state: printable(state),
    untilMs: until === null ? undefined : Date.parse(until),
    reason: printable(reason || entryOf(REASONS, state) || ""),
    used,
    errors,
  };
}

/** Of a key that is out of service without a penalty. */
const REASONS: Readonly<Record<string, string>> = {
  disabled: "its file says so",
  expired: "its token has expired",
};
