/**
 * Who may send requests. A web page must not reach the proxy through the user's browser: neither by a name that it made
 * resolve to this machine (Host), nor by a cross-site request (Origin, Sec-Fetch-Site).
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { isLoopbackHost } from "../config/address.ts";

/** Why a request is refused, as text for the client; `undefined` lets it in. */
export type GuardVerdict = string | undefined;

/**
 * Judges the headers that tell where a request comes from (Host: RFC 9110 §7.2, Origin: RFC 6454 §7, Sec-Fetch-Site:
 * https://www.w3.org/TR/fetch-metadata/). `boundHost` is the address that the proxy listens on, as in the settings.
 */
export function refusalByOrigin(headers: Headers, boundHost: string): GuardVerdict {
  const host = headers.get("host");
  if (host === null || !isOwnName(hostOf(host), boundHost)) {
    return "the Host header names neither a loopback address nor the address that the proxy listens on";
  }
  const origin = headers.get("origin");
  if (origin !== null && !isOwnName(hostOf(origin.replace(/^[a-z]+:\/\//i, "")), boundHost)) {
    return "the request comes from a web page on another site";
  }
  if (headers.get("sec-fetch-site") === "cross-site") {
    return "the request comes from a web page on another site";
  }
  return undefined;
}

function isOwnName(host: string, boundHost: string): boolean {
  if (isLoopbackHost(host) || host === boundHost.toLowerCase()) return true;
  // Bound to every address: any of them may be meant. Names stay out, since a page can make its own name resolve here.
  const isEveryAddress = boundHost === "0.0.0.0" || boundHost === "::";
  return isEveryAddress && (/^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(":"));
}

/** `127.0.0.1:80` → `127.0.0.1`, `[::1]:80` → `::1`. */
function hostOf(authority: string): string {
  const text = authority.trim().toLowerCase();
  return /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/:\d*$/, "");
}

/** Whether `given` is the key, in a time that does not depend on how much of it is right. */
export function isSameKey(given: string | null, expected: string): boolean {
  return timingSafeEqual(digestOf(given ?? ""), digestOf(expected));
}

// Of one length, as timingSafeEqual() wants it, whatever was given.
function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
