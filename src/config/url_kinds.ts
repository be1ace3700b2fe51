/**
 * The kinds of settings that are URLs. What makes a URL refused may be a secret in it, so errors repeat none of that.
 * @module
 */

import { isLoopbackHost, unbracketed } from "./address.ts";
import { asItIs, kind, type PlacelessKind } from "./setting_kinds.ts";

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

/** Where a web page or an app comes from, as browsers write it in `Origin` (RFC 6454 §6.2), in lower case. */
export function webOrigin(): PlacelessKind<string> {
  return kind({
    argument: "origin",
    allowed: "an origin such as https://app.example or app://name, without a path",
    accepts: (text) => ORIGIN.test(text),
    read: (text) => text.toLowerCase(),
    show: asItIs,
  });
}

/** The same as {@link baseUrl}, for an API that may be left out; `undefined` when it is. */
export function optionalBaseUrl(): PlacelessKind<string | undefined> {
  const given = baseUrl();
  return {
    ...given,
    read: (text) => text === "" ? undefined : given.read(text),
    show: (value) => value ?? null,
  };
}

const CHATGPT_ORIGINS = ["https://chatgpt.com", "https://chat.openai.com"];

/** The URL of an API, kept without a slash at its end; ChatGPT's bare origin gets the path of its backend. */
export function baseUrl(): PlacelessKind<string> {
  return kind({
    argument: "url",
    allowed: "an http or https URL without credentials, query or fragment",
    accepts: (text) => parseBaseUrl(text) !== undefined,
    read: (text) => parseBaseUrl(text)!,
    show: asItIs,
    echo: withoutSecrets,
  });
}

/** The URL as it is kept; `undefined` when it is none of an API. */
export function parseBaseUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//i.test(text) || /[?#]/.test(text)) return undefined;
  if (url.username !== "" || url.password !== "") return undefined;
  const base = url.origin + url.pathname.replace(/\/+$/, "");
  return CHATGPT_ORIGINS.includes(base) ? `${base}/backend-api` : base;
}

/** A URL as an error message may repeat it: what makes it refused may be the very thing that must not be shown. */
export function withoutSecrets(text: string): string {
  return text.replace(/^([a-z]+:\/\/)?.*@/is, "$1[REDACTED]@").replace(/[?#].*$/s, "?[REDACTED]");
}

/** The origin of a proxy on another machine: over TLS, unless it is on this one. `undefined`: none is set. */
export function gatewayUrl(): PlacelessKind<string | undefined> {
  return kind<string | undefined>({
    argument: "url",
    allowed: "an https URL without a path, credentials, query or fragment; http only for loopback",
    accepts: (text) => parseGatewayUrl(text) !== undefined,
    read: (text) => text === "" ? undefined : parseGatewayUrl(text),
    show: (value) => value ?? null,
    echo: withoutSecrets,
  });
}

function parseGatewayUrl(text: string): string | undefined {
  const base = parseBaseUrl(text);
  const url = base === undefined ? null : URL.parse(base);
  if (url === null || base !== url.origin) return undefined;
  return url.protocol === "https:" || isLoopbackHost(unbracketed(url.hostname)) ? base : undefined;
}
