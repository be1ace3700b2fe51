/**
 * What `status` tells about the service: read from the files and one question to the process; nothing is changed.
 * @module
 */

import { runtimePaths } from "../config/paths.ts";
import { describeSettings, type ResolvedSettings } from "../config/settings.ts";
import type { Fields } from "../values/json.ts";
import { serviceUrl } from "../config/address.ts";
import { type Facts, isLeaving, isStarting, whyAbsent } from "./plan.ts";
import { observeService, type ServiceDeps } from "./observe.ts";

/** The JSON of `status`. What only an answering service can tell is null when none answers. */
export interface StatusView extends Condition, Particulars {
  readonly auth_dir: string;
  readonly log_file: string;
  readonly events_file: string;
  readonly state_file: string;
}

interface Condition {
  readonly state: "running" | "starting" | "unresponsive" | "stopped";
  readonly pid: number | null;
  readonly pid_running: boolean;
  /** It has answered, and takes requests. */
  readonly healthy: boolean;
  /** Why it is not healthy, in words; null when it is. */
  readonly reason: string | null;
  readonly uptime_seconds: number | null;
}

interface Particulars {
  /** Null as well while no port has been chosen. */
  readonly base_url: string | null;
  readonly host: string;
  readonly port: number | null;
  readonly auth_count: number | null;
  readonly version: string | null;
  readonly upstream_base_url: string;
  /** Those of the running service; when none answers, those of the next start. */
  readonly settings: Fields;
}

export async function serviceStatus(deps: ServiceDeps): Promise<StatusView> {
  const { facts } = await observeService(deps);
  return statusOf(facts, deps.resolved);
}

export function statusOf(facts: Facts, resolved: ResolvedSettings): StatusView {
  const { authDir } = resolved.settings;
  const { logFile, eventsFile, stateFile } = runtimePaths(authDir);
  return {
    ...conditionOf(facts),
    ...particularsOf(facts, resolved),
    auth_dir: authDir,
    log_file: logFile,
    events_file: eventsFile,
    state_file: stateFile,
  };
}

function conditionOf(facts: Facts): Condition {
  if (!("reply" in facts)) {
    const reason = whyAbsent(facts.holder);
    return { state: "stopped", pid: null, pid_running: false, healthy: false, reason, uptime_seconds: null };
  }
  const { holder, reply } = facts;
  const uptimeSeconds = Math.max(0, Math.floor(holder.ageMs / 1000));
  const alive = { pid: holder.pid, pid_running: true, healthy: false, uptime_seconds: uptimeSeconds };
  switch (reply.kind) {
    case "debug":
      return isLeaving(reply.debug)
        ? { ...alive, state: "running", reason: "it is shutting down" }
        : { ...alive, state: "running", healthy: true, reason: null };
    case "unauthorized":
      return { ...alive, state: "running", reason: "it has another management key" };
    case "silent":
      return { ...alive, state: isStarting(holder) ? "starting" : "unresponsive", reason: reply.reason };
  }
}

function particularsOf(facts: Facts, resolved: ResolvedSettings): Particulars {
  if ("reply" in facts && facts.reply.kind === "debug") {
    const { base_url, host, port, auth_count, version, upstream_base_url, settings } = facts.reply.debug;
    return { base_url, host, port, auth_count, version, upstream_base_url, settings };
  }
  const { host, port, upstream } = resolved.settings;
  return {
    base_url: port === 0 ? null : serviceUrl(host, port),
    host,
    port: port === 0 ? null : port,
    auth_count: null,
    version: null,
    upstream_base_url: upstream,
    settings: describeSettings(resolved),
  };
}
