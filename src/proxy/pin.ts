/**
 * The one key that a client wants for its request: named in the header `x-cdx2-key`, or before the path, for clients that
 * only let a base URL be set. Pure.
 * @module
 */

/** The header that names a key. It goes no further than this proxy. */
export const PIN_HEADER = "x-cdx2-key";

const PIN_PATH = /^\/cdx2-key\/([^/]+)(\/.*)?$/;

/** The base URL under which every request gets this key, or an answer that says why it cannot. */
export function pinnedBaseUrl(baseUrl: string, file: string): string {
  return `${baseUrl}/cdx2-key/${encodeURIComponent(file)}`;
}

/** A path without the key before it, and the headers with that key. */
export function withoutPin(
  path: string,
  headers: Headers,
): { readonly path: string; readonly headers: Headers } {
  const [, name, rest = "/"] = PIN_PATH.exec(path) ?? [];
  if (name === undefined) return { path, headers };
  const pinned = new Headers(headers);
  pinned.set(PIN_HEADER, name);
  return { path: rest, headers: pinned };
}

/**
 * The key that a request asks for, as its client wrote it; `undefined` when it does not care. A name with other than
 * ASCII characters comes in percent-encoding.
 */
export function pinnedKey(headers: Headers): string | undefined {
  const name = headers.get(PIN_HEADER)?.trim();
  return name ? decoded(name) : undefined;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
