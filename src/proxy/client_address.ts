/**
 * The address of a client, also of one that comes through a web server which the settings trust. Pure.
 * @module
 */

import { addressBytes, type AddressRange, isWithin } from "../config/address_range.ts";

/**
 * The address of the client of a request that `peer` has sent. When that is within one of `trusted`, the newest address in
 * `X-Forwarded-For` that is not: each web server adds the one that it got the request from at the end, and what stands
 * before may be made up.
 */
export function clientAddress(peer: string, headers: Headers, trusted: readonly AddressRange[]): string {
  const own = plain(peer);
  if (trusted.length === 0 || !isTrusted(own, trusted)) return own;
  const named = (headers.get("x-forwarded-for") ?? "").split(",").map(plain).filter((name) => name !== "");
  const client = named.findLast((name) => !isTrusted(name, trusted));
  return client !== undefined && addressBytes(client) ? client : own;
}

function isTrusted(name: string, trusted: readonly AddressRange[]): boolean {
  const address = addressBytes(name);
  return address !== undefined && trusted.some((range) => isWithin(address, range));
}

/** Without port and brackets; an IPv4 address that came over IPv6 as what it is. */
function plain(address: string): string {
  const text = address.trim().toLowerCase();
  const bare = /^\[([^\]]*)\]/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, "$1");
  return bare.replace(/^::ffff:(?=[\d.]+$)/, "");
}
