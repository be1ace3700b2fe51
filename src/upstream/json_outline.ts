/**
 * The outline of a JSON text that goes by in pieces: the few small values that judging needs (type, id, error, usage,
 * limits), without holding or parsing the text. An event of a stream may carry megabytes of tools and output around the
 * one word that matters.
 * @module
 */

import { indexOfByte } from "../values/byte_search.ts";
import { isEscapedAt } from "../values/json_bytes.ts";
import { KeptBytes } from "./kept_bytes.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;

// Ends a number that nothing follows.
const END = new Uint8Array([COMMA]);
// A longer text is cut: names, ids and the first sentences of a message fit.
const MAX_TEXT_BYTES = 2048;
// Up to here a loop finds the end of a text sooner than a call.
const NEAR_BYTES = 64;
const MAX_VALUES = 256;
const MAX_DEPTH = 8;

/** Objects and lists with these names are looked into; all others are skipped. */
const OUTLINED: ReadonlySet<string> = new Set([
  ..."response error errors detail details data body conversation file rate_limits primary secondary usage headers credits"
    .split(" "),
  ..."input_tokens_details output_tokens_details prompt_tokens_details incomplete_details".split(" "),
]);

type Outlined = Record<string, unknown> | unknown[];

/** An object or list that is open and looked into. */
interface Open {
  readonly value: Outlined;
  readonly isList: boolean;
  key: string | undefined;
}

/** Reads the outline of one JSON text. Never throws; what is not JSON gives an outline without meaning. */
export class JsonOutline {
  readonly #open: Open[] = [];
  readonly #kept = new KeptBytes(MAX_TEXT_BYTES);
  #token: "none" | "text" | "bare" = "none";
  #isEscaped = false;
  /** The text is a name; else it is a value. */
  #isKey = false;
  /** How many skipped objects and lists are open. */
  #skipped = 0;
  #count = 0;
  #type: string | undefined;
  #root: unknown;

  /** What has been found so far: objects hold only small values and outlined objects. */
  get value(): unknown {
    return this.#root;
  }

  /** How many values have been found: it grows when there is more in {@link value}. */
  get count(): number {
    return this.#count;
  }

  /** The `type` of the outermost object, once it has gone by. */
  get type(): string | undefined {
    return this.#type;
  }

  /** Begins another text. */
  reset(): void {
    this.#open.length = 0;
    this.#kept.clear();
    this.#token = "none";
    this.#isEscaped = false;
    this.#isKey = false;
    this.#skipped = 0;
    this.#count = 0;
    this.#type = undefined;
    this.#root = undefined;
  }

  /** Takes the bytes from `from` up to `end`. */
  feed(bytes: Uint8Array, from = 0, end = bytes.length): void {
    for (let at = from; at < end;) {
      if (this.#token === "text") at = this.#text(bytes, at, end);
      else at = this.#token === "bare" ? this.#bare(bytes, at, end) : this.#structure(bytes, at);
    }
  }

  /** Ends a number or literal that nothing follows. */
  end(): void {
    if (this.#token === "bare") this.#bare(END, 0, END.length);
  }

  #text(bytes: Uint8Array, from: number, end: number): number {
    const close = this.#closingQuote(bytes, from, end);
    const isKept = this.#skipped === 0;
    if (close === end) {
      if (isKept) this.#kept.add(bytes, from, close);
      return end;
    }
    this.#token = "none";
    if (isKept) this.#endText(unescaped(this.#kept.textWith(bytes, from, close)));
    return close + 1;
  }

  /** Where the text ends, or `end`. */
  #closingQuote(bytes: Uint8Array, from: number, end: number): number {
    const near = Math.min(end, from + NEAR_BYTES);
    for (let at = from; at < near; at++) {
      const byte = bytes[at]!;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) return at;
    }
    return near < end ? near + this.#farQuote(bytes.subarray(near, end)) : end;
  }

  #farQuote(rest: Uint8Array): number {
    let from = this.#isEscaped ? 1 : 0;
    for (;;) {
      const quote = indexOfByte(rest, QUOTE, from);
      const at = quote < 0 ? rest.length : quote;
      this.#isEscaped = isEscapedAt(rest, at, from);
      if (quote < 0 || !this.#isEscaped) return at;
      from = quote + 1;
    }
  }

  #bare(bytes: Uint8Array, from: number, end: number): number {
    let close = from;
    while (close < end && !endsBare(bytes[close]!)) close++;
    if (close === end) this.#kept.add(bytes, from, close);
    else this.#endBare(this.#kept.textWith(bytes, from, close));
    return close;
  }

  #structure(bytes: Uint8Array, at: number): number {
    const byte = bytes[at]!;
    switch (byte) {
      case QUOTE:
        this.#token = "text";
        break;
      case OPEN_OBJECT:
      case OPEN_LIST:
        this.#openOne(byte === OPEN_LIST);
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        if (this.#skipped > 0) this.#skipped--;
        else this.#open.pop();
        this.#isKey = false;
        break;
      case COMMA:
        if (this.#skipped === 0) this.#isKey = this.#open.at(-1)?.isList === false;
        break;
      case COLON:
        break;
      default:
        if (byte <= 0x20 || this.#skipped > 0) break;
        this.#token = "bare";
        return at;
    }
    return at + 1;
  }

  #openOne(isList: boolean): void {
    const outer = this.#open.at(-1);
    const isWanted = outer === undefined || outer.isList || OUTLINED.has(outer.key ?? "");
    if (this.#skipped > 0 || !isWanted || this.#open.length >= MAX_DEPTH || this.#count >= MAX_VALUES) {
      this.#skipped++;
      return;
    }
    const value: Outlined = isList ? [] : Object.create(null);
    this.#put(value);
    this.#open.push({ value, isList, key: undefined });
    this.#isKey = !isList;
  }

  #endText(text: string): void {
    const outer = this.#open.at(-1);
    if (!this.#isKey || !outer) {
      if (outer?.key === "type" && this.#open.length === 1) this.#type = text;
      return this.#put(text);
    }
    outer.key = text;
    this.#isKey = false;
  }

  #endBare(text: string): void {
    this.#token = "none";
    this.#put(text === "true" ? true : text === "false" ? false : numberOrNull(text));
  }

  #put(value: unknown): void {
    if (this.#count >= MAX_VALUES) return;
    this.#count++;
    const outer = this.#open.at(-1);
    if (!outer) this.#root = value;
    else if (Array.isArray(outer.value)) outer.value.push(value);
    else if (outer.key !== undefined) outer.value[outer.key] = value;
  }
}

function endsBare(byte: number): boolean {
  return byte <= 0x20 || byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST;
}

function numberOrNull(text: string): number | null {
  const number = Number(text);
  return text === "null" || Number.isNaN(number) ? null : number;
}

// A text that was cut may end within an escape.
function unescaped(raw: string): string {
  if (!raw.includes("\\")) return raw;
  for (const text of [raw, raw.replace(/\\u?[0-9a-fA-F]{0,3}$/, ""), raw.replace(/\\.?/g, "")]) {
    try {
      return JSON.parse(`"${text.replace(/\p{Cc}/gu, " ")}"`);
    } catch {
      // The next one is shorter.
    }
  }
  return raw;
}
