/**
 * Finds text fields in the bytes of a JSON document without parsing it: a conversation has megabytes, and the few
 * fields that a proxy needs are short. A match inside another text is recognised by the backslash before its quotes; a
 * match in nested data counts.
 * @module
 */

import { Buffer } from "node:buffer";

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const COLON = 0x3a;
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Limits of a search. */
export interface FieldSearch {
  /** Longer values are skipped. */
  readonly maxBytes: number;
  /** At most this many values; absent: all of them. */
  readonly maxValues?: number;
}

/** The first value of a field that holds a text without escapes; `undefined` when there is none. */
export function textField(json: Uint8Array, name: string, maxBytes: number): string | undefined {
  return textFields(json, name, { maxBytes, maxValues: 1 })[0];
}

/** The values of all fields of a name that hold a text without escapes, in order. */
export function textFields(json: Uint8Array, name: string, search: FieldSearch): readonly string[] {
  const buffer = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  const quoted = `"${name}"`;
  const values: string[] = [];
  for (let at = buffer.indexOf(quoted); at >= 0; at = buffer.indexOf(quoted, at + 1)) {
    if (at > 0 && buffer[at - 1] === BACKSLASH) continue;
    const value = textAfterColon(buffer, at + quoted.length, search.maxBytes);
    if (value !== undefined) values.push(value);
    if (values.length === search.maxValues) break;
  }
  return values;
}

function textAfterColon(buffer: Buffer, from: number, maxBytes: number): string | undefined {
  const colon = afterBlanks(buffer, from);
  if (buffer[colon] !== COLON) return undefined;
  const open = afterBlanks(buffer, colon + 1);
  if (buffer[open] !== QUOTE) return undefined;
  const close = buffer.subarray(0, open + maxBytes + 2).indexOf(QUOTE, open + 1);
  if (close <= open + 1) return undefined;
  const value = buffer.subarray(open + 1, close);
  return value.includes(BACKSLASH) ? undefined : value.toString("utf8");
}

function afterBlanks(buffer: Buffer, from: number): number {
  let at = from;
  while (BLANKS.has(buffer[at] ?? 0)) at++;
  return at;
}
