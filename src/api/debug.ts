/**
 * `GET /debug`: which proxy this is, where it listens and what it was started with.
 * @module
 */

import {
  always,
  count,
  field,
  integer,
  needed,
  object,
  oneOf,
  orNull,
  text,
  time,
  url,
  type ValueOf,
} from "./json_types.ts";
import { settings } from "./setting.ts";
import { shared } from "./shared.ts";

/** The field of the last crash, here and in `status --json`. */
export const lastRestart = field(
  orNull(object({ reason: field(text, "why it crashed"), at: field(time, "when it crashed") })),
  "the last of these; null when there was none",
);

/** The answer of `GET /debug`, and of `cdx2 proxy --json`. */
export const debug = object({
  status: needed(oneOf("running", "shutting_down"), "whether it takes requests"),
  host: needed(text, "the address that it listens on"),
  port: needed(integer, "the port that it listens on"),
  base_url: needed(url, "where clients reach it"),
  auth_dir: needed(text, "the folder with the keys"),
  auth_count: needed(count, "keys that it holds and that are not disabled"),
  upstream_base_url: needed(url, "where it sends requests"),
  log_request_preview: needed(always(false), "no request body is ever logged"),
  management_key_required: needed(always(true), "the management endpoints never answer without the key"),
  trace_max: needed(count, "how many attempts it remembers"),
  running_requests: field(count, "requests that it is serving at this moment"),
  pid: needed(integer, "its process"),
  event_log_file: needed(text, "the path of the event log"),
  version: needed(text, "its version"),
  started_at: needed(time, "when it was started"),
  restarts: field(count, "how often its worker crashed and was started again"),
  last_restart: lastRestart,
  websockets: field(count, "WebSockets of clients that it relays now"),
  shared: field(orNull(shared), "the pool that it shares with other machines; null when there is none"),
  settings: needed(settings, "all settings that it runs with"),
});
/** The answer of `GET /debug`, and of `cdx2 proxy --json`. */
export type Debug = ValueOf<typeof debug>;
