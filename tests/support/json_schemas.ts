// What every `--json` output and every management endpoint may hold, in one place. Objects are strict: a field that
// does not stand here fails the contract test, and one that stands here and not in docs/json.md fails as well.

import * as z from "zod/mini";
import type { EventFields, EventName } from "../../src/observability/event.ts";

const time = z.iso.datetime();
const maybe = { text: z.nullable(z.string()), time: z.nullable(time), number: z.nullable(z.number()) };
const count = z.int().check(z.gte(0));
const percent = z.number().check(z.gte(0), z.lte(100));
const seconds = z.int();

/** Names a shape, so that the documentation explains it once. */
function named<T extends z.ZodMiniType>(id: string, shape: T): T {
  z.globalRegistry.add(shape, { id });
  return shape;
}

const setting = named(
  "Setting",
  z.strictObject({
    value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
    source: z.enum(["flag", "environment", "env_file", "default"]),
    unit: z.optional(z.enum(["seconds", "MiB"])),
  }),
);
const settings = z.record(z.string(), setting);

const evidence = {
  status: maybe.number,
  code: z.string(),
  request_id: z.string(),
  at: time,
};

const accountFields = {
  file: z.string(),
  email: maybe.text,
  status: z.enum(["OK", "PROBATION", "COOLDOWN", "BLACKLIST"]),
  cooldown_seconds: seconds,
  blacklist_seconds: seconds,
  blacklist_reason: maybe.text,
  probation: z.boolean(),
  probation_successes: count,
  probation_target: count,
  used: count,
  errors: count,
  rate_limit_strikes: count,
  hard_failures: count,
  reason: maybe.text,
  until: maybe.time,
  next_trial_at: maybe.time,
  evidence: z.nullable(z.strictObject(evidence)),
  model_limits: z.array(z.strictObject({ model: z.string(), reason: z.string(), until: time })),
  usage: z.nullable(z.strictObject({
    windows: z.array(z.strictObject({
      limit: z.string(),
      limit_window_seconds: maybe.number,
      used_percent: z.number(),
      reset_at: maybe.time,
      source: z.enum(["headers", "event", "refusal", "usage"]),
      at: time,
    })),
  })),
  plan: maybe.text,
  token_expires_at: maybe.time,
  last_used_at: maybe.time,
};
const account = named("Account", z.strictObject(accountFields));

const examinedAccount = named(
  "Examined account",
  z.strictObject({
    ...accountFields,
    evidence: z.nullable(z.strictObject({ ...evidence, age_seconds: count })),
    state: z.enum(["whitelist", "probation", "cooldown", "blacklist"]),
    cause: maybe.text,
    cleared_by: maybe.text,
    mend: maybe.text,
  }),
);

const authFileFields = {
  file: z.string(),
  email: maybe.text,
  plan: maybe.text,
  account_id: maybe.text,
  token_expires_at: maybe.time,
  usable: z.boolean(),
  reason: maybe.text,
  fingerprint: maybe.text,
};
const authFile = named("Auth file", z.strictObject(authFileFields));

const attemptFields = {
  request_id: z.string(),
  attempt: count,
  method: z.string(),
  path: z.string(),
  route: z.enum(["request", "compact", "models", "other"]),
  status: maybe.number,
  latency_ms: z.number(),
  ttfb_ms: maybe.number,
  streamed_bytes: z.optional(count),
  stream_end: z.optional(
    z.enum(["completed", "incomplete", "failed", "truncated", "broken", "idle_timeout", "client_gone"]),
  ),
  auth_file: maybe.text,
  auth_email: maybe.text,
  client_ip: z.string(),
  outcome: z.enum([
    "ok",
    "rate_limited",
    "auth_rejected",
    "origin_failed",
    "overloaded",
    "client_error",
    "client_gone",
  ]),
  session: maybe.text,
  model: maybe.text,
  error: z.optional(z.string()),
};
const attempt = named("Attempt", z.strictObject({ id: count, ts: z.number(), ...attemptFields }));

const requestFields = {
  request_id: z.string(),
  method: z.string(),
  path: z.string(),
  client_ip: z.string(),
};
const refusalFields = {
  ...requestFields,
  status: z.int(),
  type: z.enum([
    "forbidden",
    "internal_error",
    "no_keys",
    "no_usable_keys",
    "not_forwardable",
    "rate_limit_exceeded",
    "request_too_large",
    "shutting_down",
    "upgrade_refused",
    "upstream_refuses_all",
    "upstream_timeout",
    "upstream_unreachable",
    "usage_limit_reached",
    "usage_unknown",
  ]),
};
const keyChangeFields = {
  auth_file: z.string(),
  auth_email: maybe.text,
  state: z.enum(["ok", "probation", "cooldown", "blacklist"]),
  cause: z.optional(z.string()),
  until: z.optional(time),
  status: z.optional(maybe.number),
  request_id: z.optional(z.string()),
};

// Over the variants of a union; that of an event without fields has none, although it names every one as `never`.
type FieldOf<Variants> = Variants extends unknown ? string extends keyof Variants ? never : keyof Variants
  : never;
type ValueOf<Variants, Field> = Variants extends unknown ? Field extends keyof Variants ? Variants[Field]
  : undefined
  : never;
/** A schema for each field of each event: one without a schema does not compile. */
type EventSchemas = {
  readonly [Name in EventName]: {
    readonly [Field in FieldOf<EventFields[Name]>]: z.ZodMiniType<
      ValueOf<EventFields[Name], Field> | undefined
    >;
  };
};

/** The fields that each event has beside those of every event. */
export const EVENT_FIELDS: EventSchemas = {
  "proxy.started": { pid: z.optional(z.int()), port: z.optional(z.int()), hint: z.optional(z.string()) },
  "proxy.shutdown_requested": { reason: z.string() },
  "proxy.stopped": { reason: z.optional(z.string()), hint: z.optional(z.string()) },
  "proxy.request": attemptFields,
  "proxy.held": { ...requestFields, until: time },
  "proxy.refused": refusalFields,
  "proxy.error": { request_id: z.string(), method: z.string(), path: z.string() },
  "auth.pool_exhausted": refusalFields,
  "auth.loaded": { keys: z.optional(count), rejected: z.optional(z.array(z.string())) },
  "auth.blacklisted": keyChangeFields,
  "auth.cooldown": keyChangeFields,
  "auth.probation": keyChangeFields,
  "auth.restored": keyChangeFields,
  "auth.reset": keyChangeFields,
  "state.set_aside": { file: z.optional(z.string()) },
  "state.not_saved": {},
  "log.recovered": { lost: count },
};

const EVENT_NAMES = Object.keys(EVENT_FIELDS) as EventName[];

/** Those of every event; the type of the line is found by its `event`. */
export const eventLine = named(
  "Event",
  z.strictObject({
    ts: time,
    level: z.enum(["info", "warning", "error"]),
    event: z.enum(EVENT_NAMES),
    message: z.string(),
  }),
);

/** One line of `logs --json`. @throws when it is of no known event, or holds what that event does not */
export function parseEventLine(line: unknown): void {
  const { event } = z.parse(z.looseObject({ event: eventLine.shape.event }), line);
  z.parse(z.strictObject({ ...eventLine.shape, ...EVENT_FIELDS[event] }), line);
}

const usageWindow = named(
  "Window",
  z.strictObject({
    status: z.enum(["OK", "WARN", "COOLDOWN", "UNKNOWN"]),
    used_percent: z.nullable(percent),
    reset_after_seconds: maybe.number,
  }),
);

const check = z.strictObject({
  name: z.string(),
  status: z.enum(["ok", "warn", "fail", "skipped"]),
  message: z.string(),
  hint: maybe.text,
});

const debug = z.strictObject({
  status: z.enum(["running", "shutting_down"]),
  host: z.string(),
  port: z.int(),
  base_url: z.url(),
  auth_dir: z.string(),
  auth_count: count,
  upstream_base_url: z.url(),
  log_request_preview: z.literal(false),
  management_key_required: z.literal(true),
  trace_max: count,
  pid: z.int(),
  event_log_file: z.string(),
  version: z.string(),
  started_at: time,
  settings,
});

const reset = z.strictObject({
  reset: count,
  files: z.array(z.string()),
  filter: z.strictObject({ name: maybe.text, state: maybe.text }),
});

const status = z.strictObject({
  state: z.enum(["running", "starting", "unresponsive", "stopped"]),
  pid: maybe.number,
  pid_running: z.boolean(),
  healthy: z.boolean(),
  reason: maybe.text,
  uptime_seconds: maybe.number,
  base_url: maybe.text,
  host: z.string(),
  port: maybe.number,
  auth_count: maybe.number,
  version: maybe.text,
  upstream_base_url: z.string(),
  settings,
  auth_dir: z.string(),
  log_file: z.string(),
  events_file: z.string(),
  state_file: z.string(),
});

const doctor = z.strictObject({
  ok: z.boolean(),
  running: z.boolean(),
  reason: maybe.text,
  base_url: maybe.text,
  pid: maybe.number,
  version: maybe.text,
  policy: settings,
  summary: z.strictObject({
    whitelist: count,
    probation: count,
    cooldown: count,
    blacklist: count,
    total: count,
  }),
  accounts: z.array(examinedAccount),
  rejected_files: z.array(z.strictObject({ file: z.string(), reason: maybe.text })),
  checks: z.array(check),
});

const counts = z.record(z.string(), count);
const tally = named(
  "Tally",
  z.strictObject({
    requests: count,
    served: count,
    refused: counts,
    attempts: count,
    outcomes: counts,
    picks: counts,
    sessions: count,
    key_changes: count,
    cooldowns: count,
    ejections: count,
  }),
);

const replay = z.strictObject({
  file: z.string(),
  from: time,
  to: time,
  lines: z.strictObject({ total: count, other: count, unreadable: count }),
  keys: z.array(z.string()),
  rules: settings,
  recorded: tally,
  replayed: tally,
  notes: z.array(z.string()),
});

const stop = z.strictObject({
  stopped: z.boolean(),
  how: z.enum(["stopped", "killed", "not_running"]),
  pid: maybe.number,
  reason: maybe.text,
});

const all = z.strictObject({
  ok: z.boolean(),
  aggregate: z.strictObject({
    status: usageWindow.shape.status,
    counts: z.strictObject({ ok: count, warn: count, cooldown: count, unknown: count }),
    global_exhaustion: z.nullable(percent),
    max_used: z.nullable(percent),
    min_reset_seconds: maybe.number,
    total: count,
  }),
  availability: z.strictObject({
    available_now: count,
    cooldown_now: count,
    unknown_now: count,
    next_available_in_seconds: maybe.number,
    next_available_file: maybe.text,
  }),
  accounts: z.array(z.strictObject({
    file: z.string(),
    email: maybe.text,
    status: usageWindow.shape.status,
    plan_type: maybe.text,
    current: z.boolean(),
    five_hour: z.nullable(usageWindow),
    weekly: z.nullable(usageWindow),
    other_windows: z.array(z.strictObject({ ...usageWindow.shape, window_seconds: z.number() })),
    limit_reached: z.boolean(),
    error: maybe.text,
  })),
  thresholds: z.strictObject({
    warn_at: z.number(),
    cooldown_at: z.number(),
    only: z.enum(["both", "5h", "weekly"]),
  }),
  retrieved_at: time,
});

const authList = z.strictObject({
  auth_dir: z.string(),
  files: z.array(authFile),
  proxy: z.strictObject({ running: z.boolean(), differences: z.array(z.string()) }),
});

const authImport = z.strictObject({
  how: z.enum(["added", "replaced"]),
  ...authFileFields,
  auth_dir: z.string(),
  notes: z.array(z.string()),
});

const authRemove = z.strictObject({
  removed: z.boolean(),
  file: z.string(),
  email: maybe.text,
  auth_dir: z.string(),
});

const refusal = z.strictObject({
  error: z.strictObject({
    type: z.string(),
    message: z.string(),
    resets_at: z.optional(z.int()),
    resets_in_seconds: z.optional(z.int()),
  }),
});

/** By the headings of docs/json.md. */
export const SCHEMAS = {
  "GET /debug": debug,
  "GET /health": z.strictObject({ ok: z.boolean(), accounts: z.array(account) }),
  "GET /trace": z.strictObject({ events: z.array(attempt), started_at: time }),
  "GET /auth-files": z.strictObject({ files: z.array(authFile) }),
  "POST /reset": reset,
  "POST /shutdown": z.strictObject({ status: z.literal("shutting_down") }),
  "Management errors": z.strictObject({ error: z.string() }),
  "Refusals": refusal,
  "status": status,
  "stop": stop,
  "doctor": doctor,
  "doctor --replay": replay,
  "all": all,
  "auth list": authList,
  "auth import": authImport,
  "auth remove": authRemove,
  "Setting": setting,
  "Tally": tally,
  "Account": account,
  "Examined account": examinedAccount,
  "Attempt": attempt,
  "Auth file": authFile,
  "Window": usageWindow,
  "Event": eventLine,
};

/** Of {@link SCHEMAS}, those whose fields are those of another one and more. */
export const EXTENDS: Readonly<Partial<Record<keyof typeof SCHEMAS, keyof typeof SCHEMAS>>> = {
  "Examined account": "Account",
  "auth import": "Auth file",
};
