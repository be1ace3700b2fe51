/**
 * Gives a request the name that another upstream has for its model: the one member of the body is changed, and no other
 * byte of it. Pure.
 * @module
 */

import { joined } from "../values/bytes.ts";
import { valueAfter } from "../values/json_bytes.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);

const DECODER = new TextDecoder();
const MAX_NAME_BYTES = 128;

/** A body of JSON with its model called as `names` has it; the same body when it names none of them. */
export function withModelNamed(
  json: Uint8Array<ArrayBuffer>,
  names: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  // Most keys name none, and a body has megabytes.
  if (Object.keys(names).length === 0) return json;
  const place = modelPlace(json);
  const known = place && DECODER.decode(json.subarray(place.start, place.end));
  if (!place || known === undefined || !Object.hasOwn(names, known)) return json;
  const name = new TextEncoder().encode(names[known]);
  return joined([json.subarray(0, place.start), name, json.subarray(place.end)]);
}

/** The same for JSON as text. */
export function textWithModelNamed(json: string, names: Readonly<Record<string, string>>): string {
  if (Object.keys(names).length === 0) return json;
  const bytes = new TextEncoder().encode(json);
  const named = withModelNamed(bytes, names);
  return named === bytes ? json : new TextDecoder().decode(named);
}

interface Place {
  /** The offset after the opening quote. */
  readonly start: number;
  /** The offset of the closing quote. */
  readonly end: number;
}

/** Where the name of the model is, as a member of the outermost object; `undefined` when it is not a short plain text. */
function modelPlace(json: Uint8Array): Place | undefined {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (OPEN.has(byte)) depth++;
    else if (CLOSE.has(byte)) depth--;
    else if (byte === QUOTE) {
      const end = closingQuote(json, at);
      if (end === undefined) return undefined;
      const isModel = depth === 1 && end - at === 6 && DECODER.decode(json.subarray(at + 1, end)) === "model";
      const value = isModel ? valueAfter(json, end + 1) : undefined;
      if (value !== undefined) return textAt(json, value);
      at = end;
    }
  }
  return undefined;
}

function textAt(json: Uint8Array, quote: number): Place | undefined {
  if (json[quote] !== QUOTE) return undefined;
  const end = closingQuote(json, quote);
  return end === undefined || end - quote > MAX_NAME_BYTES ? undefined : { start: quote + 1, end };
}

/** The offset of the quote that ends the text that begins at `quote`. */
function closingQuote(json: Uint8Array, quote: number): number | undefined {
  for (let end = json.indexOf(QUOTE, quote + 1); end >= 0; end = json.indexOf(QUOTE, end + 1)) {
    let escapes = 0;
    while (json[end - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return undefined;
}
