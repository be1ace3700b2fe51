/**
 * What `status` shows: read from the files, and asked of the process with one question. Nothing is changed.
 * @module
 */

import { runtimePaths } from "../config/paths.ts";
import { describeSettings, type ResolvedSettings } from "../config/settings.ts";
import type { Received } from "../api/received.ts";
import { serviceUrl } from "../config/address.ts";
import { isShuttingDown, isStarting, type ServiceFacts, whyAbsent, whySilent } from "./plan.ts";
import { observeService, type ServiceDeps } from "./observe.ts";
import type { Status } from "./status_page.ts";

/** What is known of the process, and of its health. */
type Condition = Pick<
  Status,
  "state" | "pid" | "pid_running" | "healthy" | "reason" | "hint" | "uptime_seconds"
>;
/** The files of the auth dir. */
type Paths = Pick<Status, "auth_dir" | "log_file" | "events_file" | "state_file">;
/** What the running service says of itself, or the settings of the next start. */
type Particulars = Omit<Received<Status>, keyof Condition | keyof Paths | "gateway">;

/** The state of the service at this moment. Nothing is started or changed. */
export async function serviceStatus(deps: ServiceDeps): Promise<Received<Status>> {
  const { facts } = await observeService(deps);
  return statusOf(facts, deps.resolved);
}

/** The answer of `status`. */
export function statusOf(facts: ServiceFacts, resolved: ResolvedSettings): Received<Status> {
  const { authDir } = resolved.settings;
  const { logFile, eventsFile, stateFile } = runtimePaths(authDir);
  return {
    ...conditionOf(facts),
    ...particularsOf(facts, resolved),
    gateway: null,
    auth_dir: authDir,
    log_file: logFile,
    events_file: eventsFile,
    state_file: stateFile,
  };
}

function conditionOf(facts: ServiceFacts): Condition {
  if (!("reply" in facts)) {
    return {
      state: "stopped",
      pid: null,
      pid_running: false,
      healthy: false,
      reason: whyAbsent(facts.holder),
      hint: 'start it with "cdx2 proxy"',
      uptime_seconds: null,
    };
  }
  const { holder, reply } = facts;
  const uptimeSeconds = Math.max(0, Math.floor(holder.ageMs / 1000));
  const alive = { pid: holder.pid, pid_running: true, healthy: false, uptime_seconds: uptimeSeconds };
  switch (reply.kind) {
    case "debug":
      return isShuttingDown(reply.debug)
        ? {
          ...alive,
          state: "running",
          reason: "it is shutting down",
          hint: '"cdx2 proxy" starts another one',
        }
        : { ...alive, state: "running", healthy: true, reason: null, hint: null };
    case "unauthorized":
      return {
        ...alive,
        state: "running",
        reason: "it has another management key",
        hint: 'pass its key with --management-key, or replace it with "cdx2 proxy --force"',
      };
    case "unasked":
    case "silent":
      return isStarting(holder)
        ? { ...alive, state: "starting", reason: whySilent(reply), hint: "look again in a few seconds" }
        : {
          ...alive,
          state: "unresponsive",
          reason: whySilent(reply),
          hint: '"cdx2 logs" may say why; replace it with "cdx2 proxy --force"',
        };
  }
}

function particularsOf(facts: ServiceFacts, resolved: ResolvedSettings): Particulars {
  if ("reply" in facts && facts.reply.kind === "debug") {
    const { debug } = facts.reply;
    return {
      base_url: debug.base_url,
      host: debug.host,
      port: debug.port,
      auth_count: debug.auth_count,
      running_requests: debug.running_requests,
      websockets: debug.websockets,
      version: debug.version,
      upstream_base_url: debug.upstream_base_url,
      restarts: debug.restarts,
      last_restart: debug.last_restart,
      shared: debug.shared,
      settings: debug.settings,
    };
  }
  const { host, port, upstream } = resolved.settings;
  return {
    base_url: port === 0 ? null : serviceUrl(host, port),
    host,
    port: port === 0 ? null : port,
    auth_count: null,
    running_requests: null,
    websockets: null,
    version: null,
    upstream_base_url: upstream,
    restarts: null,
    last_restart: null,
    shared: null,
    settings: describeSettings(resolved),
  };
}
