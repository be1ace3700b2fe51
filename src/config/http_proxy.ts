/**
 * HTTP_PROXY and its relatives: which requests they catch, and how to keep ours out of them.
 * @module
 */

import { isLoopbackHost } from "./address.ts";
import type { Environment } from "../system/process.ts";

const LOOPBACK = ["127.0.0.1", "localhost"];
const ALL_LOOPBACK = [...LOOPBACK, "127.0.0.0/8", "::1"];

/**
 * `NO_PROXY` and `no_proxy` so that `host` and loopback are reached directly: clients send even loopback requests
 * through `HTTP_PROXY`. Of two names of which one is set, both get its value.
 */
export function directTo(host: string, current: Environment): Environment {
  const { NO_PROXY, no_proxy } = current;
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return {
    NO_PROXY: exempting(NO_PROXY || no_proxy || "", [...LOOPBACK, bare]),
    no_proxy: exempting(no_proxy || NO_PROXY || "", [...LOOPBACK, bare]),
  };
}

/** The same for every loopback address, in the notation of ranges that Deno's own client understands. */
export function directToLoopback({ NO_PROXY, no_proxy }: Environment): Environment {
  return {
    NO_PROXY: exempting(NO_PROXY || no_proxy || "", ALL_LOOPBACK),
    no_proxy: exempting(no_proxy || NO_PROXY || "", ALL_LOOPBACK),
  };
}

function exempting(list: string, more: readonly string[]): string {
  const hosts = hostsIn(list);
  // Some clients know the star only when it stands alone.
  if (hosts.includes("*")) return list;
  return [...new Set([...hosts, ...more])].join(",");
}

/** True when the variables send requests for `url` through an HTTP proxy. */
export function isProxied(url: string, env: Environment): boolean {
  return proxyVariable(url, env) !== undefined;
}

/** The variable that sends requests for `url` through an HTTP proxy; `undefined` when none does, as for loopback. */
export function proxyVariable(url: string, env: Environment): string | undefined {
  const { protocol, hostname } = new URL(url);
  if (isLoopbackHost(hostname.replace(/^\[(.*)\]$/, "$1"))) return undefined;
  const names = [`${protocol.slice(0, -1)}_proxy`, "all_proxy"].flatMap((name) => [name, name.toUpperCase()]);
  const exempt = hostsIn(env["NO_PROXY"] || env["no_proxy"] || "");
  if (exempt.some((entry) => entry === "*" || covers(entry, hostname))) return undefined;
  return names.find((name) => env[name]);
}

// An entry stands for a host and all below it, with a leading dot or without.
function covers(entry: string, hostname: string): boolean {
  const domain = entry.replace(/^\*?\./, "").toLowerCase();
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return host === domain || host.endsWith(`.${domain}`);
}

function hostsIn(list: string): readonly string[] {
  return list.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
}
