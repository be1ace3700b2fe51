/**
 * The JSON of `cdx2 status --json`. At run time only its type is used.
 * @module
 */

import {
  boolean,
  count,
  field,
  number,
  object,
  oneOf,
  orNull,
  text,
  type ValueOf,
} from "../api/json_types.ts";
import { lastRestart } from "../api/debug.ts";
import { settings } from "../api/setting.ts";
import { shared } from "../api/shared.ts";

/** The answer of `status --json`. What only the running proxy knows is null when it does not answer. */
export const status = object({
  state: field(
    oneOf("running", "starting", "unresponsive", "stopped"),
    "`starting`: it is too young to be expected to answer; `unresponsive`: it does not answer",
  ),
  pid: field(orNull(number), "the proxy's process; null when it is not running"),
  pid_running: field(boolean, "whether that process is alive"),
  healthy: field(boolean, "whether it answers and takes requests; the exit code is then 0"),
  reason: field(orNull(text), "why it is not healthy; null when it is"),
  hint: field(orNull(text), "what to do about it; null when it is healthy"),
  uptime_seconds: field(orNull(number), "whole seconds since it was started"),
  base_url: field(orNull(text), "where clients reach it; null while no port has been chosen"),
  host: field(text, "the address that it listens on"),
  port: field(orNull(number), "the port that it listens on; null while none has been chosen"),
  auth_count: field(
    orNull(count),
    "keys that it holds and that are not disabled; null when it does not answer",
  ),
  running_requests: field(
    orNull(count),
    "requests that it is serving at this moment; null when it does not answer",
  ),
  websockets: field(orNull(count), "WebSockets of clients that it relays now; null when it does not answer"),
  version: field(orNull(text), "the version of the running proxy; null when it does not answer"),
  upstream_base_url: field(text, "where it sends requests"),
  restarts: field(
    orNull(count),
    "how often its worker crashed and was started again; null when it does not answer",
  ),
  last_restart: lastRestart,
  shared: field(
    orNull(shared),
    "the pool that it shares with other machines; null when there is none, or it does not answer",
  ),
  settings: field(settings, "of the running proxy; of the next start when it does not answer"),
  gateway: field(
    orNull(object({
      url: field(text, "its address"),
      client: field(orNull(text), "the client that this machine is there; null where requests need no key"),
      usable: field(
        orNull(boolean),
        "whether it has a key for a request; null when it does not let this client in",
      ),
      management: field(orNull(text), "why its management endpoints cannot be asked; null when they can"),
    })),
    "the proxy of another machine that is used in the place of one here; null when none is set",
  ),
  auth_dir: field(text, "the folder with the keys"),
  log_file: field(text, "the path of the service log"),
  events_file: field(text, "the path of the event log"),
  state_file: field(text, "the path of the file that keeps penalties over a restart"),
});
/** The answer of `status --json`. What only the running proxy knows is null when it does not answer. */
export type Status = ValueOf<typeof status>;
