/**
 * A proxy that has just been started or found: how the user is told, and where its clients find it.
 * @module
 */

import { isLoopbackHost, serviceUrl } from "../config/address.ts";
import type { Settings } from "../config/settings.ts";
import type { Running } from "../runtime/service.ts";
import { counted } from "../values/durations.ts";
import type { ProxyEndpoint } from "./client_env.ts";

/** Where clients find the proxy. */
export function endpointOf({ service }: Running, { envFile }: Settings): ProxyEndpoint {
  const { host, port, auth_dir } = service;
  return { baseUrl: serviceUrl(host, port), host, port, authDir: auth_dir, envFile };
}

const HOW = { started: "started", reused: "already running", replaced: "restarted" } as const;

/** One line for the user. */
export function runningLine({ service, how }: Running): string {
  const { base_url, pid, auth_count } = service;
  const keys = auth_count === 0 ? "no keys" : counted(auth_count, "key");
  return `cdx2 proxy is running at ${base_url} (pid ${pid}, ${keys}) — ${HOW[how]}`;
}

/** What else the user should know; usually nothing. */
export function runningNotes({ service, notes }: Running): readonly string[] {
  const { auth_count, auth_dir, host } = service;
  const hasNoKeys = auth_count === 0
    ? [
      `there are no keys, or all are disabled: add one with "cdx2 auth login" or "cdx2 auth import", or copy auth files (*.json) into ${auth_dir}; "cdx2 auth list" says why a file cannot be used`,
    ]
    : [];
  return [...notes, ...hasNoKeys, ...exposureWarnings(host)];
}

/** What it means that other machines can reach the proxy. */
export const EXPOSED = "other machines reach it with the key of a client, and requests are not encrypted";

/** A warning when other machines can reach the proxy at this address; else nothing. */
export function exposureWarnings(host: string): readonly string[] {
  return isLoopbackHost(host) ? [] : [`the proxy listens on ${host}: ${EXPOSED}`];
}
