/**
 * Who may send requests. A web page must not reach the proxy through the user's browser: neither by a name that it made
 * resolve to this machine (Host), nor by a cross-site request (Origin, Sec-Fetch-Site).
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { ACCESS_SETTINGS } from "../config/access_settings.ts";
import { isLoopbackHost } from "../config/address.ts";
import type { Settings } from "../config/settings_table.ts";
import { remembered } from "../values/remembered.ts";
import { shown } from "./refusal.ts";

/** Why a request is refused, as text for the client; `undefined` lets it in. */
export type GuardVerdict = string | undefined;

/** Which names the proxy answers to. */
export type KnownNames = Pick<Settings, "host" | "allowedHosts" | "allowedOrigins">;

const NO_HOST = "it has no Host header, which every request of HTTP/1.1 has";

/**
 * Judges the headers that tell where a request comes from (Host: RFC 9110 §7.2, Origin: RFC 6454 §7, Sec-Fetch-Site:
 * https://www.w3.org/TR/fetch-metadata/).
 */
export function refusalByOrigin(headers: Headers, known: KnownNames): GuardVerdict {
  const host = headers.get("host");
  if (host === null) return NO_HOST;
  if (!isOwnName(hostOf(host), known.host) && !known.allowedHosts.includes(hostOf(host))) {
    return `its Host, ${
      shown(hostOf(host))
    }, is neither a loopback address nor the address that the proxy listens ` +
      `on; if the name is yours, add it to ${ACCESS_SETTINGS.allowedHosts.environment}`;
  }
  const origin = headers.get("origin");
  if (origin !== null) {
    const pageHost = hostOf(origin.replace(/^[a-z]+:\/\//i, ""));
    if (isLoopbackHost(pageHost) || pageHost === known.host.toLowerCase()) return undefined;
    // Bound to every address: of those only the one that the request was sent to is surely this machine's.
    if (isEveryAddress(known.host) && pageHost === hostOf(host) && isIpAddress(pageHost)) return undefined;
    return allowedOrigin(headers, known) === undefined ? foreignPage(shown(origin)) : undefined;
  }
  return headers.get("sec-fetch-site") === "cross-site" ? foreignPage("of another site") : undefined;
}

function foreignPage(which: string): string {
  return `it comes from a web page or an app in a browser, ${which}; if you trust that one, add its origin to ` +
    ACCESS_SETTINGS.allowedOrigins.environment;
}

/** The `Origin` of a request when the settings name it: that one may also read the answer. */
export function allowedOrigin(
  headers: Headers,
  { allowedOrigins }: Pick<KnownNames, "allowedOrigins">,
): string | undefined {
  const origin = headers.get("origin");
  return origin !== null && allowedOrigins.includes(origin.toLowerCase()) ? origin : undefined;
}

function isOwnName(host: string, boundHost: string): boolean {
  if (isLoopbackHost(host) || host === boundHost.toLowerCase()) return true;
  // Bound to every address: any of them may be meant. Names stay out, since a page can make its own name resolve here.
  return isEveryAddress(boundHost) && isIpAddress(host);
}

function isEveryAddress(boundHost: string): boolean {
  return boundHost === "0.0.0.0" || boundHost === "::";
}

function isIpAddress(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(":");
}

/** `127.0.0.1:80` → `127.0.0.1`, `[::1]:80` → `::1`. */
const hostOf = remembered((authority) => {
  const text = authority.trim().toLowerCase();
  return /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/:\d*$/, "");
});

/** Whether `given` is the key, in a time that does not depend on how much of it is right. */
export function isSameKey(given: string | null, expected: string): boolean {
  return timingSafeEqual(digestOf(given ?? ""), digestOf(expected));
}

// Of one length, as timingSafeEqual() wants it, whatever was given.
function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
