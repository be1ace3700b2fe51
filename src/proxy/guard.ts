/**
 * Who may ask. A web page must not reach the proxy through the browser of the person who runs it: neither by a
 * name that it made resolve to this machine (Host), nor by a request across sites (Origin, Sec-Fetch-Site).
 * @module
 */

/** Why a request is refused, in words; `undefined` lets it in. */
export type GuardVerdict = string | undefined;

/** `boundHost` is the address that the proxy listens on, as in the settings. */
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
  if (host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)) return true;
  if (host === boundHost.toLowerCase()) return true;
  // Bound to every address: any of them may be meant. Names stay out, since a page can make its own name resolve here.
  const isEveryAddress = boundHost === "0.0.0.0" || boundHost === "::";
  return isEveryAddress && (/^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(":"));
}

/** `127.0.0.1:80` → `127.0.0.1`, `[::1]:80` → `::1`. */
function hostOf(authority: string): string {
  const text = authority.trim().toLowerCase();
  return /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/:\d*$/, "");
}

/** Compares without telling by its time how much of `given` was right. */
export function isSameKey(given: string | null, expected: string): boolean {
  const actual = new TextEncoder().encode(given ?? "");
  const wanted = new TextEncoder().encode(expected);
  let difference = actual.length ^ wanted.length;
  for (let i = 0; i < wanted.length; i++) difference |= (actual[i] ?? 0) ^ wanted[i]!;
  return difference === 0;
}
