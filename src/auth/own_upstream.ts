/**
 * What an auth file says about an upstream of its own: where its token goes, and what the models are called there. A value
 * that cannot be understood gives no key, because otherwise the token would go to the upstream of the settings. Pure.
 * @module
 */

import { isLoopbackHost, unbracketed } from "../config/address.ts";
import { parseBaseUrl } from "../config/url_kinds.ts";
import { isFilled, isObject, type JsonObject } from "../values/json.ts";

/** Where the requests of a key go. */
export interface KeyWay {
  /** The base URL of the only upstream that its token may be sent to; `undefined`: that of the settings. */
  readonly upstream: string | undefined;
  /** What its upstream calls the models that requests name; empty when the file does not say. */
  readonly models: Readonly<Record<string, string>>;
}

const MAX_MODELS = 64;
const MODEL = /^[\w.:/@+-]{1,128}$/;

/** What the file says, or why its key cannot be used. */
export function wayOf({ upstream, models }: JsonObject): KeyWay | string {
  const url = isFilled(upstream) ? baseUrlIn(upstream) : undefined;
  if (url === "") {
    return 'its "upstream" is not the base URL of an upstream: https, or http on this machine, without query and user';
  }
  const names = isFilled(models) ? namesIn(models) : {};
  if (!names) return `its "models" is not a table of at most ${MAX_MODELS} model names`;
  return { upstream: url, models: names };
}

/** As the settings keep it; empty when it is none that a token may be sent to. */
function baseUrlIn(value: unknown): string {
  const text = typeof value === "string" ? parseBaseUrl(value.trim()) : undefined;
  if (text === undefined) return "";
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || isLoopbackHost(unbracketed(hostname)) ? text : "";
}

function namesIn(value: unknown): KeyWay["models"] | undefined {
  const entries = isObject(value) ? Object.entries(value) : undefined;
  const isTable = entries !== undefined && entries.length <= MAX_MODELS &&
    entries.every((pair) => pair.every((name) => typeof name === "string" && MODEL.test(name)));
  return isTable ? Object.fromEntries(entries as [string, string][]) : undefined;
}
