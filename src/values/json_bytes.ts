/**
 * Finds text fields in the bytes of a JSON document without parsing it: a conversation has megabytes, and the few
 * fields that a proxy needs are short. A match inside another text is recognised by the backslash before its quotes; a
 * match in nested data counts.
 * @module
 */

import { QuotedWords } from "./quoted_words.ts";

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;

// Preparing a search costs more than a search in a short text.
const searches = new Map<string, QuotedWords>();

/**
 * The first value of a field that holds a text without escapes of at most `maxBytes`; `undefined` when there is none.
 * The name is of plain ASCII.
 */
export function textField(json: Uint8Array, name: string, maxBytes: number): string | undefined {
  const search = searches.get(name) ?? new QuotedWords([name]);
  searches.set(name, search);
  let value: string | undefined;
  search.each(json, ({ end }) => {
    const at = valueAfter(json, end);
    value = at === undefined ? undefined : textAt(json, at, maxBytes);
    return value === undefined;
  });
  return value;
}

/** Where the value of a field begins whose name ends at `nameEnd`; `undefined` when it is not the name of a field. */
export function valueAfter(json: Uint8Array, nameEnd: number): number | undefined {
  const colon = afterBlanks(json, nameEnd);
  return json[colon] === COLON ? afterBlanks(json, colon + 1) : undefined;
}

/**
 * The text that begins at `at` with its quote; `undefined` for anything else, for an empty text, one with escapes or a
 * longer one.
 */
function textAt(json: Uint8Array, at: number, maxBytes: number): string | undefined {
  if (json[at] !== QUOTE) return undefined;
  const value = json.subarray(at + 1, at + 2 + maxBytes);
  const length = value.indexOf(QUOTE);
  if (length < 1) return undefined;
  const text = value.subarray(0, length);
  return text.includes(BACKSLASH) ? undefined : DECODER.decode(text);
}

const DECODER = new TextDecoder();

/** Limits of a list that is read. */
export interface ListLimits {
  /** It ends at a longer text, as at anything else but a plain text. */
  readonly maxBytes: number;
  /** The rest is not read. */
  readonly maxValues: number;
}

/** The text that begins at `at`, or the texts of the list that begins there. */
export function textsAt(
  json: Uint8Array,
  at: number,
  { maxBytes, maxValues }: ListLimits,
): readonly string[] {
  const isList = json[at] === OPEN_LIST;
  const texts: string[] = [];
  for (let next = isList ? afterBlanks(json, at + 1) : at; texts.length < maxValues;) {
    const text = textAt(json, next, maxBytes);
    if (text === undefined) break;
    texts.push(text);
    const end = afterBlanks(json, json.indexOf(QUOTE, next + 1) + 1);
    if (!isList || json[end] !== COMMA) break;
    next = afterBlanks(json, end + 1);
  }
  return texts;
}

/** Whether the byte at `at` is escaped, within a text of which the part from `from` on is looked at. */
export function isEscapedAt(json: Uint8Array, at: number, from: number): boolean {
  let first = at;
  while (first > from && json[first - 1] === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

function afterBlanks(json: Uint8Array, from: number): number {
  let at = from;
  while (isBlank(json[at])) at++;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
