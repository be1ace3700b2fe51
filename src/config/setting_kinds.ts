/**
 * The kinds of values that settings and command options have: what each kind allows, how its text is parsed, and how
 * its values are shown. Text from a flag, the environment or `.env` is parsed here and nowhere else. A secret's text
 * never comes back out.
 * @module
 */

import { resolve } from "node:path";
import { Secret } from "../values/secret.ts";
import { addressRange } from "./address_range.ts";
import { bracketed, unbracketed } from "./address.ts";

/** What a path is relative to. */
export interface Place {
  /** Absolute; stands for `~`. */
  readonly homeFolder: string;
  /** Absolute; relative paths start here. */
  readonly cwd: string;
}

/** A setting's value as JSON outputs show it, in the unit that the user writes. `null`: none. */
export type ShownValue = string | number | boolean | null;

/** One kind of value; `T` is what the program works with. */
export interface Kind<T> {
  /** What the help calls the flag's argument; `undefined` for a switch, whose flag has none. */
  readonly argument: string | undefined;
  /** The unit in which the user writes the value; `undefined` when it has none. */
  readonly unit: "seconds" | "MiB" | undefined;
  /** Completes "allowed is …". */
  readonly allowed: string;
  /** The value of a text from outside; `undefined` when the text is not allowed. */
  readonly parse: (text: string, place: Place) => T | undefined;
  /**
   * The value of a text that is known to be allowed, as our own defaults are; of an empty default, what stands for
   * none. Faster, since it checks nothing.
   */
  readonly read: (text: string, place: Place) => T;
  /** The value in the unit that the user writes; a secret only as `[REDACTED]`. */
  readonly show: (value: T) => ShownValue;
  /** The text as an error message may repeat it: secrets redacted, all else in full. */
  readonly echo: (text: string) => string;
}

/** A kind whose texts mean the same everywhere. Command options are of such kinds, too. */
export interface PlacelessKind<T> extends Kind<T> {
  /** As in {@link Kind}. */
  readonly parse: (text: string) => T | undefined;
  /** As in {@link Kind}. */
  readonly read: (text: string) => T;
}

/** What {@link kind} makes a kind of: which texts are allowed, and how to read one that is. */
export interface Parts<T> {
  /** As in {@link Kind}. */
  readonly argument?: string;
  /** As in {@link Kind}. */
  readonly unit?: "seconds" | "MiB";
  /** As in {@link Kind}. */
  readonly allowed: string;
  /** Whether a text is allowed. No zod schema: every command reads the settings, and would take 4 ms longer. */
  readonly accepts: (text: string) => boolean;
  /** As in {@link Kind}. */
  readonly read: (text: string) => T;
  /** As in {@link Kind}. */
  readonly show: (value: T) => ShownValue;
  /** As in {@link Kind}; absent: texts are repeated in full. */
  readonly echo?: (text: string) => string;
}

/** A kind of values. Texts that may hold secrets need an `echo`. */
export function kind<T>(
  { argument, unit, allowed, accepts, read, show, echo = asItIs }: Parts<T>,
): PlacelessKind<T> {
  const parse = (text: string) => accepts(text) ? read(text) : undefined;
  return { argument, unit, allowed, parse, read, show, echo };
}

/** For values that are shown, or read, as they are. */
export function asItIs<T>(value: T): T {
  return value;
}

// Nine digits are enough for any count, and few enough to be exact.
const MAX_WHOLE_NUMBER = 999_999_999;

/** A number without fraction, from `min` to `max`. Without `max`, of at most nine digits. */
export function wholeNumber(min: number, max?: number): PlacelessKind<number> {
  return kind({
    argument: "number",
    allowed: `a whole number ${range(min, max)}`,
    accepts: numberText(/^\d+$/, min, max ?? MAX_WHOLE_NUMBER),
    read: Number,
    show: asItIs,
  });
}

/** A share of the whole, from 0 to 100, fractions allowed. */
export function percent(): PlacelessKind<number> {
  return kind({
    argument: "percent",
    allowed: "a number from 0 to 100",
    accepts: numberText(/^\d+(\.\d+)?$/, 0, 100),
    read: Number,
    show: asItIs,
  });
}

const SECOND_MS = 1000;
// 11 days. A timer of more than 24 days (2^31 milliseconds) would end at once.
const MAX_SECONDS = 999_999;

/** Written in seconds, fractions allowed; kept in whole milliseconds. Without `max`, of at most six digits. */
export function seconds(min: number, max?: number): PlacelessKind<number> {
  return kind({
    argument: "seconds",
    unit: "seconds",
    allowed: `a number of seconds ${range(min, max)}`,
    accepts: numberText(/^\d+(\.\d+)?$/, min, max ?? MAX_SECONDS),
    read: (text) => Math.round(Number(text) * SECOND_MS),
    show: (valueMs) => valueMs / SECOND_MS,
  });
}

const MEBIBYTE = 2 ** 20;

/** Written in MiB, without fraction; kept in bytes. */
export function mebibytes(min: number, max: number): PlacelessKind<number> {
  return kind({
    argument: "MiB",
    unit: "MiB",
    allowed: `a whole number of MiB ${range(min, max)}`,
    accepts: numberText(/^\d+$/, min, max),
    read: (text) => Number(text) * MEBIBYTE,
    show: (valueBytes) => valueBytes / MEBIBYTE,
  });
}

function range(min: number, max: number | undefined): string {
  return max === undefined ? `from ${min}` : `from ${min} to ${max}`;
}

function numberText(shape: RegExp, min: number, max: number): (text: string) => boolean {
  return (text) => shape.test(text) && Number(text) >= min && Number(text) <= max;
}

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): PlacelessKind<Word> {
  return kind({
    argument: "word",
    allowed: words.join(" or "),
    accepts: (text) => (words as readonly string[]).includes(text),
    read: (text) => text as Word,
    show: asItIs,
  });
}

const ON = ["1", "true", "yes", "on"];
const OFF = ["0", "false", "no", "off"];

/** On or off; case does not matter. */
export function onOff(): PlacelessKind<boolean> {
  return kind({
    allowed: `${ON.join(", ")}, or ${OFF.join(", ")}`,
    accepts: (text) => [...ON, ...OFF].includes(text.toLowerCase()),
    read: (text) => ON.includes(text.toLowerCase()),
    show: asItIs,
  });
}

/** A path, made absolute; `~` at its start is the home folder. */
export function path(): Kind<string> {
  const text = kind({
    argument: "path",
    allowed: "a path; `~` at its start is the home folder",
    accepts: (text) => text !== "",
    read: asItIs<string>,
    show: asItIs<string>,
  });
  return {
    ...text,
    parse: (given, place) => text.parse(given) === undefined ? undefined : absolutePath(given, place),
    read: absolutePath,
  };
}

function absolutePath(path: string, { homeFolder, cwd }: Place): string {
  return resolve(cwd, path.replace(/^~(?=\/|$)/, () => homeFolder));
}

/** An address to listen on, as the URL standard spells it: `127.1` becomes `127.0.0.1`, `[::1]` becomes `::1`. */
export function hostName(): PlacelessKind<string> {
  return kind({
    argument: "host",
    allowed: "an IP address or a host name",
    accepts: (text) => parseHost(text) !== undefined,
    read: (text) => parseHost(text)!,
    show: asItIs,
  });
}

const NAME_OR_IPV4 = /^\w[\w-]*(\.\w[\w-]*)*$/;

function parseHost(text: string): string | undefined {
  const bare = unbracketed(text);
  const isAddress = bare.includes(":") || NAME_OR_IPV4.test(bare);
  const url = isAddress ? URL.parse(`http://${bracketed(bare)}`) : null;
  return url ? unbracketed(url.hostname) : undefined;
}

/** An IP address, or a range of them such as `10.0.0.0/8`, in lower case and IPv6 without brackets. */
export function ipRange(): PlacelessKind<string> {
  const bare = (text: string) => text.toLowerCase().replace(/^\[(.*)\]/, "$1");
  return kind({
    argument: "address",
    allowed: "an IP address, or a range of them such as 10.0.0.0/8",
    accepts: (text) => addressRange(bare(text)) !== undefined,
    read: bare,
    show: asItIs,
  });
}

/** Several values of one kind, with commas between them; none is allowed too. */
export function listOf(item: PlacelessKind<string>, several: string): PlacelessKind<readonly string[]> {
  return kind({
    argument: "list",
    allowed: `${several}, with commas between them`,
    accepts: (text) => partsOf(text).every((part) => item.parse(part) !== undefined),
    read: (text): readonly string[] => partsOf(text).map((part) => item.read(part)),
    show: (values) => values.length === 0 ? null : values.join(","),
  });
}

function partsOf(list: string): readonly string[] {
  return list.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

/** What an OAuth server calls a program (RFC 6749 §2.2). */
export function clientId(): PlacelessKind<string> {
  return kind({
    argument: "id",
    allowed: "letters, digits and any of _ . -",
    accepts: (text) => /^[\w.-]+$/.test(text),
    read: asItIs<string>,
    show: asItIs<string>,
  });
}

/** A key that the user may type or generate; kept as a {@link Secret}. `undefined`: there is none yet. */
export function secretKey(minLength: number): PlacelessKind<Secret | undefined> {
  return kind<Secret | undefined>({
    argument: "key",
    allowed: `at least ${minLength} printable ASCII characters without spaces`,
    accepts: (text) => /^[!-~]+$/.test(text) && text.length >= minLength,
    read: (text) => text === "" ? undefined : new Secret(text),
    show: (value) => value === undefined ? null : value.toString(),
    echo: (text) => new Secret(text).toString(),
  });
}
