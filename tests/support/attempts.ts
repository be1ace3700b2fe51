// Rows of the live view; a test overrides the fields that it is about.

import type { AttemptRow, KeyRow } from "../../src/observability/tui/data.ts";
import type { TraceNews, TuiEvent } from "../../src/observability/tui/state.ts";
import { T0 } from "./builders.ts";

export function anAttemptRow(over: Partial<AttemptRow> = {}): AttemptRow {
  return {
    phase: "ended",
    run: "run 1",
    id: 1,
    atMs: T0,
    requestId: "req_1",
    number: 1,
    method: "POST",
    path: "/v1/responses",
    route: "request",
    status: 200,
    latencyMs: 812.4,
    file: "work.json",
    email: "a@example.com",
    clientIp: "127.0.0.1",
    client: "",
    outcome: "ok",
    error: "",
    model: "",
    session: "",
    streamEnd: "",
    tokens: { input: undefined, cached: undefined, output: undefined },
    more: [],
    ...over,
  };
}

/** An answer of the proxy, as news for the view. */
export function anAnswer(attempts: readonly AttemptRow[], over: Partial<TraceNews> = {}): TuiEvent {
  return { kind: "answer", attempts, running: [], refused: [], ...over };
}

export function aKeyRow(over: Partial<KeyRow> = {}): KeyRow {
  return {
    file: "work.json",
    email: "a@example.com",
    state: "ok",
    untilMs: undefined,
    reason: "",
    used: 12,
    errors: 0,
    ...over,
  };
}
