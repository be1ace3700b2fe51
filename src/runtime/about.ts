/**
 * What the running proxy says of itself.
 * @module
 */

import type { Debug } from "../api/debug.ts";
import { serviceUrl } from "../config/address.ts";
import { runtimePaths } from "../config/paths.ts";
import type { ProxyEvent } from "../observability/event.ts";
import type { RelayFigures } from "../proxy/ws_relay.ts";
import type { WorkerStart } from "./sandbox.ts";

/** What it is doing at this moment. */
interface Serving {
  readonly port: number;
  readonly isDraining: boolean;
  /** Requests whose body or answer is still on its way. */
  readonly inFlight: number;
  readonly webSockets: Pick<RelayFigures, "open">;
}

/** The part of `/debug` that does not depend on the keys. */
export function about(
  { settings, service, settingsView, version, crashes: { count, last } }: WorkerStart,
  { port, isDraining, inFlight, webSockets }: Serving,
  shared: Debug["shared"],
): Omit<Debug, "auth_count"> {
  return {
    status: isDraining ? "shutting_down" : "running",
    host: settings.host,
    port,
    base_url: serviceUrl(settings.host, port),
    auth_dir: settings.authDir,
    upstream_base_url: settings.upstream,
    log_request_preview: false,
    management_key_required: true,
    trace_max: settings.traceMax,
    running_requests: inFlight,
    websockets: webSockets.open,
    pid: service.pid,
    event_log_file: runtimePaths(settings.authDir).eventsFile,
    version,
    started_at: service.startedAt,
    restarts: count,
    last_restart: last === undefined ? null : { reason: last.reason, at: new Date(last.atMs).toISOString() },
    shared,
    settings: settingsView,
  };
}

/** It has begun to serve. */
export function startedEvent(
  { settings: { host }, service: { pid } }: Pick<WorkerStart, "settings" | "service">,
  port: number,
  atMs: number,
): ProxyEvent {
  const message = `listening on ${serviceUrl(host, port)}`;
  return { atMs, level: "info", event: "proxy.started", message, fields: { pid, port } };
}
