/**
 * The environment variables for HTTP proxies (`HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`): which requests they redirect, and
 * how to exempt ours.
 * @module
 */

import { isLoopbackHost, unbracketed } from "./address.ts";
import type { Environment } from "../system/process.ts";

const LOOPBACK = ["127.0.0.1", "localhost"];
const ALL_LOOPBACK = [...LOOPBACK, "127.0.0.0/8", "::1"];

/**
 * `NO_PROXY` and `no_proxy` extended so that `host` and loopback are reached directly: clients send even loopback
 * requests through `HTTP_PROXY`. When only one of the two names is set, both get its value.
 */
export function directTo(host: string, current: Environment): Environment {
  const { NO_PROXY, no_proxy } = current;
  const bare = unbracketed(host);
  return {
    NO_PROXY: exempting(NO_PROXY || no_proxy || "", [...LOOPBACK, bare]),
    no_proxy: exempting(no_proxy || NO_PROXY || "", [...LOOPBACK, bare]),
  };
}

/** The same for every loopback address, with ranges in the notation that Deno's own client understands. */
export function directToLoopback({ NO_PROXY, no_proxy }: Environment): Environment {
  return {
    NO_PROXY: exempting(NO_PROXY || no_proxy || "", ALL_LOOPBACK),
    no_proxy: exempting(no_proxy || NO_PROXY || "", ALL_LOOPBACK),
  };
}

function exempting(list: string, more: readonly string[]): string {
  const hosts = hostsIn(list);
  // Some clients understand the star only when it is the whole value.
  if (hosts.includes("*")) return list;
  return [...new Set([...hosts, ...more])].join(",");
}

/** The HTTP proxy on the way to an upstream. */
export interface ProxiedOrigin {
  /** Of the upstream. */
  readonly origin: string;
  /**
   * Where the proxy opens tunnels, with the credentials that the variable has: a secret. `undefined` for one of a kind
   * that we cannot ask for a tunnel ourselves: over TLS, or SOCKS.
   */
  readonly tunnelUrl: string | undefined;
}

/**
 * The HTTP proxy that the variables in `env` send requests for `url` through; `undefined` when they do not.
 * @throws {TypeError} when `url` is not a URL
 */
export function proxiedOrigin(url: string, env: Environment): ProxiedOrigin | undefined {
  const variable = proxyVariable(url, env);
  return variable === undefined ? undefined : {
    origin: new URL(url).origin,
    tunnelUrl: tunnelUrlIn(env[variable]!),
  };
}

// A proxy without a scheme is one of HTTP, as for Deno and curl.
function tunnelUrlIn(text: string): string | undefined {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  return url?.protocol === "http:" ? url.href : undefined;
}

/**
 * The name of the variable that sends requests for `url` through an HTTP proxy; `undefined` when none does, as for
 * loopback.
 * @throws {TypeError} when `url` is not a URL
 */
export function proxyVariable(url: string, env: Environment): string | undefined {
  const { protocol, hostname } = new URL(url);
  const host = unbracketed(hostname);
  return isLoopbackHost(host) ? undefined : variableFor(protocol, host, env);
}

/** The variable that makes other programs send even loopback requests through an HTTP proxy; `undefined` when none does. */
export function loopbackProxyVariable(env: Environment): string | undefined {
  return LOOPBACK.map((host) => variableFor("http:", host, env)).find((name) => name !== undefined);
}

function variableFor(protocol: string, host: string, env: Environment): string | undefined {
  const names = [`${protocol.slice(0, -1)}_proxy`, "all_proxy"].flatMap((name) => [name, name.toUpperCase()]);
  const exempt = hostsIn(env["NO_PROXY"] || env["no_proxy"] || "");
  if (exempt.some((entry) => entry === "*" || covers(entry, host))) return undefined;
  return names.find((name) => env[name]);
}

// An entry means a host and all of its subdomains, with a leading dot or without, or a range of IPv4 addresses.
function covers(entry: string, host: string): boolean {
  if (entry.includes("/")) return isInRange(host, entry);
  const domain = entry.replace(/^\*?\./, "").toLowerCase();
  return host === domain || host.endsWith(`.${domain}`);
}

function isInRange(host: string, range: string): boolean {
  const [base, bits = ""] = range.split("/");
  const [address, first] = [ipv4(host), ipv4(base!)];
  if (address === undefined || first === undefined || !/^(?:[12]?\d|3[0-2])$/.test(bits)) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(address / size) === Math.floor(first / size);
}

/** As a number; `undefined` for what is none. */
function ipv4(text: string): number | undefined {
  const parts = text.split(".").map(Number);
  const isAddress = parts.length === 4 &&
    parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  return isAddress ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}

function hostsIn(list: string): readonly string[] {
  return list.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
}
