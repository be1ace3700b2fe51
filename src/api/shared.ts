/**
 * The part of `GET /debug` about a shared pool, which `cdx2 pool`, `status` and `doctor` show as well.
 * @module
 */

import {
  boolean,
  count,
  field,
  list,
  needed,
  number,
  object,
  oneOf,
  orNull,
  text,
  time,
  type ValueOf,
} from "./json_types.ts";

const member = object({
  name: needed(text, "what it is called"),
  version: field(text, "of its program"),
  started_at: field(time, "since when it has been there"),
  seen_at: needed(time, "when it last said so"),
  keys: field(count, "how many keys it has"),
  clock_off_ms: field(number, "milliseconds that the engine's clock is ahead of its own"),
});

/** How this proxy is doing as a member of a shared pool. */
export const shared = object({
  state: needed(
    oneOf("connecting", "up", "degraded"),
    "`degraded`: the engine cannot be used, and this proxy acts alone until it can",
  ),
  reason: needed(orNull(text), "why it is degraded; null when it is not"),
  since: field(orNull(time), "since when it is up or degraded"),
  engine: needed(text, "the server, without user and password"),
  namespace: field(text, "the name of the pool there"),
  member: needed(text, "what this proxy is called"),
  members: needed(list(member), "those that were there within the last 90 seconds, this one included"),
  pending: field(count, "changes that the engine does not have yet"),
  lag_ms: field(orNull(number), "how long a change takes through the engine and back; null before the first"),
  clock_off_ms: field(
    number,
    "milliseconds that the engine's clock is ahead of this machine's",
  ),
  conflicts: field(count, "how often another member was faster, since the start"),
  unreadable: field(count, "records of members with another secret, or damaged ones"),
  found_by: field(
    list(object({ file: needed(text, "the key"), member: needed(text, "whose verdict its state rests on") })),
    "for the keys that are in cooldown, blacklisted or on probation",
  ),
  twin: field(
    orNull(text),
    "a machine with a copy of this one's state folder, because of which neither renews for the pool; null when there is none",
  ),
  logins: field(
    list(object({
      file: needed(text, "the key"),
      home: needed(orNull(text), "the member that renews it; null: nobody"),
      here: needed(boolean, "whether this proxy is that member"),
      there: needed(boolean, "whether that member is there"),
      seen_at: needed(orNull(time), "when it was last there; null when that is not known"),
      token_expires_at: needed(orNull(time), "the end of the access token in use; null when it does not say"),
    })),
    "for the keys whose token says whose login it is",
  ),
});
/** How this proxy is doing as a member of a shared pool. */
export type Shared = ValueOf<typeof shared>;
