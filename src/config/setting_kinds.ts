/**
 * The kinds of settings: what each allows, in words and in code, and how its values are shown. Text from a flag,
 * the environment or `.env` is parsed here and nowhere else. A secret's text never comes back out.
 * @module
 */

import { resolve } from "node:path";
import { Secret } from "../values/secret.ts";

/** What a path is relative to. */
export interface Place {
  readonly homeFolder: string;
  readonly cwd: string;
}

/** A setting's value as JSON outputs show it, in the unit that a person writes. */
export type ShownValue = string | number | boolean | null;

/** One kind of setting; `T` is what the program works with. */
export interface Kind<T> {
  /** What the help calls the flag's argument; absent for a switch, whose flag has none. */
  readonly argument?: string;
  readonly unit?: "seconds" | "MiB";
  /** Completes "allowed is …". */
  readonly allowed: string;
  /** `undefined` when the text is not allowed. */
  readonly parse: (text: string, place: Place) => T | undefined;
  readonly show: (value: T) => ShownValue;
  /** The text as an error message may repeat it; absent: in full. */
  readonly echo?: (text: string) => string;
}

/** A number without fraction. */
export function wholeNumber(min: number, max: number): Kind<number> {
  return {
    argument: "number",
    allowed: `a whole number from ${min} to ${max}`,
    parse: (text) => numberWithin(text, /^\d+$/, min, max),
    show: (value) => value,
  };
}

/** Written in seconds, fractions allowed; kept in whole milliseconds. */
export function seconds(min: number, max: number): Kind<number> {
  return {
    argument: "seconds",
    unit: "seconds",
    allowed: `a number of seconds from ${min} to ${max}`,
    parse: (text) => {
      const value = numberWithin(text, /^\d+(\.\d+)?$/, min, max);
      return value === undefined ? undefined : Math.round(value * 1000);
    },
    show: (valueMs) => valueMs / 1000,
  };
}

const MEBIBYTE = 2 ** 20;

/** Written in MiB, without fraction; kept in bytes. */
export function mebibytes(min: number, max: number): Kind<number> {
  return {
    argument: "MiB",
    unit: "MiB",
    allowed: `a whole number of MiB from ${min} to ${max}`,
    parse: (text) => {
      const value = numberWithin(text, /^\d+$/, min, max);
      return value === undefined ? undefined : value * MEBIBYTE;
    },
    show: (valueBytes) => valueBytes / MEBIBYTE,
  };
}

function numberWithin(text: string, shape: RegExp, min: number, max: number): number | undefined {
  const value = Number(text);
  return shape.test(text) && value >= min && value <= max ? value : undefined;
}

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Kind<Word> {
  return {
    argument: "word",
    allowed: words.join(" or "),
    parse: (text) => words.find((word) => word === text),
    show: (value) => value,
  };
}

const SWITCH_WORDS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "true", "yes", "on"].map((word) => [word, true] as const),
  ...["0", "false", "no", "off"].map((word) => [word, false] as const),
]);

/** On or off; case does not matter. */
export function onOff(): Kind<boolean> {
  return {
    allowed: "1, true, yes, on, or 0, false, no, off",
    parse: (text) => SWITCH_WORDS.get(text.toLowerCase()),
    show: (value) => value,
  };
}

/** A path, made absolute; `~` at its start is the home folder. */
export function path(): Kind<string> {
  return {
    argument: "path",
    allowed: "a path; `~` at its start is the home folder",
    parse: (text, { homeFolder, cwd }) =>
      text === "" ? undefined : resolve(cwd, text.replace(/^~(?=\/|$)/, () => homeFolder)),
    show: (value) => value,
  };
}

/** An address to listen on, as the URL standard spells it: `127.1` becomes `127.0.0.1`, `[::1]` becomes `::1`. */
export function hostName(): Kind<string> {
  return {
    argument: "host",
    allowed: "an IP address or a host name",
    parse: parseHost,
    show: (value) => value,
  };
}

const NAME_OR_IPV4 = /^\w[\w-]*(\.\w[\w-]*)*$/;

function parseHost(text: string): string | undefined {
  const bare = text.replace(/^\[(.*)\]$/, "$1");
  const authority = bare.includes(":") ? `[${bare}]` : NAME_OR_IPV4.test(bare) ? bare : undefined;
  const url = authority === undefined ? null : URL.parse(`http://${authority}`);
  return url?.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** The same for an API that need not be named. */
export function optionalBaseUrl(): Kind<string | undefined> {
  return { ...baseUrl(), show: (value) => value ?? null };
}

const CHATGPT_ORIGINS = ["https://chatgpt.com", "https://chat.openai.com"];

/** The URL of an API, kept without a slash at its end; ChatGPT's bare origin gets the path of its backend. */
export function baseUrl(): Kind<string> {
  return {
    argument: "url",
    allowed: "an http or https URL without credentials, query or fragment",
    parse: parseBaseUrl,
    show: (value) => value,
    echo: withoutSecrets,
  };
}

function parseBaseUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//i.test(text) || /[?#]/.test(text)) return undefined;
  if (url.username !== "" || url.password !== "") return undefined;
  const base = url.origin + url.pathname.replace(/\/+$/, "");
  return CHATGPT_ORIGINS.includes(base) ? `${base}/backend-api` : base;
}

// What makes a URL refused may be the very thing that must not be repeated.
function withoutSecrets(text: string): string {
  return text.replace(/^([a-z]+:\/\/)?.*@/is, "$1[REDACTED]@").replace(/[?#].*$/s, "?[REDACTED]");
}

/** A key that someone may type or generate; kept as a {@link Secret}. */
export function secretKey(minLength: number): Kind<Secret | undefined> {
  return {
    argument: "key",
    allowed: `at least ${minLength} printable ASCII characters without spaces`,
    parse: (text) => /^[!-~]+$/.test(text) && text.length >= minLength ? new Secret(text) : undefined,
    show: (value) => value === undefined ? null : value.toString(),
    echo: (text) => new Secret(text).toString(),
  };
}
