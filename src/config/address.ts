/**
 * Hosts, ports and the URLs that they make.
 * @module
 */

/** True for a host that only this machine can reach. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Where a program on this machine reaches a service bound to `host`: one that listens on all addresses is asked
 * on loopback.
 */
export function serviceUrl(host: string, port: number): string {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}
