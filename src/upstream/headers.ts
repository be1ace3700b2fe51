/**
 * Which headers travel past a proxy: those that are for the other end, not for this connection.
 * @module
 */

/**
 * Headers that end at the next connection, lower case: those of RFC 9110 §7.6.1, the ones for proxies (§11.7), `trailer`
 * (§6.6.2), and `keep-alive` and `transfer-encoding` of HTTP/1.1 (RFC 9112 §6.1, appendix C.2.2). `proxy-connection` was
 * never a standard, but is still sent.
 */
export const HOP_BY_HOP: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * A copy without the headers that are dropped and without those that `Connection` names (RFC 9110 §7.6.1). `isDropped` is
 * called with names in lower case, `shown` makes the values of the copy. All is done in one pass: looking through the
 * headers again costs as much as copying.
 */
export function endToEnd(
  incoming: Headers,
  isDropped: (name: string) => boolean,
  shown = (value: string) => value,
): Headers {
  const named = (incoming.get("connection") ?? "").toLowerCase().split(",").map((name) => name.trim());
  const headers = new Headers();
  for (const [name, value] of incoming) {
    if (!isDropped(name) && !named.includes(name)) headers.append(name, shown(value));
  }
  return headers;
}
