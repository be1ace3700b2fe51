/**
 * The status of a gateway: what it says to this client, and to who has its management key.
 * @module
 */

import type { Debug } from "../../api/debug.ts";
import type { Received } from "../../api/received.ts";
import { runtimePaths } from "../../config/paths.ts";
import { describeSettings, type ResolvedSettings } from "../../config/settings.ts";
import type { Status } from "../../runtime/status_page.ts";
import { UserError } from "../../values/user_error.ts";
import { answeringManagement, askGateway } from "../gateway/ask.ts";
import type { GatewayAnswer } from "../gateway/answer.ts";
import { NO_KEY, type Reason, reasonOf } from "../gateway/error.ts";
import type { Gateway } from "../gateway/gateway.ts";

/** The status of the gateway at this moment; the settings are those of this machine. Never throws. */
export async function gatewayStatus(
  gateway: Gateway,
  resolved: ResolvedSettings,
): Promise<Received<Status>> {
  const [answer, looked] = await Promise.all([askGateway(gateway), debugOf(gateway)]);
  const debug = typeof looked === "string" ? undefined : looked;
  const page = answer.kind === "welcome" ? answer.page : undefined;
  return {
    ...conditionOf(answer, debug, gateway),
    ...placeOf(gateway.url),
    auth_count: page?.keys ?? debug?.auth_count ?? null,
    running_requests: debug?.running_requests ?? null,
    websockets: debug?.websockets ?? null,
    version: page?.version ?? debug?.version ?? null,
    upstream_base_url: debug?.upstream_base_url ?? "",
    restarts: debug?.restarts ?? null,
    last_restart: debug?.last_restart ?? null,
    shared: debug?.shared ?? null,
    settings: describeSettings(resolved),
    gateway: {
      url: gateway.url,
      client: page?.client ?? null,
      usable: page?.usable ?? null,
      management: typeof looked === "string" ? looked : null,
    },
    ...pathsOf(debug),
  };
}

function conditionOf(answer: GatewayAnswer, debug: Received<Debug> | undefined, { url, clock }: Gateway) {
  const refused = answer.kind === "welcome" ? noKeyReason(answer.page.usable) : reasonOf(answer, url);
  const isUp = answer.kind === "welcome" || debug !== undefined;
  return {
    state: isUp ? "running" as const : "unresponsive" as const,
    pid: debug?.pid ?? null,
    pid_running: isUp,
    healthy: refused === undefined,
    reason: refused?.what ?? null,
    hint: refused?.hint ?? null,
    uptime_seconds: debug === undefined ? null : secondsSince(debug.started_at, clock.nowMs()),
  };
}

function noKeyReason(isUsable: boolean): Pick<Reason, "what" | "hint"> | undefined {
  return isUsable ? undefined : NO_KEY;
}

function secondsSince(time: string, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - Date.parse(time)) / 1000));
}

function placeOf(gatewayUrl: string) {
  const { hostname: host, port, protocol } = new URL(gatewayUrl);
  return { base_url: gatewayUrl, host, port: Number(port || (protocol === "https:" ? 443 : 80)) };
}

/** The files of the gateway, which only who has its management key may know. */
function pathsOf(debug: Received<Debug> | undefined) {
  if (debug === undefined) return { auth_dir: "", log_file: "", events_file: "", state_file: "" };
  const { logFile, eventsFile, stateFile } = runtimePaths(debug.auth_dir);
  return { auth_dir: debug.auth_dir, log_file: logFile, events_file: eventsFile, state_file: stateFile };
}

/** Its own words, or why it says none. */
async function debugOf(gateway: Gateway): Promise<Received<Debug> | string> {
  try {
    return (await answeringManagement(gateway)).debug;
  } catch (error) {
    if (error instanceof UserError) return [error.message, error.hint].filter(Boolean).join("; ");
    throw error;
  }
}
