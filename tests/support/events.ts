// Whole events; a test overrides the parts that it is about.

import type { AttemptFields, ProxyEvent } from "../../src/observability/event.ts";

export const EVENT_AT_MS = Date.UTC(2026, 10, 22, 23, 41, 0, 123);

export function anEvent(over: Partial<ProxyEvent> = {}): ProxyEvent {
  return {
    atMs: EVENT_AT_MS,
    level: "warning",
    event: "auth.cooldown",
    message: "work.json cools down for 30 s",
    fields: { auth_file: "work.json", strikes: 1 },
    ...over,
  };
}

export function attemptFields(over: Partial<AttemptFields> = {}): AttemptFields {
  return {
    request_id: "req_1",
    attempt: 1,
    method: "POST",
    path: "/responses",
    route: "request",
    status: 200,
    latency_ms: 812.4,
    ttfb_ms: 301.5,
    auth_file: "work.json",
    auth_email: "a@example.com",
    client_ip: "127.0.0.1",
    outcome: "ok",
    session: null,
    model: null,
    ...over,
  };
}

/** A `proxy.request` event. */
export function anAttempt(over: Partial<AttemptFields> = {}): ProxyEvent {
  return anEvent({
    level: "info",
    event: "proxy.request",
    message: "POST /responses: ok",
    fields: attemptFields(over),
  });
}
