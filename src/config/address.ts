/**
 * Hosts, ports and the URLs that they make.
 * @module
 */

/**
 * Whether only this machine can reach `host`: it is `localhost`, `::1` or in 127.0.0.0/8 (RFC 1122 §3.2.1.3). No other
 * name is looked up; each counts as an address that others can reach.
 */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * The URL under which a program on this machine reaches a service bound to `host`, without a slash at its end. A
 * service that listens on all addresses is reached on loopback.
 */
export function serviceUrl(host: string, port: number): string {
  return `http://${bracketed(reachableHost(host))}:${port}`;
}

/** Where a program on this machine reaches a service bound to `host`: on loopback, when that means all addresses. */
export function reachableHost(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}

/** A host as URLs and addresses with a port have it: an IPv6 address in brackets (RFC 3986 §3.2.2). */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The same without brackets. */
export function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
