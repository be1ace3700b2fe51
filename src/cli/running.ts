/**
 * A proxy that has just been started or found: what is said about it, and where its clients find it.
 * @module
 */

import { type Settings } from "../config/settings.ts";
import { isLoopbackHost, serviceUrl } from "../config/address.ts";
import type { Running } from "../runtime/service.ts";
import type { ProxyPlace } from "./client_env.ts";

/** For the environment of its clients. */
export function placeOf({ service }: Running, { envFile }: Settings): ProxyPlace {
  const { host, port, auth_dir } = service;
  return { baseUrl: serviceUrl(host, port), host, port, authDir: auth_dir, envFile };
}

const HOW = { started: "started", reused: "already running", replaced: "restarted" } as const;

/** One line, for a person. */
export function runningLine({ service, how }: Running): string {
  const { base_url, pid, auth_count } = service;
  return `cdx2 proxy is running at ${base_url} (pid ${pid}, ${keys(auth_count)}) — ${HOW[how]}`;
}

/** What a person should know besides; mostly nothing. */
export function runningNotes({ service, notes }: Running): readonly string[] {
  const { auth_count, auth_dir, host } = service;
  const hasNoKeys = auth_count === 0
    ? [`there are no keys yet: add one with "cdx2 auth import", or copy auth files (*.json) into ${auth_dir}`]
    : [];
  return [...notes, ...hasNoKeys, ...exposureOf(host)].map((note) => `note: ${note}`);
}

/** What it means to listen on this address; nothing for one that only this machine reaches. */
export function exposureOf(host: string): readonly string[] {
  return isLoopbackHost(host)
    ? []
    : [`the proxy listens on ${host}: whoever reaches it there can spend your keys`];
}

function keys(count: number): string {
  return count === 1 ? "1 key" : `${count === 0 ? "no" : count} keys`;
}
