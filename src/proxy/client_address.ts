/**
 * The address of a client, also of one that comes through a web server which the settings trust. Pure.
 * @module
 */

/**
 * The address of the client of a request that `peer` has sent. When that is one of `trusted`, the newest address in
 * `X-Forwarded-For` that is not: each web server adds the one that it got the request from at the end, and what stands
 * before may be made up.
 */
export function clientAddress(peer: string, headers: Headers, trusted: readonly string[]): string {
  const own = plain(peer);
  if (!trusted.includes(own)) return own;
  const named = (headers.get("x-forwarded-for") ?? "").split(",").map(plain).filter((name) => name !== "");
  const client = named.findLast((name) => !trusted.includes(name));
  return client !== undefined && ADDRESS.test(client) ? client : own;
}

const ADDRESS = /^[\d.]{7,15}$|^[\da-f:.]*:[\da-f:.]{1,45}$/;

/** Without port and brackets; an IPv4 address that came over IPv6 as what it is. */
function plain(address: string): string {
  const text = address.trim().toLowerCase();
  const bare = /^\[([^\]]*)\]/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, "$1");
  return bare.replace(/^::ffff:(?=[\d.]+$)/, "");
}
