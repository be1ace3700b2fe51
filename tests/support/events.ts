// Whole events; a test overrides the parts that it is about.

import type { AttemptFields } from "../../src/api/trace.ts";
import type { EventFields, EventName, KeyChangeFields } from "../../src/api/events.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import type { Fields } from "../../src/values/json.ts";

export const EVENT_AT_MS = Date.UTC(2026, 10, 22, 23, 41, 0, 123);

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
    picked: "turn",
    client_ip: "127.0.0.1",
    outcome: "ok",
    session: null,
    model: null,
    ...over,
  };
}

const REQUEST = { request_id: "req_1", method: "POST", path: "/responses", client_ip: "127.0.0.1" };
const UNTIL = "2026-11-22T23:41:30.123Z";

function keyChange(state: KeyChangeFields["state"], more: Partial<KeyChangeFields> = {}): KeyChangeFields {
  return { auth_file: "work.json", auth_email: "a@example.com", state, ...more };
}

const REFUSED = { status: 429, request_id: "req_1" };

const RENEWAL = { auth_file: "a.json", outcome: "renewed", token_expires_at: null, next_try_at: null };

/** What each event may hold. */
const FIELDS: EventFields = {
  "shared.up": {},
  "shared.down": { reason: "connection refused" },
  "proxy.clock_set": { set_seconds: -3600 },
  "auth.refreshed": RENEWAL,
  "auth.refresh_failed": RENEWAL,
  "auth.login_needed": RENEWAL,
  "proxy.started": { pid: 4120, port: 8317 },
  "proxy.shutdown_requested": { reason: "signal SIGTERM" },
  "proxy.stopped": { reason: "signal SIGTERM" },
  "proxy.request": attemptFields(),
  "proxy.held": { ...REQUEST, until: UNTIL },
  "proxy.refused": { ...REQUEST, status: 413, type: "request_too_large" },
  "proxy.wrong_keys": { client_ip: "10.0.0.7", kind: "management" },
  "proxy.error": { request_id: "req_1", method: "POST", path: "/responses" },
  "proxy.accept_failed": { reason: "too many open files" },
  "proxy.accept_recovered": {},
  "proxy.worker_restarted": { reason: "Error: a fault" },
  "auth.loaded": { keys: 2 },
  "auth.blacklisted": keyChange("blacklist", { cause: "http_401", until: UNTIL, ...REFUSED, status: 401 }),
  "auth.cooldown": keyChange("cooldown", { cause: "http_429", until: UNTIL, ...REFUSED }),
  "auth.probation": keyChange("probation", { cause: "http_401" }),
  "auth.restored": keyChange("ok"),
  "auth.reset": keyChange("ok"),
  "auth.pool_exhausted": { ...REQUEST, status: 503, type: "no_usable_keys" },
  "state.set_aside": { file: "/auths/rr_proxy_v2.state.json.set-aside" },
  "state.tidied": { tightened: [".env"], exposed: [], removed: [] },
  "state.restored": {},
  "state.not_saved": {},
  "notify.failed": { reason: "ended with an error" },
  "clients.unusable": {},
  "log.recovered": { lost: 1 },
};

type Common = Partial<Pick<ProxyEvent, "atMs" | "level" | "message">>;

/** An event of this name. `fields` replace some of those that such an event has here. */
export function anEvent<Name extends EventName>(
  event: Name,
  { fields, ...over }: Common & { fields?: Partial<EventFields[Name]> } = {},
): ProxyEvent<Name> {
  return {
    atMs: EVENT_AT_MS,
    level: "warning",
    event,
    message: "work.json cools down for 30 s",
    fields: { ...FIELDS[event], ...fields },
    ...over,
  };
}

/** An event with fields that none has: for code that has to cope with whatever an event holds. */
export function anOddEvent(fields: Fields, over: Common & { event?: EventName } = {}): ProxyEvent {
  return { ...anEvent("auth.cooldown"), ...over, fields } as ProxyEvent;
}

/** A `proxy.request` event. */
export function anAttempt(over: Partial<AttemptFields> = {}): ProxyEvent<"proxy.request"> {
  const message = "POST /responses: ok";
  return anEvent("proxy.request", { level: "info", message, fields: over });
}
