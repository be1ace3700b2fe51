/**
 * The lines of the event log, which `cdx2 logs --json` prints: the fields of every event, and those of each event by
 * its name. A new event is one row in {@link EVENTS}, and the compiler names who has to know it. Where an event has
 * several forms, each is a type of its own.
 * @module
 */

import {
  count,
  field,
  integer,
  type JsonType,
  jsonType,
  list,
  needed,
  number,
  object,
  oneOf,
  optional,
  orNull,
  text,
  time,
  type ValueOf,
} from "./json_types.ts";
import { RENEWAL_TIMES } from "./renewals.ts";
import { REFUSAL_TYPES } from "./refusal.ts";
import { ATTEMPT } from "./trace.ts";

/** The fields of every event. */
export const eventLine = object({
  ts: needed(time, "when it happened"),
  level: needed(oneOf("info", "warning", "error"), "how much it matters"),
  event: needed(text, "its name"),
  message: needed(text, "one sentence for the user"),
});

const REQUEST = {
  request_id: field(text, "the client gets it as `x-cdx2-request-id`"),
  method: field(text, "of the client's request"),
  path: field(text, "without the query, which may hold secrets"),
};
const CLIENT_IP = { client_ip: field(text, "the client's address") };

/** The keys that a caller of the proxy presents to be let in. */
export const KEY_KINDS = ["management", "client"] as const;
/** A kind of key. */
export type KeyKind = typeof KEY_KINDS[number];

const NOTHING = jsonType({ kind: "object", fields: {} }, (z) => z.record(z.string(), z.never()));
const FAILURE = object({
  hint: field(optional(text), "what the user can do about it"),
});
const REASON = object({ reason: field(text, "why") });
const REFUSAL = object({
  ...REQUEST,
  ...CLIENT_IP,
  status: field(integer, "the status that the client got"),
  type: field(oneOf(...REFUSAL_TYPES), "the `error.type` that the client got"),
});

const keyChangeFields = object({
  auth_file: field(text, "the key"),
  auth_email: field(orNull(text), "the e-mail of the key's account"),
  state: field(oneOf("ok", "probation", "cooldown", "blacklist"), "the state that it is in now"),
  cause: field(optional(text), "the code of why it is in this state; absent for `ok`"),
  until: field(optional(time), "when the state ends; absent for one that does not end by itself"),
  status: field(
    optional(orNull(number)),
    "the upstream's status in the attempt that led to the state; null when it gave none",
  ),
  request_id: field(optional(text), "the request of that attempt"),
});
/** A key that went into another state. */
export type KeyChangeFields = ValueOf<typeof keyChangeFields>;

/** How the renewal of a key ended. */
export const renewalFields = object({
  auth_file: field(text, "the key"),
  outcome: field(text, "as `cdx2 auth refresh --json` names it"),
  ...RENEWAL_TIMES,
  hint: field(optional(text), "what the user can do about it"),
});

/** By the names of the events. */
export const EVENTS = {
  "proxy.started": event(
    "it listens; without `pid` and `port`, the chosen port could not be kept for the next start",
    object({ pid: field(integer, "its process"), port: field(integer, "where it listens") }),
    FAILURE,
  ),
  "proxy.shutdown_requested": event("it takes no new requests", REASON),
  "proxy.stopped": event("it has stopped; without `reason`, it could not start or failed", REASON, FAILURE),
  "proxy.request": event("an [Attempt](#attempt) has ended", object(ATTEMPT)),
  "proxy.held": event(
    "a request waits for a key",
    object({
      ...REQUEST,
      ...CLIENT_IP,
      until: field(time, "until when it waits at the latest"),
    }),
  ),
  "proxy.refused": event("the proxy answered a request with an error of its own", REFUSAL),
  "proxy.wrong_keys": event(
    "an address presented one wrong key after another, and has to wait before each further one",
    object({ ...CLIENT_IP, kind: field(oneOf(...KEY_KINDS), "which key it tries to find") }),
  ),
  "proxy.error": event(
    "a bug of cdx2; without `request_id`, it was not in the course of one request, and nothing ended",
    object(REQUEST),
    NOTHING,
  ),
  "proxy.accept_failed": event("it could not accept a connection, and listens again", REASON),
  "proxy.accept_recovered": event("it accepts connections again", NOTHING),
  "proxy.worker_restarted": event("its worker crashed and was started again on the same port", REASON),
  "proxy.clock_set": event(
    "somebody has set the clock of the system",
    object({ set_seconds: field(integer, "by how much, negative for back") }),
  ),
  "auth.pool_exhausted": event("the proxy refused a request because no key is usable", REFUSAL),
  "auth.loaded": event(
    "the auth dir was read; without `keys`, it could not be read",
    object({
      keys: field(count, "how many keys there are"),
      rejected: field(optional(list(text)), "auth files that could not be used"),
    }),
    NOTHING,
  ),
  "auth.blacklisted": event("a key is blacklisted", keyChangeFields),
  "auth.cooldown": event("a key waits for a limit to end", keyChangeFields),
  "auth.probation": event("a key is no longer blacklisted, and is on probation", keyChangeFields),
  "auth.restored": event("a key is `ok` again", keyChangeFields),
  "auth.reset": event("the user ended a key's penalty", keyChangeFields),
  "auth.refreshed": event("a key has a new token", renewalFields),
  "auth.refresh_failed": event(
    "a key could not be renewed; its token is used until it expires",
    renewalFields,
  ),
  "auth.login_needed": event("a key can no longer be renewed; only a new login helps", renewalFields),
  "state.set_aside": event(
    "a file that is kept over a restart could not be used",
    object({
      file: field(optional(text), "where it is now; absent when it could not be moved"),
    }),
  ),
  "state.tidied": event(
    "at the start, files that other users could reach were made private, or leftovers removed",
    object({
      tightened: field(list(text), "files that are private now; `.` is the auth dir itself"),
      exposed: field(list(text), "files that other users can reach, and that we may not change"),
      removed: field(list(text), "leftovers of interrupted writes"),
    }),
  ),
  "state.restored": event("one of the files by which it is found was lost, and was written again", NOTHING),
  "state.not_saved": event("what is kept over a restart could not be written", NOTHING),
  "shared.up": event("the shared pool can be reached, and this proxy knows what the others know", NOTHING),
  "shared.down": event("the shared pool cannot be reached; told once, until it is there again", REASON),
  "notify.failed": event("the command of `CLIPROXY_NOTIFY` could not be told", REASON),
  "clients.unusable": event("the file with the keys of clients could not be used", NOTHING),
  "log.recovered": event(
    "lines of this log could not be written",
    object({ lost: field(count, "how many lines") }),
  ),
};

/** `says` is for docs/json.md. Each form is the type of the event's own fields. */
function event<const Forms extends readonly JsonType[]>(says: string, ...forms: Forms) {
  return { says, forms };
}

/** The name of an event. */
export type EventName = keyof typeof EVENTS;

/** The fields of each event, by its name. */
export type EventFields = {
  readonly [Name in EventName]: ValueOf<(typeof EVENTS)[Name]["forms"][number]>;
};
